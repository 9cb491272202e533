"""Read JPEG 2000 headers, and complete truncated codestreams, which decoders would reject."""

import struct

from model.decoding.limits import MAX_MISSING_ROWS

_SIZE = b"\xff\x4f\xff\x51"
"""Markers of the start of a codestream and of its sizes."""

_TILE_PART, _END = b"\xff\x90\0\x0a", b"\xff\xd9"
"""Markers of the beginning of a tile-part, with its length, and of the end."""

_CHANNELS, _COLOUR = b"cdef", 0
"""Name of the box that says what each channel is, and the kind of a channel of colour."""

_EMPTY = b"\0\0\0\x0f\0\x01\xff\x93\0"
"""Rest of a tile-part with one empty packet: its length, the first of one, and the packet."""

_MAX_TILES = 65_535


def bits_per_sample(data: bytes) -> int:
    """Return the number of bits of the first component."""
    return (data[data.find(_SIZE) + 42] & 0x7F) + 1


def has_unordered_channels(data: bytes) -> bool:
    """Tell whether a file says that its channels are not red, green and blue in this order."""
    start = data.find(_CHANNELS, 0, data.find(_SIZE)) + len(_CHANNELS)
    if start < len(_CHANNELS):
        return False
    end = start + 2 + 6 * int.from_bytes(data[start : start + 2], "big")
    channels = struct.iter_unpack(">3H", data[start + 2 : end])
    return any(kind == _COLOUR and 0 < place != number + 1 for number, kind, place in channels)


def completed(data: bytes) -> bytes:
    """Complete a codestream: truncated tiles get less detail, and missing ones become grey.

    Args:
        data: a file or a codestream.

    Returns:
        The data; if it is truncated, with empty packets at its end.

    Raises:
        ValueError: more than ``MAX_MISSING_ROWS`` of the image is missing.
    """
    position, end, size, tiles = data.find(_TILE_PART), len(data), 0, set()
    while position >= 0 and data[position : position + len(_TILE_PART)] == _TILE_PART:
        tiles.add(bytes(data[position + 4 : position + 6]))
        start, size = position, int.from_bytes(data[position + 6 : position + 10], "big")
        position = end = start + size
        if not size:  # It extends to the end.
            return data
    absent = _absent_tiles(data, tiles)
    if position < 0 or (len(data) >= end + len(_END) and not absent):
        return data
    missing = max(0, end - len(data))
    total = len(tiles) + len(absent)
    if (missing / max(1, size) + len(absent)) / total > MAX_MISSING_ROWS:
        raise ValueError("too much of the image is missing")
    empty = b"".join(_TILE_PART + tile + _EMPTY for tile in absent)
    return data[:end] + bytes(missing) + empty + _END


def _absent_tiles(data: bytes, present: set[bytes]) -> list[bytes]:
    """Return the numbers of the tiles that have no tile-part, as they are stored."""
    start = data.find(_SIZE) + 8
    width, height, _, _, tile_width, tile_height, left, top = struct.unpack_from(">8I", data, start)
    if not tile_width or not tile_height:
        return []
    count = -(-(width - left) // tile_width) * -(-(height - top) // tile_height)
    if count > _MAX_TILES:
        return []
    return [
        tile
        for tile in (number.to_bytes(2, "big") for number in range(count))
        if tile not in present
    ]
