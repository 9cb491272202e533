"""Other grey values and colours for the same picture."""

import numpy as np
from PIL import ImageOps


def invert(picture, rng):
    """Its negative."""
    return ImageOps.invert(picture)


def grey(picture, rng):
    """Without its colours."""
    return picture.convert("L").convert("RGB")


def grey_values(picture, rng):
    """Another window: contrast, brightness and gamma at once."""
    gamma = np.exp(rng.uniform(-0.8, 0.8))
    low, high = rng.uniform(-0.25, 0.25), rng.uniform(0.5, 1.3)
    values = low + (high - low) * np.linspace(0, 1, 256).clip(0, 1) ** gamma
    table = (values * 255).clip(0, 255).astype(np.uint8).tolist()
    return picture.point(table * 3)


def saturate(picture, rng):
    """A narrow window: some of the grey values spread over all, the rest black or white."""
    width = rng.uniform(0.2, 0.7)
    low = rng.uniform(0, 1 - width)
    values = (np.linspace(0, 1, 256) - low) / width
    table = (values * 255).clip(0, 255).astype(np.uint8).tolist()
    return picture.point(table * 3)


def tint(picture, rng):
    """Another white point."""
    gains = rng.uniform(0.55, 1.0, 3)
    gains /= gains.max()
    ramp = np.arange(256)
    table = [int(value) for gain in gains for value in ramp * gain]
    return picture.point(table)


def false_colours(picture, rng):
    """A random smooth colour map over the grey values."""
    knots = rng.integers(0, 256, (int(rng.integers(3, 6)), 3))
    if rng.random() < 0.7:
        knots = knots[np.argsort(knots.sum(axis=1))]
    if rng.random() < 0.6:
        knots[0] = 0
    positions = np.linspace(0, 255, len(knots))
    table = [np.interp(np.arange(256), positions, knots[:, channel]) for channel in range(3)]
    return picture.convert("L").convert("RGB").point(np.concatenate(table).astype(int).tolist())
