"""Augmentations that crop, rotate, mirror or distort an image."""

import numpy as np
from PIL import Image, ImageOps

from train.data.augment.annotation import random_colour

MIN_SIDE = 24
"""Minimum side of an image that an augmentation shrinks, in pixels."""

MAX_PAGE_SIDE = 400
"""Maximum side of a composed page without gaps between panels, in pixels."""


def crop(image, rng):
    """Crop to a random window, mostly with about the aspect ratio of the image."""
    width, height = image.size
    share = rng.uniform(0.5, 1.0, 2)
    if rng.random() < 0.7:
        share = share.max() * rng.uniform(0.85, 1.0, 2)
    crop_width = max(min(width, MIN_SIDE), round(width * share[0]))
    crop_height = max(min(height, MIN_SIDE), round(height * share[1]))
    left, top = rng.integers(width - crop_width + 1), rng.integers(height - crop_height + 1)
    return image.crop((left, top, left + crop_width, top + crop_height))


def rotate(image, rng):
    """Rotate by 90, 180 or 270 degrees."""
    return image.rotate(90 * int(rng.integers(1, 4)), expand=True)


def mirror(image, rng):
    """Mirror left to right."""
    return ImageOps.mirror(image)


def shear(image, rng):
    """Rotate by up to 25 degrees, shear and zoom, filling what comes into view with one colour."""
    width, height = image.size
    angle, slant = np.radians(rng.uniform(-25, 25)), rng.uniform(-0.15, 0.15)
    scale = rng.uniform(0.9, 1.25)
    matrix = np.array([[np.cos(angle), np.sin(angle) + slant], [-np.sin(angle), np.cos(angle)]])
    matrix *= scale
    centre = np.array([width / 2, height / 2])
    shift = centre - matrix @ centre
    coefficients = (*matrix[0], shift[0], *matrix[1], shift[1])
    return _transform(image, Image.Transform.AFFINE, coefficients, rng)


def warp_perspective(image, rng):
    """Move each corner, as in a film or screen photographed at an angle."""
    width, height = image.size
    corners = np.array([[0, 0], [0, height], [width, height], [width, 0]], float)
    moved = corners + rng.uniform(-0.15, 0.15, (4, 2)) * (width, height)
    quad = tuple(float(value) for value in moved.ravel())
    return _transform(image, Image.Transform.QUAD, quad, rng)


def shrink_to_fit(image, page_size):
    """Shrink the image and its page until the page fits ``MAX_PAGE_SIDE``."""
    scale = min(1, MAX_PAGE_SIDE / max(page_size))
    if scale < 1:
        image = image.resize(
            [max(min(side, MIN_SIDE), round(side * scale)) for side in image.size],
            Image.Resampling.BILINEAR,
        )
    return image, np.maximum(np.array(page_size) * scale, image.size)


def _transform(image, method, coefficients, rng):
    return image.transform(
        image.size,
        method,
        coefficients,
        Image.Resampling.BILINEAR,
        fillcolor=_fill_colour(image, rng),
    )


def _fill_colour(image, rng):
    """Return the colour of the image's corner in 4 of 10 cases, else black, white or any."""
    choice = rng.random()
    if choice < 0.4:
        return image.getpixel((0, 0))
    if choice < 0.7:
        return (0, 0, 0)
    return (255, 255, 255) if choice < 0.85 else random_colour(rng)
