"""Heat in colours, laid over a picture."""

import numpy as np
from PIL import Image

LONGEST_SIDE = 800
"""Pixels of the overlay."""

# The upper part of matplotlib's "inferno" (Smith and van der Walt 2015), which gains as much
# lightness with each step: it keeps its order for the colour-blind and on grey scans.
COLOURS = ((87, 16, 110), (188, 55, 84), (249, 142, 9), (252, 255, 164))
STRENGTH = 0.75
"""How much of the colour there is where the heat is 1; the rest is the picture."""
SHADE = 0.5
"""How bright the picture under the heat stays, so that the heat is the brightest even on white."""


def overlay(picture: Image.Image, heat: np.ndarray) -> Image.Image:
    """The picture in darkened grey, with heat on it that is the brighter the stronger it is.

    Args:
        picture: an RGB picture of any size.
        heat: float32 array (rows, columns) over the whole picture, 0 to 1.

    Returns:
        An RGB picture of the same proportions, its longest side at most ``LONGEST_SIDE``.
    """
    small = picture.convert("L")
    small.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    heat = np.asarray(Image.fromarray(heat).resize(small.size, Image.Resampling.BICUBIC))
    heat = heat.clip(0, 1)  # Cubic interpolation overshoots.
    share = STRENGTH * heat[..., None]
    mixed = (1 - share) * SHADE * np.asarray(small)[..., None] + share * _colours(heat)
    return Image.fromarray(mixed.round().astype(np.uint8))


def gradient() -> str:
    """The colours from no heat to the most, over mid-grey, as a CSS gradient to the right."""
    heat = np.linspace(0, 1, 2 * len(COLOURS) - 1, dtype=np.float32)
    (row,) = np.asarray(overlay(Image.new("RGB", (len(heat), 1), (128,) * 3), heat[None]))
    return f"linear-gradient(to right, {', '.join('rgb({} {} {})'.format(*c) for c in row)})"


def _colours(heat: np.ndarray) -> np.ndarray:
    steps = np.linspace(0, 1, len(COLOURS))
    channels = zip(*COLOURS, strict=True)
    return np.stack([np.interp(heat, steps, channel) for channel in channels], axis=-1)
