"""Pixels of decoded images, and what they should be."""

import io

import numpy as np
from PIL import Image

from model.imaging import read_image

ORIENTATION = 0x0112

TURNS = {
    1: lambda pixels: pixels,
    2: np.fliplr,
    3: lambda pixels: np.rot90(pixels, 2),
    4: np.flipud,
    5: lambda pixels: pixels.swapaxes(0, 1),
    6: lambda pixels: np.rot90(pixels, 1),
    7: lambda pixels: np.rot90(pixels.swapaxes(0, 1), 2),
    8: lambda pixels: np.rot90(pixels, 3),
}
"""Each EXIF orientation stores an upright image transformed like this."""


def read(content):
    image = read_image(io.BytesIO(content))
    assert image.mode == "RGB"
    return np.asarray(image)


def grey(pixels):
    """Return the channel of an image with three equal channels."""
    assert (pixels == pixels[..., :1]).all()
    return pixels[..., 0]


def difference(pixels, expected):
    assert pixels.shape == expected.shape
    return np.abs(pixels.astype(int) - expected).mean()


def scaled(values):
    low, high = values.min(), values.max()
    return np.rint((values - low) * 255.0 / (high - low))


def to_i16(values):
    return Image.fromarray(values.astype("<u2"))
