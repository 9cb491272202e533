"""Read the lookup tables of DICOM files: modality, window and palette."""

import numpy as np

from model.decoding.dicom.windowing import Table

_MAX_ENTRIES = 2**16

_DISCRETE, _LINEAR, _INDIRECT = range(3)
"""Kinds of segment of a segmented palette (PS3.3, C.7.9.2)."""


def read_table(sequence, order: str) -> Table | None:
    """Read the table of a modality or VOI LUT sequence; None if it has none.

    Args:
        sequence: items of pydicom, or None.
        order: of the bytes, "<" or ">".
    """
    for item in sequence or ():
        descriptor, data = item.get("LUTDescriptor"), item.get("LUTData")
        if _is_descriptor(descriptor) and data:
            return _table(descriptor, _numbers(data, descriptor, order))
    return None


def read_palette(dataset, order: str) -> list[Table]:
    """Read the palette of an image.

    Args:
        dataset: of pydicom.
        order: of the bytes, "<" or ">".

    Returns:
        A table each for red, green and blue; empty if there is no palette.
    """
    tables = []
    for colour in ("Red", "Green", "Blue"):
        descriptor = dataset.get(f"{colour}PaletteColorLookupTableDescriptor")
        data = dataset.get(f"{colour}PaletteColorLookupTableData")
        segments = dataset.get(f"Segmented{colour}PaletteColorLookupTableData")
        if not _is_descriptor(descriptor) or not (data or segments):
            return []
        if data:
            values = _numbers(data, descriptor, order)
        else:
            kind = "u1" if descriptor[2] == 8 else f"{order}u2"
            segments = segments[: len(segments) // 2 * 2]
            values = _expand(np.frombuffer(segments, kind).tolist())
        tables.append(_table(descriptor, values))
    # Tables of different ranges would tint the image.
    bits = max(table.bits for table in tables)
    return [Table(table.values, table.first, bits) for table in tables]


def _is_descriptor(descriptor) -> bool:
    return hasattr(descriptor, "__len__") and len(descriptor) == 3


def _numbers(data, descriptor, order: str) -> np.ndarray:
    """Return the entries of a table as integers."""
    if not isinstance(data, bytes):
        return np.atleast_1d(np.asarray(data, np.int64)) & 0xFFFF
    count = descriptor[0] or _MAX_ENTRIES
    # Entries are bytes or words; files with 8 bits may use either. A table of words may be short.
    has_bytes = len(data) < 2 * count and (descriptor[2] <= 8 or len(data) - count in (0, 1))
    kind = "u1" if has_bytes else f"{order}u2"
    if kind == "u1" and order == ">":
        # Each word has two entries, the first one in its low byte.
        data = np.frombuffer(data, "u2", len(data) // 2).byteswap().tobytes()
    return np.frombuffer(data, kind, len(data) // int(kind[-1])).astype(np.int64)


def _table(descriptor, values: np.ndarray) -> Table:
    count, first, bits = (int(number) for number in descriptor)
    values = values[: (count & 0xFFFF) or _MAX_ENTRIES]
    # Negative numbers are read as large ones where the file does not say which it means.
    first = first - 2**16 if first + len(values) > 2**16 else first
    used = max(8, int(values.max()).bit_length())
    # Many tables declare 16 bits and use 8 or 12.
    return Table(values, first, bits if used <= bits < used + 2 else used)


def _expand(data: list[int], start: int = 0, count: int | None = None, last: int = 0) -> np.ndarray:
    """Expand a segmented palette.

    Args:
        data: segments, each its kind, its length and its values.
        start: index of the first segment.
        count: number of segments, all if None.
        last: value before the first segment.
    """
    values, position, is_copy = [np.array([last])], start, count is not None
    entries = 0
    while position + 2 < len(data) and entries < _MAX_ENTRIES and count != 0:
        kind, length = data[position : position + 2]
        position += 2
        if kind == _DISCRETE:
            segment = np.array(data[position : position + length], np.int64)
            position += length
        elif kind == _LINEAR:
            before, after = values[-1][-1], data[position]
            segment = np.rint(np.linspace(before, after, length + 1)[1:]).astype(np.int64)
            position += 1
        elif kind == _INDIRECT and not is_copy:
            offset = data[position] | data[position + 1] << 16
            segment = _expand(data, offset, length, values[-1][-1])
            position += 2
        else:
            raise ValueError(f"segment of kind {kind}")
        if len(segment):
            values.append(segment)
        entries += len(segment)
        count = None if count is None else count - 1
    return np.concatenate(values[1:] or [np.empty(0, np.int64)])[:_MAX_ENTRIES]
