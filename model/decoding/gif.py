"""Remove comments from GIF files, because Pillow reads them in quadratic time."""

import struct
from collections.abc import Iterator

SIGNATURES = (b"GIF87a", b"GIF89a")

_HEADER_BYTES = 13
_PALETTE = 128
"""Flag of a header followed by a palette."""

_IMAGE, _EXTENSION, _END = b",!;"
_CONTROL = 0xF9
"""Extension with the transparency, duration and disposal of the next frame."""

_MAX_BLOCKS = 200_000
"""Maximum number of blocks to search for frames; 20 MB have 80,000 of the usual size."""


def without_comments(content: bytes) -> bytes:
    """Remove the parts of a GIF file that its frames do not need.

    A frame that exceeds the image is removed with all later ones: Pillow would enlarge all frames
    to include it.
    """
    return b"".join(_parts(content)) if len(content) > _HEADER_BYTES else content


def count_frames(content: bytes) -> int:
    """Count the frames of a GIF file; Pillow would read the whole file."""
    return max(1, sum(part[0] == _IMAGE for part in _parts(content)))


def _parts(content: bytes) -> Iterator[bytes]:
    """Yield the header of a file, its images and their control extensions."""
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
        else:  # Like Pillow, skip bytes before the first image.
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
