"""Remove the rotation from HEIF files, because libheif rotates images slowly."""

import struct
from collections.abc import Iterator

_TRANSFORMS = (b"clap", b"imir", b"irot")
"""Properties that crop, mirror and rotate an image."""


def without_rotation(data: bytes) -> tuple[bytes, int]:
    """Remove the rotation of the main image, if that is its last transform.

    Args:
        data: a HEIF file that libheif opens.

    Returns:
        The file, and the number of quarter turns to the left that its decoded image needs.
    """
    try:
        position, size, quarters = _find_rotation(data)
    except (LookupError, struct.error, ValueError):
        return data, 0
    # Refer to property 0, which means none: other images may share the property itself.
    return b"".join([data[:position], bytes(size), data[position + size :]]), quarters


def _find_rotation(data: bytes) -> tuple[int, int, int]:
    """Find the main image's reference to its rotation: position, size in bytes, quarter turns.

    Raises:
        LookupError, struct.error, ValueError: there is none, or the file is unusual.
    """
    [meta] = _boxes(data, 0, len(data), b"meta")
    [primary] = _boxes(data, meta[1] + 4, meta[2], b"pitm")
    [properties] = _boxes(data, meta[1] + 4, meta[2], b"iprp")
    [container] = _boxes(data, *properties[1:], b"ipco")
    [associations] = _boxes(data, *properties[1:], b"ipma")
    kinds = [(b"", 0, 0), *_boxes(data, *container[1:])]
    [main] = struct.unpack_from(">I" if data[primary[1]] else ">H", data, primary[1] + 4)
    version, flags, count = struct.unpack_from(">B2xBI", data, associations[1])
    item, number = (">IB" if version else ">HB"), (">H" if flags & 1 else ">B")
    size, position = struct.calcsize(number), associations[1] + 8
    for _ in range(count):
        identifier, length = struct.unpack_from(item, data, position)
        position += struct.calcsize(item)
        if identifier == main:
            break
        position += size * length
    else:
        raise LookupError("the main image has no properties")
    positions = range(position, position + size * length, size)
    essential = 1 << 8 * size - 1
    named = [struct.unpack_from(number, data, position)[0] % essential for position in positions]
    transforms = [index for index, key in enumerate(named) if kinds[key][0] in _TRANSFORMS]
    last = transforms[-1]
    kind, start, _ = kinds[named[last]]
    if kind != b"irot":
        raise ValueError("another transform is the last one")
    return positions[last], size, data[start] & 3


def _boxes(
    data: bytes, start: int, end: int, wanted: bytes | None = None
) -> Iterator[tuple[bytes, int, int]]:
    """Yield kind, start and end of the content of the boxes of one kind, or of all."""
    while start + 8 <= end:
        size, kind = struct.unpack_from(">I4s", data, start)
        if size < 8:  # A size of 64 bits, or up to the end: all wanted boxes come earlier.
            return
        if wanted in (None, kind):
            yield kind, start + 8, start + size
        start += size
