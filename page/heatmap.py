"""Overlay of a heat map on an image."""

import numpy as np
from PIL import Image

LONGEST_SIDE = 800
"""Maximum side of the overlay, in pixels."""

# The upper part of matplotlib's "inferno" (Smith and van der Walt 2015): its lightness rises
# evenly, so that colour-blind visitors see the order, and it stands out on grey scans.
COLOURS = ((87, 16, 110), (188, 55, 84), (249, 142, 9), (252, 255, 164))
STRENGTH = 0.75
"""Opacity of the colour where the heat is 1."""

SHADE = 0.5
"""Brightness of the image below, so that heat is brighter than even a white image."""


def overlay(image: Image.Image, heat: np.ndarray) -> Image.Image:
    """Blend a heat map over an image in dark grey; stronger heat is brighter.

    Args:
        image: RGB, any size.
        heat: float32 array (rows, columns), 0 to 1, stretched over the whole image.

    Returns:
        RGB image of the same aspect ratio, its longest side at most ``LONGEST_SIDE``.
    """
    small = image.convert("L")
    small.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    heat = np.asarray(Image.fromarray(heat).resize(small.size, Image.Resampling.BICUBIC))
    # Cubic interpolation overshoots. Looking colours up is faster than computing them.
    levels = (heat.clip(0, 1) * 255).round().astype(np.uint8)
    share = STRENGTH * np.linspace(0, 1, 256, dtype=np.float32)[:, None]
    shade, glow = (1 - share) * SHADE, share * _colours(np.linspace(0, 1, 256)).astype(np.float32)
    mixed = shade[levels] * np.asarray(small)[..., None] + glow[levels]
    return Image.fromarray(mixed.round().astype(np.uint8))


def gradient() -> str:
    """Return the colours of heat 0 to 1 over mid-grey as a CSS gradient to the right."""
    heat = np.linspace(0, 1, 2 * len(COLOURS) - 1, dtype=np.float32)
    (row,) = np.asarray(overlay(Image.new("RGB", (len(heat), 1), (128,) * 3), heat[None]))
    return f"linear-gradient(to right, {', '.join('rgb({} {} {})'.format(*c) for c in row)})"


def _colours(heat: np.ndarray) -> np.ndarray:
    steps = np.linspace(0, 1, len(COLOURS))
    channels = zip(*COLOURS, strict=True)
    return np.stack([np.interp(heat, steps, channel) for channel in channels], axis=-1)
