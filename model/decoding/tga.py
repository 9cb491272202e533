"""Correct alpha, palettes and runs of TGA files, which Pillow misreads."""

import io
import struct

from PIL import Image

_HEADER = struct.Struct("<BBBHHBHHHHBB")
_ALPHA_BITS = 15
"""Mask of the number of alpha bits in the last byte of a header."""

_WITHOUT_ALPHA = {"BGRA": "BGRX", "BGRA;15Z": "BGR;15"}
"""Layouts of pixels, and those in which the same bytes have no alpha."""

_COMPRESSED = 8
"""Flag of a compressed kind of image."""


def correct(image: Image.Image, file: io.BufferedIOBase) -> None:
    """Remove false alpha and palettes from a TGA image before it is loaded.

    Args:
        image: opened by Pillow.
        file: the open file that contains it.
    """
    file.seek(0)
    *_, depth, flags = _HEADER.unpack(file.read(_HEADER.size))
    # Some programs set the highest of 16 bits for opaque pixels, others for transparent ones.
    if image.mode == "RGBA" and (depth == 16 or not flags & _ALPHA_BITS):
        image._mode = "RGB"
        image.tile = [
            tile._replace(args=(_WITHOUT_ALPHA[tile.args[0]], *tile.args[1:]))
            for tile in image.tile
        ]
    if image.mode != "P":
        image.palette = None
    elif image.palette.rawmode in _WITHOUT_ALPHA:
        image.palette.mode = "RGB"
        image.palette.rawmode = _WITHOUT_ALPHA[image.palette.rawmode]


def unpacked(content: bytes) -> bytes:
    """Unpack the runs of a TGA file; Pillow refuses those that continue in the next row.

    Args:
        content: content of a file of any format; returned as it is if there are no runs.
    """
    if len(content) < _HEADER.size or content[1] > 1 or content[2] not in (9, 10, 11):
        return content
    id_bytes, _, kind, _, colours, colour_bits, *_, width, height, depth, _ = _HEADER.unpack_from(
        content
    )
    start = position = _HEADER.size + id_bytes + colours * colour_bits // 8
    pixel_bytes = -(-depth // 8)
    pixels = bytearray()
    while position < len(content) and len(pixels) < width * height * pixel_bytes:
        count = (content[position] & 127) + 1
        is_run = content[position] & 128
        size = pixel_bytes * (1 if is_run else count)
        pixels += content[position + 1 : position + 1 + size] * (count if is_run else 1)
        position += 1 + size
    return content[:2] + bytes([kind - _COMPRESSED]) + content[3:start] + pixels
