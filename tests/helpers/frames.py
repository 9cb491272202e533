"""Frames that tell their numbers."""

import io

import numpy as np
from PIL import Image

from model.imaging import read_frames

SIZE = (48, 36)


def numbered(number):
    """Make a frame that tells its number by its grey, between black and white stripes."""
    pixels = np.full((SIZE[1], SIZE[0], 3), 50 + 2 * number, np.uint8)
    pixels[:6], pixels[-6:] = 0, 255
    return Image.fromarray(pixels)


def number_of(image):
    return round((np.asarray(image)[SIZE[1] // 2, SIZE[0] // 2].mean() - 50) / 2)


def read(content):
    return read_frames(io.BytesIO(content))
