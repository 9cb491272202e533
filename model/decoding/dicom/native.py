"""Read frames of DICOM files that are not compressed."""

import numpy as np

from model.decoding.dicom.pixel_element import DOUBLE, FLOAT, INTEGER, PixelElement
from model.decoding.dicom.pixel_format import PixelFormat
from model.decoding.limits import MAX_MISSING_ROWS

_PACKED = 12
"""Number of bits of the packed values of old files."""


def frame_bits(element: PixelElement, format: PixelFormat, frames: int) -> int:
    """Return the number of bits of a frame, given the number of frames that the file declares."""
    allocated = {FLOAT: 32, DOUBLE: 64}.get(element.number, format.allocated)
    bits = format.rows * format.columns * format.samples * allocated
    # Pairs of pixels should share their chrominance, but not all writers do so.
    shared = format.photometric.endswith("422") and 8 * element.length < frames * bits
    return format.rows * -(-format.columns // 2) * 32 if shared else bits


def read_frame(element: PixelElement, format: PixelFormat, index: int, frames: int) -> np.ndarray:
    """Read a frame.

    Args:
        element: the pixels.
        format: how they are stored.
        index: counted from 0.
        frames: the number of frames that the file declares.

    Returns:
        Integers or floats (height, width), or colours (height, width, samples), with fewer rows if
        few of them are missing.

    Raises:
        EOFError: more than ``MAX_MISSING_ROWS`` of the rows are missing.
        Exception: any exception of numpy, for a broken file.
    """
    bits = frame_bits(element, format, frames)
    if element.number == INTEGER and format.allocated == 1:
        return _arranged(_single_bits(element, index * bits, bits), format)
    if element.number == INTEGER and format.allocated == _PACKED:
        values = format.rows * format.columns * format.samples
        return _arranged(_packed(element, index * values, values), format)
    size = bits // 8
    start = index * size
    if size < format.rows * format.columns * format.samples:
        return _shared_colours(element.read(element.start + start, size), format)
    if element.swapped and format.allocated == 8:
        words = element.read(element.start, (start + size + 1) // 2 * 2)
        data = np.frombuffer(words, "u2", len(words) // 2).byteswap().tobytes()[start:]
    else:
        data = element.read(element.start + start, min(size, element.length - start))
    kind = {FLOAT: "f4", DOUBLE: "f8"}.get(
        element.number, f"{'i' if format.signed else 'u'}{format.allocated // 8}"
    )
    dtype = np.dtype(element.order + kind)
    values = np.frombuffer(data, dtype, min(size, len(data)) // dtype.itemsize)
    return _arranged(values.astype(dtype.newbyteorder("="), copy=False), format)


def _single_bits(element: PixelElement, start: int, count: int) -> np.ndarray:
    first, end = start // 8, -(-(start + count) // 8)
    packed = np.frombuffer(element.read(element.start + first, end - first), np.uint8)
    return np.unpackbits(packed, bitorder="little")[start % 8 :][:count]


def _packed(element: PixelElement, first: int, count: int) -> np.ndarray:
    """Read pairs of 12-bit values, which take three bytes each."""
    start, skipped = first // 2 * 3, first % 2
    length = (skipped + count + 1) // 2 * 3
    data = element.read(element.start + start, min(length, element.length - start))
    complete = len(data) * 8 // _PACKED
    bytes_ = np.frombuffer(data + bytes(-len(data) % 3), np.uint8).reshape(-1, 3)
    low, middle, high = bytes_.T.astype(np.uint16)
    values = np.stack([low | (middle & 0xF) << 8, middle >> 4 | high << 4], axis=-1)
    return values.reshape(-1)[:complete][skipped:][:count]


def _shared_colours(data: bytes, format: PixelFormat) -> np.ndarray:
    """Read colours whose chrominance is shared by two pixels."""
    pairs = np.frombuffer(data, np.uint8).reshape(format.rows, -1, 4)
    return pairs[..., [0, 2, 3, 1, 2, 3]].reshape(format.rows, -1, 3)[:, : format.columns]


def _arranged(values: np.ndarray, format: PixelFormat) -> np.ndarray:
    """Arrange samples as rows and columns, without the rows that are missing at the end."""
    if format.samples > 1 and format.planar:
        return values.reshape(format.samples, format.rows, format.columns).transpose(1, 2, 0)
    row = format.columns * format.samples
    rows = len(values) // row
    if rows < format.rows * (1 - MAX_MISSING_ROWS):
        raise EOFError
    values = values[: rows * row].reshape(rows, format.columns, format.samples)
    return values[..., 0] if format.samples == 1 else values
