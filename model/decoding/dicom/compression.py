"""Decode a compressed frame of a DICOM file, recognised by its first bytes."""

import io
import re

import numpy as np
from PIL import Image

from model.decoding.decoder_process import decode
from model.decoding.dicom import codecs
from model.decoding.limits import MAX_DICOM_PIXELS, MAX_SCANS, check_size
from model.decoding.raster import check_last_rows

MAX_SAMPLES = 36_000_000
"""Maximum number of samples, pixels times colours, of a frame: JPEG 2000 takes ten bytes each."""

JPEG, _JPEG_2000, _JP2 = b"\xff\xd8\xff", b"\xff\x4f\xff\x51", b"\0\0\0\x0cjP  "
_JPEG_XL = (b"\xff\x0a", b"\0\0\0\x0cJXL ")

RUN_LENGTHS = re.compile(rb"[\x01-\x0f]\0{3}@\0{3}")
"""First bytes of a frame of run lengths: the number of its segments, and where the first is."""

_FRAME_HEADER = re.compile(
    rb"\xff([\xc0-\xc3\xc5-\xc7\xc9-\xcb\xcd-\xcf\xf7])..(.)(..)(..)(.)", re.S
)
"""Header of a JPEG frame: marker, precision, height, width, number of components."""

_LOSSLESS, _LS, _LOSSY = b"\xc3", b"\xf7", (b"\xc0", b"\xc1", b"\xc2")
"""Markers of lossless JPEG, of JPEG-LS, and of the lossy JPEG that Pillow decodes up to 8 bits."""

_END = b"\xff\xd9"
"""Marker of the end of a JPEG frame."""

_ONE_EACH = 0x11
"""Second byte after the frame header of an image that is not subsampled."""


class UnsupportedCompression(ValueError):
    """There is no decoder for the compression."""


def begins_frame(data: bytes) -> bool:
    """Tell whether data begins as the compressed frames that are recognised."""
    codestreams = (JPEG, _JPEG_2000, _JP2, *_JPEG_XL)
    return data.startswith(codestreams) or bool(RUN_LENGTHS.match(data))


def decode_frame(data: bytes, photometric: str) -> tuple[np.ndarray, bool]:
    """Decode a frame of JPEG (lossy, lossless, LS, 2000, high-throughput 2000 or XL).

    Args:
        data: the codestream.
        photometric: photometric interpretation that the file declares.

    Returns:
        Integers (height, width) or (height, width, colours), and whether colours that may have been
        stored as luminance and chrominance have become RGB.

    Raises:
        UnsupportedCompression: the codestream has another format.
        OverflowError: decoding would take too much memory or time.
        Exception: any exception of a decoder, for a broken codestream.
    """
    if data.startswith(JPEG):
        return _decode_jpeg(data, photometric)
    if data.startswith((_JPEG_2000, _JP2)):
        size = data.find(_JPEG_2000) + 8
        bounds = [int.from_bytes(data[i : i + 4], "big") for i in range(size, size + 16, 4)]
        samples = int.from_bytes(data[size + 32 : size + 34], "big")
        _check(bounds[0] - bounds[2], bounds[1] - bounds[3], samples)
        # The fifth byte after the next marker, COD, tells whether colours were transformed.
        transformed = re.search(rb"\xff\x52.{6}\x01", data[size : size + 300], re.S)
        return decode(codecs.decode_jpeg_2000, data), bool(transformed)
    if data.startswith(_JPEG_XL):
        return decode(codecs.decode_jpeg_xl, data), True
    raise UnsupportedCompression


def _decode_jpeg(data: bytes, photometric: str) -> tuple[np.ndarray, bool]:
    if not (header := _FRAME_HEADER.search(data)):
        raise ValueError("no frame header")
    marker, precision, *sizes = header.groups()
    height, width, samples = (int.from_bytes(size, "big") for size in sizes)
    _check(width, height, samples)
    if data.count(b"\xff\xda") > MAX_SCANS:
        raise OverflowError("scans")
    if marker == _LS:
        return decode(codecs.decode_jpeg_ls, data), False
    if marker == _LOSSLESS:
        return decode(codecs.decode_lossless_jpeg, data, samples), False
    if precision != b"\x08" or marker not in _LOSSY:
        return decode(codecs.decode_jpeg, data), True
    data = data.rstrip(b"\0")
    stream = io.BytesIO(data + _END)  # Some encoders leave it out.
    with Image.open(stream, formats=("JPEG",)) as image:
        check_size(image, stream)
        # Without a marker, Pillow assumes YCbCr. Subsampled colours are YCbCr, whatever the file
        # declares.
        is_marked = {"adobe_transform", "jfif"} & image.info.keys()
        is_shared = data[header.end() + 1] != _ONE_EACH
        as_stored = photometric == "RGB" and not is_marked and not is_shared
        if as_stored:
            image.draft("YCbCr", image.size)
        image.load()
        if not data.endswith(_END):
            check_last_rows(image)
        return np.asarray(image), not as_stored


def _check(width: int, height: int, samples: int) -> None:
    if width * height > MAX_DICOM_PIXELS or width * height * samples > MAX_SAMPLES:
        raise OverflowError(f"{width} x {height} pixels")
