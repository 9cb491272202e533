"""Where the picture lies: scaled, cut, or with margins around it."""

import numpy as np
from PIL import Image


def fit(picture: Image.Image, width: int, height: int) -> Image.Image:
    """Scale a picture, up or down, to the largest size that fits a box; its shape is kept.

    Args:
        picture: RGB, any size.
        width: of the box, in pixels.
        height: of the box, in pixels.

    Returns:
        A picture of at least 1 x 1 pixels, however narrow the shape.
    """
    scale = min(width / picture.width, height / picture.height)
    size = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
    return picture.resize(size, Image.Resampling.BICUBIC, reducing_gap=3.0)


def crop(picture: Image.Image, rng: np.random.Generator, share: float) -> Image.Image:
    """A part of the picture, ``share`` (0 to 1) of each side, off the centre by at most a tenth."""
    width, height = (max(1, round(share * side)) for side in picture.size)
    x = round((picture.width - width) / 2 + rng.uniform(-0.1, 0.1) * picture.width)
    y = round((picture.height - height) / 2 + rng.uniform(-0.1, 0.1) * picture.height)
    return picture.crop((x, y, x + width, y + height))


def margins(picture: Image.Image, rng: np.random.Generator, colour: str) -> Image.Image:
    """The picture amid empty space, each margin a quarter to half of the picture's side."""
    left, right = (round(share * picture.width) for share in rng.uniform(0.25, 0.5, 2))
    top, bottom = (round(share * picture.height) for share in rng.uniform(0.25, 0.5, 2))
    size = (left + picture.width + right, top + picture.height + bottom)
    canvas = Image.new("RGB", size, colour)
    canvas.paste(picture, (left, top))
    return canvas
