"""Read damaged files as browsers do; called in the decoder process."""

import contextlib
import io
import struct
import zlib

import numpy as np
from PIL import Image

from model.decoding import bmp, gif, tga
from model.decoding.bands import row_bands
from model.decoding.conversion import to_rgb
from model.decoding.frames import Frames, pack
from model.decoding.limits import GREY, MAX_MISSING_ROWS, check_size
from model.decoding.raster import FORMATS, draft, read_raster, upright

_MODES = ("L", "LA", "P", "RGB", "RGBA", "CMYK")

_GREYS = ("I", "I;16", "I;16B")
"""Modes of grey values of more than 8 bits."""

_UNLIKELY = 0x5A5B
"""Fill value of missing rows, which hardly any row has everywhere."""

_PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_PNG_CHUNKS = (b"IHDR", b"PLTE", b"tRNS", b"eXIf", b"IDAT", b"IEND")
"""The chunks that pixels and their orientation need; others may be damaged or larger than Pillow
allows."""

_PNG_TRANSPARENCY = {0: 2, 2: 6}
"""Size of the chunk tRNS for each colour type with one transparent value, grey or a colour."""

_JPEG_PROGRESSIVE, _JPEG_SCAN, _JPEG_END = b"\xff\xc2", b"\xff\xda", b"\xff\xd9"

_JPEG_ROWS = 18
"""Number of rows that libjpeg may hold back until it finds the end: a row of blocks, and two more
to smooth the colours."""


def read_slow_or_damaged(content: bytes) -> list[np.ndarray]:
    """Decode a file that Pillow decodes slowly, or not to its end.

    Returns:
        Images, as ``frames.pack`` returns them.

    Raises:
        OverflowError: it would take too much memory or time to decode.
        Exception: more than ``MAX_MISSING_ROWS`` of the rows are missing, or it cannot be opened.
    """
    content = _restored(content)
    try:
        return pack(read_raster(io.BytesIO(content)))
    except (OverflowError, Image.DecompressionBombError) as error:
        raise OverflowError from error
    # The traceback keeps an image in memory until the handler ends, so decode again after it.
    except Exception:  # nosec B110  # what follows reads the file in another way
        pass
    if content.startswith(b"BM"):
        with contextlib.suppress(ValueError):
            return pack(Frames([to_rgb(upright(bmp.read_bit_fields(content)))], [0], 1))
    return pack(Frames([_read_incomplete(content)], [0], 1))


def _read_incomplete(content: bytes) -> Image.Image:
    """Decode as many rows of a file as there are to RGB; the others become grey."""
    if content.startswith(b"\xff\xd8"):
        # Without its end marker, and what an interrupted download left empty, Pillow fails at the
        # rows that are missing.
        content = content.rstrip(b"\0").removesuffix(_JPEG_END)
    image = Image.open(io.BytesIO(content), formats=FORMATS)
    check_size(image, image.fp)
    if image.mode not in _MODES + _GREYS or image.info.get("interlace"):
        raise ValueError("missing rows cannot be recognised")
    draft(image)
    # Pillow decodes into this image, and leaves it when it fails.
    fill = GREY if image.mode in _MODES else _UNLIKELY
    image.im = Image.new(image.mode, image.size, (fill,) * len(image.getbands())).im
    try:
        image.load()
    except (OSError, SyntaxError, ValueError):
        image.tile = []
        missing = _missing_rows(image, fill)
        if missing.mean() > MAX_MISSING_ROWS:
            raise
        if image.format in ("JPEG", "MPO") and missing.sum() <= _JPEG_ROWS:
            image = Image.open(io.BytesIO(content + _JPEG_END), formats=FORMATS)
        if image.mode in ("P", *_GREYS):
            image = _paint(image, missing)
    return to_rgb(upright(image))


def _restored(content: bytes) -> bytes:
    """Complete a file, or remove parts that the pixels do not need."""
    if content.startswith(gif.SIGNATURES):
        return gif.without_comments(content)
    if content.startswith(_PNG_SIGNATURE):
        return _PNG_SIGNATURE + b"".join(_png_chunks(content))
    scans = content[content.rfind(_JPEG_PROGRESSIVE) :].count(_JPEG_SCAN)
    if content.startswith(b"\xff\xd8") and _JPEG_PROGRESSIVE in content and scans > 1:
        # The first scan of a progressive image has all rows; those that follow refine them.
        return content + _JPEG_END
    if content.startswith(b"BM"):
        return bmp.unpacked(content)
    return tga.unpacked(content)


def _png_chunks(content: bytes):
    position = len(_PNG_SIGNATURE)
    while position + 8 <= len(content):
        length, name = struct.unpack_from(">I4s", content, position)
        chunk = content[position + 8 : position + 8 + length]
        # Browsers ignore a transparent value of the wrong size.
        is_wrong = name == b"tRNS" and length != _PNG_TRANSPARENCY.get(content[25], length)
        if name in _PNG_CHUNKS and not is_wrong:
            checksum = struct.pack(">I", zlib.crc32(name + chunk))
            yield struct.pack(">I4s", len(chunk), name) + chunk + checksum
        position += length + 12


def _paint(image: Image.Image, missing: np.ndarray) -> Image.Image:
    """Convert an image to RGB, with grey for the rows that are missing."""
    last = int(np.flatnonzero(~missing)[-1]) + 1
    # Without the rows after it, which would widen the range of the values.
    painted = Image.new("RGB", image.size, (GREY,) * 3)
    painted.paste(to_rgb(image.crop((0, 0, image.width, last))))
    for row in np.flatnonzero(missing[:last]):
        painted.paste((GREY,) * 3, (0, row, image.width, row + 1))
    return painted


def _missing_rows(image: Image.Image, fill: int) -> np.ndarray:
    """Return which rows have only the fill value: booleans (height,)."""
    missing = np.empty(image.height, bool)
    for band in row_bands(image.height, image.width):
        rows = np.asarray(image.crop((0, band.start, image.width, band.stop)))
        missing[band] = (rows.reshape(len(rows), -1) == fill).all(axis=1)
    return missing
