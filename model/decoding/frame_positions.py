"""Find the frames of animations and stacks that Pillow opens."""

import io
from collections.abc import Sequence

from PIL import Image

from model.decoding import gif

_SEQUENCES = ("AVIF", "GIF", "PNG", "TIFF", "WEBP")
"""Formats whose further frames are read too. Those of ICO, ICNS and MPO repeat the first."""

MAX_COUNTED = 5000
"""Maximum number of frames to sample from, and of TIFF pages to count."""


def frame_positions(image: Image.Image, file: io.BufferedIOBase) -> Sequence[int]:
    """Return the positions of the frames that are as large as the first."""
    if image.format not in _SEQUENCES:
        return [0]
    if image.format == "GIF":
        position = file.tell()
        file.seek(0)
        count = gif.count_frames(file.read())
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
