"""The picture cropped, turned, mirrored, tilted or seen at an angle."""

import numpy as np
from PIL import Image, ImageOps

from train.data.augment.drawing import any_colour

SHORTEST_SIDE = 24
"""No variation makes a picture smaller than this, in pixels."""


def crop(picture, rng):
    """A window of the picture, with another aspect."""
    width, height = picture.size
    share = rng.uniform(0.5, 1.0, 2)
    if rng.random() < 0.7:
        share = share.max() * rng.uniform(0.85, 1.0, 2)
    wide = max(min(width, SHORTEST_SIDE), round(width * share[0]))
    high = max(min(height, SHORTEST_SIDE), round(height * share[1]))
    left, top = rng.integers(width - wide + 1), rng.integers(height - high + 1)
    return picture.crop((left, top, left + wide, top + high))


def quarter_turn(picture, rng):
    """Lying on a side or upside down."""
    return picture.rotate(90 * int(rng.integers(1, 4)), expand=True)


def mirror(picture, rng):
    """Left for right."""
    return ImageOps.mirror(picture)


def tilt(picture, rng):
    """A small rotation and shear; what comes into view is one colour."""
    width, height = picture.size
    angle, shear = np.radians(rng.uniform(-25, 25)), rng.uniform(-0.15, 0.15)
    scale = rng.uniform(0.9, 1.25)
    matrix = np.array([[np.cos(angle), np.sin(angle) + shear], [-np.sin(angle), np.cos(angle)]])
    matrix *= scale
    centre = np.array([width / 2, height / 2])
    shift = centre - matrix @ centre
    coefficients = (*matrix[0], shift[0], *matrix[1], shift[1])
    return _transform(picture, Image.Transform.AFFINE, coefficients, rng)


def perspective(picture, rng):
    """Seen at an angle, as on a photographed film or screen."""
    width, height = picture.size
    corners = np.array([[0, 0], [0, height], [width, height], [width, 0]], float)
    moved = corners + rng.uniform(-0.15, 0.15, (4, 2)) * (width, height)
    quad = tuple(float(value) for value in moved.ravel())
    return _transform(picture, Image.Transform.QUAD, quad, rng)


def _transform(picture, method, coefficients, rng):
    return picture.transform(
        picture.size,
        method,
        coefficients,
        Image.Resampling.BILINEAR,
        fillcolor=_background(picture, rng),
    )


def _background(picture, rng):
    """Mostly what the picture's own corner shows, else black, white or any colour."""
    draw = rng.random()
    if draw < 0.4:
        return picture.getpixel((0, 0))
    return (0, 0, 0) if draw < 0.7 else (255, 255, 255) if draw < 0.85 else any_colour(rng)
