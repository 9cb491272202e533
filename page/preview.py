"""Describe and preview stacks, and files that browsers do not show."""

import base64
import io

from PIL import Image

from model.decoding.frames import Frames

LONGEST_SIDE = 800
"""Maximum side of the preview, in pixels."""

SHOWN = ("AVIF", "BMP", "GIF", "ICO", "JPEG", "PNG", "WEBP")
"""Formats that browsers show, by Pillow's names."""


def preview(file: str | io.BytesIO, frames: Frames[Image.Image], most_confident: int) -> dict:
    """Describe the sampled frames of a file, for the card.

    Args:
        file: path of the file, or the open file.
        frames: the sampled frames.
        most_confident: index of the frame with the highest confidence in the answer.

    Returns:
        For a stack, "frames": how many frames were "sampled", the "total", their "unit", and the
        number of the "most_confident" in the file, from 1. For a stack, or a file that browsers do
        not show, "preview": the most confident frame as a ``data:`` URL.
    """
    described = {}
    if frames.total > 1:
        described["frames"] = {
            "sampled": len(frames.images),
            "total": frames.total,
            "unit": frames.unit,
            "most_confident": frames.indices[most_confident] + 1,
        }
    if frames.total > 1 or not _is_shown(file):
        image = frames.images[most_confident].copy()
        image.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
        encoded = io.BytesIO()
        image.save(encoded, "WEBP", quality=90, method=0)
        content = base64.b64encode(encoded.getvalue()).decode()
        described["preview"] = f"data:image/webp;base64,{content}"
    return described


def _is_shown(file: str | io.BytesIO) -> bool:
    """Tell whether browsers show a file, by its format."""
    try:
        with Image.open(file, formats=SHOWN):
            return True
    except Exception:  # Pillow's types for a file that it cannot open are many.
        return False
