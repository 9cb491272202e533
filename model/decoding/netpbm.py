"""Read Netpbm images (.pbm, .pgm, .ppm, .pam, .pfm); called in the decoder process."""

import re
from typing import NamedTuple

import numpy as np
from PIL import ImageOps

from model.decoding.conversion import to_image, to_rgb
from model.decoding.frames import Frames, pack
from model.decoding.limits import GREY, MAX_MISSING_ROWS, MAX_PIXELS, MAX_SIDE
from model.decoding.raster import upright

_GAP = rb"(?:\s++|#[^\r\n]*+[\r\n])++"
"""White space and comments between two numbers of a header."""

_SIZES = re.compile(rb"P[1-6]%b(\d{1,9})%b(\d{1,9})" % (_GAP, _GAP))
_MAXIMUM = re.compile(_GAP + rb"(\d{1,5})")
_LAST_SPACE = re.compile(rb"#[^\r\n]*+[\r\n]|\s")
"""The end of a header: one white-space character, or a comment."""

_FLOAT_HEADER = re.compile(rb"P([Ff])\s+(\d{1,9})\s+(\d{1,9})\s+([-+.\deE]+)\s")
_PAM_END = b"\nENDHDR\n"
_COMMENT = re.compile(rb"#[^\r\n]*+")


class _Header(NamedTuple):
    """What a file declares.

    Attributes:
        width: in pixels.
        height: in pixels.
        channels: values of a pixel.
        maximum: the value of white.
        end: where the values begin in the file.
    """

    width: int
    height: int
    channels: int
    maximum: int
    end: int


def read_netpbm(data: bytes) -> list[np.ndarray]:
    """Decode the first image of a Netpbm file; rows that are missing at its end are grey.

    Returns:
        The image, as ``frames.pack`` returns it.

    Raises:
        OverflowError: it has more pixels than ``limits.MAX_PIXELS``.
        Exception: any exception of numpy, for a broken file.
    """
    if data[1:2] in b"Ff":
        values = _read_floats(data)
        height = len(values)
    else:
        header = _read_pam_header(data) if data[1:2] == b"7" else _read_header(data)
        values, height = _scale(_read_rows(data, header), header.maximum), header.height
    image = to_image(values)
    if image.height < height:
        border = (0, 0, 0, height - image.height)
        image = ImageOps.expand(to_rgb(image), border, (GREY,) * 3)
    return pack(Frames([to_rgb(upright(image))], [0], 1))


def _read_header(data: bytes) -> _Header:
    sizes = _SIZES.match(data)
    maximum, end = 1, sizes.end()
    if data[1:2] not in b"14":
        match = _MAXIMUM.match(data, end)
        maximum, end = int(match[1]), match.end()
    end = _LAST_SPACE.match(data, end).end()
    channels = 3 if data[1:2] in b"36" else 1
    return _Header(int(sizes[1]), int(sizes[2]), channels, maximum, end)


def _read_pam_header(data: bytes) -> _Header:
    end = data.index(_PAM_END)
    lines = (line.split() for line in bytes(data[:end]).splitlines())
    fields = {line[0]: line[1] for line in lines if len(line) == 2}
    numbers = (int(fields[name]) for name in (b"WIDTH", b"HEIGHT", b"DEPTH", b"MAXVAL"))
    return _Header(*numbers, end + len(_PAM_END))


def _check_size(width: int, height: int) -> None:
    if width * height > MAX_PIXELS or max(width, height) > MAX_SIDE:
        raise OverflowError(f"{width} x {height} pixels")


def _read_rows(data: bytes, header: _Header) -> np.ndarray:
    """Read the rows that a file has: (rows, width, channels), booleans for bits."""
    width, height, channels, _, _ = header
    _check_size(width, height)
    values = _read_values(data, header)
    rows = min(height, len(values) // (width * channels))
    if rows < height * (1 - MAX_MISSING_ROWS):
        raise ValueError("too much of the image is missing")
    return values[: rows * width * channels].reshape(rows, width, channels)


def _read_values(data: bytes, header: _Header) -> np.ndarray:
    """Read the values that a file has, in one dimension."""
    magic, start = data[:2], header.end
    if magic == b"P1":
        digits = _COMMENT.sub(b"", data[start:]).translate(None, b" \t\v\f\r\n")
        if digits.strip(b"01"):
            raise ValueError("a value other than 0 and 1")
        return np.frombuffer(digits, np.uint8) == ord("0")
    if magic in (b"P2", b"P3"):
        return np.fromstring(_COMMENT.sub(b"", data[start:]), np.int32, sep=" ")
    if magic == b"P4":
        row_bytes = -(-header.width // 8)
        rows = min(header.height, (len(data) - start) // row_bytes)
        packed = np.frombuffer(data, np.uint8, rows * row_bytes, start).reshape(rows, row_bytes)
        return np.unpackbits(packed, axis=1, count=header.width).reshape(-1) == 0
    dtype = np.dtype("u1" if header.maximum < 256 else ">u2")
    return np.frombuffer(data, dtype, (len(data) - start) // dtype.itemsize, start)


def _scale(values: np.ndarray, maximum: int) -> np.ndarray:
    """Scale values to the range of 8 bits, or of 16 if white takes more than 8."""
    if values.dtype == bool:
        return values
    white = 255 if maximum < 256 else 65_535
    dtype = np.uint8 if white == 255 else np.uint16
    if values.min() < 0 or values.max() > maximum:
        raise ValueError("a value above the maximum")
    if maximum == white:
        return values.astype(dtype)
    return ((values.astype(np.uint32) * white + maximum // 2) // maximum).astype(dtype)


def _read_floats(data: bytes) -> np.ndarray:
    """Read the values of a PFM file, which has its last row first."""
    header = _FLOAT_HEADER.match(data)
    kind, width, height, scale = header.groups()
    shape = (int(height), int(width), 3 if kind == b"F" else 1)
    _check_size(*shape[:2])
    dtype = np.dtype("<f4" if float(scale) < 0 else ">f4")
    return np.ndarray(shape, dtype, data, header.end())[::-1]
