"""Take the rotation out of HEIF files: libheif is slow to turn images."""

import struct
from collections.abc import Iterator

_TRANSFORMS = (b"clap", b"imir", b"irot")
"""Properties that crop, mirror and turn an image."""


def without_rotation(data: bytes) -> tuple[bytes, int]:
    """Return a file whose main image is not turned, if that is the last thing to do with it.

    Args:
        data: a HEIF file that libheif opens.

    Returns:
        The file, and by how many quarters to the left its decoded image is to be turned.
    """
    try:
        position, size, quarters = _find_rotation(data)
    except (LookupError, struct.error, ValueError):
        return data, 0
    # The property of number 0 is none. Others, such as thumbnails, may share this one.
    return b"".join([data[:position], bytes(size), data[position + size :]]), quarters


def _find_rotation(data: bytes) -> tuple[int, int, int]:
    """Find where the main image names its rotation: position, size in bytes, and quarters.

    Raises:
        LookupError, struct.error, ValueError: it does not, or in an unusual way.
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
    """Yield the kind of the boxes of a kind, or of all, and where their content starts and ends."""
    while start + 8 <= end:
        size, kind = struct.unpack_from(">I4s", data, start)
        if size < 8:  # Of 64 bits, or up to the end: what is wanted is before.
            return
        if wanted in (None, kind):
            yield kind, start + 8, start + size
        start += size
