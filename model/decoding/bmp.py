"""Read BMP files with runs, or with bit masks that Pillow does not support."""

import struct
from collections.abc import Iterable

import numpy as np
from PIL import Image

from model.decoding.limits import MAX_PIXELS

_BIT_FIELDS = 3
"""Compression of files whose header has a bit mask for each colour."""

_HEADER_BYTES = 40
"""Length of the shortest header that names a compression, in bytes."""

_RUNS, _HALF_BYTE_RUNS = 1, 2
"""Compressions of palette indices of 8 and of 4 bits."""

_END_OF_ROW, _END, _MOVE = range(3)
"""Commands that may follow a count of 0; higher values are a number of single pixels."""


def read_bit_fields(content: bytes) -> Image.Image:
    """Decode a BMP file whose header has bit masks for red, green, blue and alpha.

    Raises:
        OverflowError: it has more pixels than ``limits.MAX_PIXELS``.
        ValueError: it has no such header, or not all of its pixels.
    """
    start, header_bytes, width, height = struct.unpack_from("<2I2i", content, 10)
    bits, compression = struct.unpack_from("<HI", content, 28)
    if compression != _BIT_FIELDS or bits not in (16, 32):
        raise ValueError("no bit masks")
    if width * abs(height) > MAX_PIXELS:
        raise OverflowError(f"{width} x {height} pixels")
    dtype = np.dtype(f"<u{bits // 8}")
    row_pixels = -(-width * bits // 32) * 32 // bits
    pixels = np.frombuffer(content, dtype, abs(height) * row_pixels, start)
    pixels = pixels.reshape(abs(height), row_pixels)[:, :width]
    masks = [mask % 2**bits for mask in struct.unpack_from("<4I", content, 54)]
    channels = [_channel(pixels, mask) for mask in masks[:3]]
    if header_bytes >= 56 and masks[3] and (pixels & masks[3]).any():
        channels.append(_channel(pixels, masks[3]))
    return Image.fromarray(np.dstack(channels)[:: -1 if height > 0 else 1])


def unpacked(content: bytes) -> bytes:
    """Unpack the runs of a BMP file, which Pillow misreads if they leave their row.

    A row goes on in the next one, unless an end of the row follows: as in ImageMagick, and unlike
    in browsers, which need those ends.

    Args:
        content: of a file of any format; it is returned if there are no runs.

    Raises:
        OverflowError: it has more pixels than ``limits.MAX_PIXELS``.
    """
    start, header_bytes, width, height = struct.unpack_from("<2I2i", content, 10)
    compression = int.from_bytes(content[30:34], "little")
    has_runs = header_bytes >= _HEADER_BYTES and compression in (_RUNS, _HALF_BYTE_RUNS)
    if not has_runs or width <= 0 or height <= 0:
        return content
    if width * height > MAX_PIXELS:
        raise OverflowError(f"{width} x {height} pixels")
    expand = bytes if compression == _RUNS else _halves
    size, pixels = width * height, bytearray(width * height)
    position, row, pixel = start, 0, 0
    while position + 1 < len(content) and pixel < size:
        (count, value), values = content[position : position + 2], b""
        position += 2
        if count:
            values = (expand([value]) * count)[:count]
        elif value == _END_OF_ROW:
            row += 1
            pixel = row * width
        elif value == _END:
            break
        elif value == _MOVE:
            right, up = content[position : position + 2].ljust(2, b"\0")
            position += 2
            row += up
            pixel += right + up * width
        else:
            length = value if compression == _RUNS else (value + 1) // 2
            values = expand(content[position : position + length])[:value]
            position += length + length % 2
        pixels[pixel : pixel + len(values)] = values
        pixel += len(values)
    rows = np.frombuffer(pixels, np.uint8, size).reshape(height, width)
    header = content[:28] + struct.pack("<HI", 8, 0) + content[34:start]
    return header + np.pad(rows, ((0, 0), (0, -width % 4))).tobytes()


def _halves(data: Iterable[int]) -> bytes:
    """Return the two halves of each byte."""
    return bytes(half for byte in data for half in (byte >> 4, byte & 0xF))


def _channel(pixels: np.ndarray, mask: int) -> np.ndarray:
    """Scale the bits of a mask to 0..255."""
    shift = (mask & -mask).bit_length() - 1
    values = (pixels & mask) >> shift
    return np.rint(values * np.float32(255 / (mask >> shift))).astype(np.uint8)
