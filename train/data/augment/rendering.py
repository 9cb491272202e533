"""Augmentations that redraw an image as a segmentation or a shaded surface.

Both keep shapes and remove textures, on which networks otherwise rely (Geirhos et al. 2019,
"ImageNet-trained CNNs are biased towards texture").
"""

import numpy as np
from PIL import Image, ImageFilter

from train.data.augment.annotation import random_colour, random_grey


def posterize(image, rng):
    """Fill two to five ranges of intensity with one colour each."""
    grey = _smooth_grey(image, rng, 0.01)
    thresholds = np.quantile(grey, np.sort(rng.uniform(0.05, 0.95, rng.integers(1, 5))))
    ranges = np.digitize(grey, thresholds)
    if np.ptp(ranges) == 0:
        return image
    colours = [_ground(rng), *(random_colour(rng) for _ in thresholds)]
    return Image.fromarray(np.array(colours, np.uint8)[ranges])


def shade(image, rng):
    """Light the image as a surface whose height is its intensity, on a plain ground."""
    grey = _smooth_grey(image, rng, 0.03)
    slopes = np.gradient(grey) if min(grey.shape) > 1 else np.zeros((2, *grey.shape))
    steepness = rng.uniform(0.05, 0.4)
    normals = np.stack([*(-steepness * slope for slope in slopes), np.ones_like(grey)])
    light = rng.normal(0, 1, 3)
    light[2] = abs(light[2]) + 0.5
    lit = np.tensordot(light / np.linalg.norm(light), normals / np.linalg.norm(normals, axis=0), 1)
    lit = rng.uniform(0.1, 0.4) + lit.clip(0, 1)
    pixels = (lit[..., None] * random_colour(rng)).clip(0, 255)
    if rng.random() < 0.7:
        outside = grey < np.quantile(grey, rng.uniform(0.1, 0.6))
        pixels[outside if rng.random() < 0.7 else ~outside] = _ground(rng)
    return Image.fromarray(pixels.astype(np.uint8))


def _smooth_grey(image, rng, reach):
    """Return intensities, float (height, width), blurred by up to a share of the longest side."""
    radius = rng.uniform(0, reach) * max(image.size)
    return np.asarray(image.convert("L").filter(ImageFilter.GaussianBlur(radius)), float)


def _ground(rng):
    choice = rng.random()
    if choice < 0.5:
        return (0, 0, 0)
    return (255, 255, 255) if choice < 0.8 else random_grey(rng)
