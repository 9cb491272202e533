"""Random variations of a training picture: what visitors send is rarely as clean as a data set.

Each variation is applied with its own probability to pictures of every class alike, so that none of
them tells anything about the class.
"""

import numpy as np
from PIL import Image

from train.data.augment.damage import (
    blur,
    double_exposure,
    glare,
    jpeg,
    noise,
    rescale,
    sharpen,
    stripes,
)
from train.data.augment.drawing import annotate, hide
from train.data.augment.geometry import crop, mirror, perspective, quarter_turn, tilt
from train.data.augment.page import on_page, panels
from train.data.augment.tones import false_colours, grey, grey_values, invert, saturate, tint


def augment(picture: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Vary a picture at random.

    Args:
        picture: an RGB picture of any size.
        rng: decides everything; the same state gives the same result.

    Returns:
        An RGB picture, possibly of another size.
    """
    for probability, variation in _VARIATIONS:
        if rng.random() < probability:
            picture = variation(picture, rng)
    return picture


_VARIATIONS = (
    (0.6, crop),
    (0.5, mirror),
    # All four ways up alike: whole sources of one class lie on a side or upside down.
    (0.75, quarter_turn),
    (0.3, tilt),
    (0.15, grey),
    (0.5, grey_values),
    (0.2, saturate),
    (0.12, invert),
    (0.1, false_colours),
    (0.1, tint),
    (0.15, annotate),
    (0.06, hide),
    (0.14, panels),
    (0.25, on_page),
    (0.12, perspective),
    (0.06, glare),
    (0.05, double_exposure),
    (0.06, stripes),
    (0.2, rescale),
    (0.12, blur),
    (0.08, sharpen),
    (0.15, noise),
    (0.25, jpeg),
)
"""(probability, variation), in the order in which they are applied."""
