"""Scale and crop images, or add margins."""

import numpy as np
from PIL import Image


def fit(image: Image.Image, width: int, height: int) -> Image.Image:
    """Scale an image to the largest size that fits a box, keeping its aspect ratio.

    Args:
        image: RGB, any size.
        width: width of the box, in pixels.
        height: height of the box, in pixels.

    Returns:
        An image of at least 1 x 1 pixels.
    """
    scale = min(width / image.width, height / image.height)
    size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    return image.resize(size, Image.Resampling.BICUBIC, reducing_gap=3.0)


def crop(image: Image.Image, rng: np.random.Generator, share: float) -> Image.Image:
    """Crop to ``share`` (0 to 1) of each side, at most a tenth away from the centre."""
    width, height = (max(1, round(share * side)) for side in image.size)
    x = round((image.width - width) / 2 + rng.uniform(-0.1, 0.1) * image.width)
    y = round((image.height - height) / 2 + rng.uniform(-0.1, 0.1) * image.height)
    return image.crop((x, y, x + width, y + height))


def margins(image: Image.Image, rng: np.random.Generator, colour: str) -> Image.Image:
    """Add margins, each a quarter to half of the image's side."""
    left, right = (round(share * image.width) for share in rng.uniform(0.25, 0.5, 2))
    top, bottom = (round(share * image.height) for share in rng.uniform(0.25, 0.5, 2))
    size = (left + image.width + right, top + image.height + bottom)
    canvas = Image.new("RGB", size, colour)
    canvas.paste(image, (left, top))
    return canvas
