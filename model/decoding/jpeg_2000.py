"""Complete JPEG 2000 codestreams that are cut, which decoders would reject."""

from model.decoding.limits import MAX_MISSING_ROWS

_TILE_PART, _END = b"\xff\x90\0\x0a", b"\xff\xd9"
"""Markers of the beginning of a tile-part, with its length, and of the end."""


def completed(data: bytes) -> bytes:
    """Complete the last tile-part of a codestream, so that the image has less detail there.

    Args:
        data: a file or a codestream.

    Returns:
        The data; if it is cut, with bytes that a decoder takes for empty packets.

    Raises:
        ValueError: more than ``MAX_MISSING_ROWS`` of the tile-part is missing.
    """
    position, end = data.find(_TILE_PART), len(data)
    while position >= 0 and data[position : position + len(_TILE_PART)] == _TILE_PART:
        start, size = position, int.from_bytes(data[position + 6 : position + 10], "big")
        position = end = start + size
        if not size:  # It takes all that is left.
            break
    if position < 0 or len(data) >= end + len(_END):
        return data
    missing = max(0, end - len(data))
    if missing > MAX_MISSING_ROWS * size:
        raise ValueError("too much of the image is missing")
    return data[:end] + bytes(missing) + _END
