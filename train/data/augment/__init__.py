"""Random augmentation of training images: visitors' images are rarely as clean as a dataset.

Every class gets the same augmentations with the same probabilities, so that none of them is a cue
for a label. An augmentation is a function of an RGB image and a seeded generator; it returns
another RGB image.
"""

from collections.abc import Callable, Container

import numpy as np
from PIL import Image

from train.data.augment.annotation import annotate, erase
from train.data.augment.charts import add_charts
from train.data.augment.colour import (
    adjust_intensity,
    apply_colour_map,
    clip_intensity,
    invert,
    tint,
    to_grey,
)
from train.data.augment.composition import draw_axes, place_on_page, tile_panels
from train.data.augment.degradation import (
    add_glare,
    add_moire,
    add_noise,
    blur,
    compress,
    double_expose,
    downscale,
    fade,
    sharpen,
)
from train.data.augment.geometry import crop, mirror, rotate, shear, warp_perspective
from train.data.augment.rendering import posterize, shade


def augment(
    image: Image.Image, rng: np.random.Generator, left_out: Container[Callable] = ()
) -> Image.Image:
    """Apply a random selection of ``AUGMENTATIONS`` to an image.

    Args:
        image: an RGB image of any size.
        rng: source of all randomness; the same state gives the same result.
        left_out: augmentations that are not applied.

    Returns:
        An RGB image, possibly of another size.
    """
    for probability, augmentation in AUGMENTATIONS:
        if rng.random() < probability and augmentation not in left_out:
            image = augmentation(image, rng)
    return image


AUGMENTATIONS = (
    (0.6, crop),
    (0.5, mirror),
    # All four orientations are equally likely: in some sources every image lies on its side.
    (0.75, rotate),
    (0.3, shear),
    (0.15, to_grey),
    (0.1, fade),
    (0.5, adjust_intensity),
    (0.2, clip_intensity),
    (0.12, invert),
    (0.1, apply_colour_map),
    (0.03, posterize),
    (0.06, shade),
    (0.1, tint),
    (0.15, annotate),
    (0.06, erase),
    (0.07, draw_axes),
    (0.14, tile_panels),
    (0.08, add_charts),
    (0.25, place_on_page),
    (0.12, warp_perspective),
    (0.06, add_glare),
    (0.05, double_expose),
    (0.06, add_moire),
    (0.2, downscale),
    (0.12, blur),
    (0.08, sharpen),
    (0.15, add_noise),
    (0.25, compress),
)
"""(probability, augmentation), in the order in which they are applied."""

UNREALISTIC = (posterize, shade)
"""Augmentations that train for shapes, although hardly any visitor sends such images."""
