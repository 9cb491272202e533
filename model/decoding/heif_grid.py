"""Decode photos of phones, which are grids of tiles, with FFmpeg: libheif takes twice as long."""

import io
import struct
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import av
import numpy as np
from PIL import Image

_THREADS = 2
"""For the tiles of a photo."""

_MATRICES = (2, 5, 6)
"""Matrix coefficients (ITU-T H.273) of Pillow's YCbCr: those of BT.601, or unspecified."""


def read_grid(data: bytes, photo, factor: int) -> np.ndarray:
    """Decode and shrink the main image of a HEIF file that is a grid of tiles.

    Args:
        data: the file.
        photo: the file as pillow-heif opens it.
        factor: a power of two, 2 or more.

    Returns:
        Upright RGB image, uint8 (height, width, 3), divided by the factor.

    Raises:
        Exception: the image is broken, is something other than a grid of HEVC tiles of 8 bits, is
            cropped or mirrored, has transparency or other colours than JPEG, or has sides that the
            factor does not divide.
    """
    colours = photo.info.get("nclx_profile", {"matrix_coefficients": 2, "full_range_flag": 1})
    if (
        photo.mode != "RGB"
        or colours["matrix_coefficients"] not in _MATRICES
        or not colours["full_range_flag"]
    ):
        raise ValueError("other colours")
    if any(side % factor for side in photo.size):
        raise ValueError("squares that lie on the edge")
    quarters = _quarter_turns(photo)
    shape = photo.info["tiling"]["num_rows"], photo.info["tiling"]["num_columns"]
    rows, columns = shape[:: -1 if quarters % 2 else 1]
    height, width = (side // factor for side in photo.size[:: 1 if quarters % 2 else -1])
    with av.open(io.BytesIO(data), format="mov", options={"analyzeduration": "0"}) as file:
        headers = {stream.id: stream.codec_context.extradata for stream in file.streams}
        packets = {packet.stream.id: packet for packet in file.demux() if packet.size}
        if len(headers) != len(file.streams):
            raise ValueError("an image and a video of the same number")

    def decode(item: int) -> np.ndarray:
        return _decode_tile(headers[item], packets[item], factor)

    with ThreadPoolExecutor(_THREADS) as pool:
        tiles = np.stack(list(pool.map(decode, _tiles(data))))
    tiles = tiles.reshape(rows, columns, *tiles.shape[1:])
    grid = tiles.swapaxes(1, 2).reshape(rows * tiles.shape[2], columns * tiles.shape[3], 3)
    if grid.shape[0] < height or grid.shape[1] < width:
        raise ValueError("tiles that do not cover the image")
    return np.rot90(grid[:height, :width], quarters)


def _quarter_turns(photo) -> int:
    """Return the number of quarter turns to the left that make a photo upright.

    Raises:
        ValueError: it is transformed in another way.
    """
    # pillow-heif 1.8 has them only there.
    match photo[photo.primary_index]._c_image.transformations:
        case ():
            return 0
        case (("irot", degrees),):
            return degrees // 90
    raise ValueError("other transforms")


def _decode_tile(header: bytes, packet: av.Packet, factor: int) -> np.ndarray:
    """Decode a tile and average squares of ``factor`` pixels: uint8 RGB."""
    decoder = av.CodecContext.create("hevc", "r")
    decoder.extradata = header
    decoder.thread_count = 1
    decoder.options = {"err_detect": "explode"}
    [frame] = [*decoder.decode(packet), *decoder.decode(None)]
    if frame.format.name != "yuvj420p" or frame.colorspace not in _MATRICES:
        raise ValueError("other colours")
    if frame.width % factor or frame.height % factor:
        raise ValueError("squares that lie on two tiles")
    luma, *chroma = (
        Image.frombuffer("L", (plane.width, plane.height), plane, "raw", "L", plane.line_size, 1)
        for plane in frame.planes
    )
    channels = [luma.reduce(factor), *(plane.reduce(factor // 2) for plane in chroma)]
    return np.asarray(Image.merge("YCbCr", channels).convert("RGB"))


def _tiles(data: bytes) -> tuple[int, ...]:
    """Return the numbers of the tiles of the main image, row by row.

    Raises:
        LookupError, struct.error, ValueError: there are none, or the file is unusual.
    """
    [(start, end)] = _boxes(data, 0, len(data), b"meta")
    [(primary, _)] = _boxes(data, start + 4, end, b"pitm")
    [(references, references_end)] = _boxes(data, start + 4, end, b"iref")
    if data[primary] or data[references]:  # Versions of these boxes.
        raise ValueError("items with numbers of 32 bits")
    [main] = struct.unpack_from(">H", data, primary + 4)
    for position, _ in _boxes(data, references + 4, references_end, b"dimg"):
        source, count = struct.unpack_from(">HH", data, position)
        if source == main:
            return struct.unpack_from(f">{count}H", data, position + 4)
    raise LookupError("the main image has no tiles")


def _boxes(data: bytes, start: int, end: int, kind: bytes) -> Iterator[tuple[int, int]]:
    """Yield start and end of the content of the boxes of one kind."""
    while start + 8 <= end:
        size, found = struct.unpack_from(">I4s", data, start)
        if size < 8:  # A size of 64 bits, or up to the end: all wanted boxes come earlier.
            return
        if found == kind:
            yield start + 8, start + size
        start += size
