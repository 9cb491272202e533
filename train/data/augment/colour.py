"""Augmentations that map intensities or colours and leave the geometry unchanged."""

import numpy as np
from matplotlib import colormaps
from PIL import ImageOps

COLOUR_MAPS = (
    *("viridis", "plasma", "inferno", "magma", "cividis", "jet", "turbo", "hot", "bone", "copper"),
    *("nipy_spectral", "gist_ncar", "rainbow", "cool", "coolwarm", "RdBu", "afmhot", "CMRmap"),
)
"""Names of usual colour maps, as matplotlib has them."""


def invert(image, rng):
    """Invert intensities, as in a photographic negative."""
    return ImageOps.invert(image)


def to_grey(image, rng):
    """Remove the colours."""
    return image.convert("L").convert("RGB")


def adjust_intensity(image, rng):
    """Change contrast, brightness and gamma at once."""
    gamma = np.exp(rng.uniform(-0.8, 0.8))
    low, high = rng.uniform(-0.25, 0.25), rng.uniform(0.5, 1.3)
    values = low + (high - low) * np.linspace(0, 1, 256).clip(0, 1) ** gamma
    return image.point(_lookup_table(values) * 3)


def clip_intensity(image, rng):
    """Stretch a narrow window of intensities to the full range and clip the rest."""
    width = rng.uniform(0.2, 0.7)
    low = rng.uniform(0, 1 - width)
    return image.point(_lookup_table((np.linspace(0, 1, 256) - low) / width) * 3)


def tint(image, rng):
    """Scale the colour channels, as another white balance does."""
    gains = rng.uniform(0.55, 1.0, 3)
    gains /= gains.max()
    ramp = np.arange(256)
    return image.point([int(value) for gain in gains for value in ramp * gain])


def apply_colour_map(image, rng):
    """Map intensities through a colour map, a usual or a random smooth one."""
    grey = image.convert("L").convert("RGB")
    if rng.random() < 0.5:
        colours = colormaps[COLOUR_MAPS[rng.integers(len(COLOUR_MAPS))]](np.arange(256), bytes=True)
        if rng.random() < 0.2:
            colours = colours[::-1]
        return grey.point(colours[:, :3].T.ravel().tolist())
    knots = rng.integers(0, 256, (int(rng.integers(3, 6)), 3))
    if rng.random() < 0.7:
        knots = knots[np.argsort(knots.sum(axis=1))]
    if rng.random() < 0.6:
        knots[0] = 0
    positions = np.linspace(0, 255, len(knots))
    table = [np.interp(np.arange(256), positions, knots[:, channel]) for channel in range(3)]
    return grey.point(np.concatenate(table).astype(int).tolist())


def _lookup_table(values):
    """Convert 256 intensities, nominally 0 to 1, to a lookup table of one 8-bit channel."""
    return (values * 255).clip(0, 255).astype(np.uint8).tolist()
