"""Find the frames of animations and stacks that Pillow opens."""

import io
import struct
from collections.abc import Sequence

from PIL import Image

_SEQUENCES = ("AVIF", "GIF", "PNG", "TIFF", "WEBP")
"""Formats whose further frames are looked at too. Those of ICO, ICNS and MPO repeat the first."""

MAX_COUNTED = 5000
"""Further frames of a file are not looked at, nor further pages of a TIFF counted."""

_MAX_GIF_BLOCKS = 200_000
"""Frames of a GIF are counted in so many of its blocks; 20 MB have 80,000 of the usual size."""


def frame_positions(image: Image.Image, file: io.BufferedIOBase) -> Sequence[int]:
    """Return the positions of the frames that are as large as the first."""
    if image.format not in _SEQUENCES:
        return [0]
    if image.format == "GIF":
        position = file.tell()
        file.seek(0)
        count = _count_gif_frames(file.read())
        file.seek(position)
        return range(count)
    if image.format != "TIFF":
        # A file may declare billions of frames.
        return range(getattr(image, "n_frames", 1))
    size, positions = image.size, [0]
    # Smaller pages are previews, and pages of other modes are masks.
    mode, position = image.mode, 0
    while image.tag_v2.next and position < MAX_COUNTED:
        position += 1
        try:
            image.seek(position)
        except EOFError:
            break
        if (image.size, image.mode) == (size, mode):
            positions.append(position)
    image.seek(0)
    return positions


def _count_gif_frames(content: bytes) -> int:
    """Count the frames of a GIF file; Pillow reads all of the file for that, however long.

    A frame that leaves the image ends the count: Pillow would enlarge all of them to its size.
    """
    width, height = struct.unpack_from("<2H", content, 6)
    position = 13 + _gif_palette_bytes(content[10])
    count = blocks = 0
    while position + 10 < len(content) and blocks < _MAX_GIF_BLOCKS:
        if content[position] == ord(","):
            left, top, columns, rows = struct.unpack_from("<4H", content, position + 1)
            if count and (left + columns > width or top + rows > height):
                break
            count += 1
            position += 11 + _gif_palette_bytes(content[position + 9])
        elif content[position] == ord("!"):
            position += 2
        else:
            break
        while position < len(content) and content[position] and blocks < _MAX_GIF_BLOCKS:
            position += content[position] + 1
            blocks += 1
        position += 1
        blocks += 1
    return max(1, count)


def _gif_palette_bytes(flags: int) -> int:
    return 3 << (flags & 7) + 1 if flags & 128 else 0
