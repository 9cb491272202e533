"""Take GIF files apart, because Pillow reads the comments in them in quadratic time."""

import struct
from collections.abc import Iterator

SIGNATURES = (b"GIF87a", b"GIF89a")

_HEADER_BYTES = 13
_PALETTE = 128
"""Flag of a header that a palette follows."""

_IMAGE, _EXTENSION, _END = b",!;"
_CONTROL = 0xF9
"""The extension that has the transparency, the duration and the disposal of the next frame."""

_MAX_BLOCKS = 200_000
"""Frames of a GIF are searched in so many of its blocks; 20 MB have 80,000 of the usual size."""


def without_comments(content: bytes) -> bytes:
    """Leave out all parts of a GIF file that the pixels of its frames do not need.

    A frame that leaves the image is left out with all that follow it: Pillow would enlarge all of
    them to its size.
    """
    return b"".join(_parts(content)) if len(content) > _HEADER_BYTES else content


def count_frames(content: bytes) -> int:
    """Count the frames of a GIF file; Pillow would read all of it for that, however long."""
    return max(1, sum(part[0] == _IMAGE for part in _parts(content)))


def _parts(content: bytes) -> Iterator[bytes]:
    """Yield the header of a file, and its images and what controls them."""
    width, height = struct.unpack_from("<2H", content, 6)
    position = _HEADER_BYTES + _palette_bytes(content[10])
    yield content[:position]
    images = blocks = 0
    while position + 10 < len(content) and blocks < _MAX_BLOCKS:
        start, kind = position, content[position]
        if kind == _IMAGE:
            left, top, columns, rows = struct.unpack_from("<4H", content, position + 1)
            if images and (left + columns > width or top + rows > height):
                return
            images += 1
            position += 11 + _palette_bytes(content[position + 9])
        elif kind == _EXTENSION:
            position += 2
        elif kind == _END or images:
            return
        else:  # Pillow searches the first image in what comes before it.
            position += 1
            blocks += 1
            continue
        while position < len(content) and content[position] and blocks < _MAX_BLOCKS:
            position += content[position] + 1
            blocks += 1
        position += 1
        blocks += 1
        if kind == _IMAGE:
            yield content[start : position if blocks < _MAX_BLOCKS else None]
        elif content[start + 1] == _CONTROL and content[start + 2] >= 4:
            yield b"!\xf9\4" + content[start + 3 : start + 7] + b"\0"


def _palette_bytes(flags: int) -> int:
    return 3 << (flags & 7) + 1 if flags & _PALETTE else 0
