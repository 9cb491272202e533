"""What copies, cameras and screens do to a picture."""

import io

import numpy as np
from PIL import Image, ImageChops, ImageFilter

from train.data.augment.geometry import SHORTEST_SIDE


def rescale(picture, rng):
    """Fewer pixels, as in a thumbnail, brought back to the size they had."""
    factor = rng.uniform(0.15, 0.7)
    small = [max(min(side, SHORTEST_SIDE), round(side * factor)) for side in picture.size]
    filters = (Image.Resampling.BILINEAR, Image.Resampling.BICUBIC, Image.Resampling.NEAREST)
    return picture.resize(small, Image.Resampling.BILINEAR).resize(
        picture.size, filters[rng.integers(3)]
    )


def blur(picture, rng):
    """Out of focus."""
    return picture.filter(
        ImageFilter.GaussianBlur(rng.uniform(0.4, max(0.8, 0.012 * max(picture.size))))
    )


def sharpen(picture, rng):
    """Oversharpened, as viewers and phones do."""
    return picture.filter(ImageFilter.UnsharpMask(rng.uniform(0.5, 3), int(rng.integers(80, 250))))


def noise(picture, rng):
    """Grain, of one colour or of three, at times stronger where the picture is brighter."""
    pixels = np.asarray(picture, np.float32)
    channels = 1 if rng.random() < 0.6 else 3
    noise = rng.standard_normal((*pixels.shape[:2], channels), np.float32)
    if rng.random() < 0.3:
        noise = noise * pixels / 128
    return Image.fromarray((pixels + rng.uniform(4, 40) * noise).clip(0, 255).astype(np.uint8))


def jpeg(picture, rng):
    """Compressed hard."""
    encoded = io.BytesIO()
    picture.save(encoded, "JPEG", quality=int(rng.integers(5, 60)))
    return Image.open(encoded).convert("RGB")


def stripes(picture, rng):
    """Interference of a screen's pixels with a camera's."""
    width, height = picture.size
    x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    angle, period = rng.uniform(0, np.pi), rng.uniform(2.2, 14)
    wave = np.sin(2 * np.pi * (x * np.cos(angle) + y * np.sin(angle)) / period)
    strength = rng.uniform(4, 30) * rng.uniform(0.3, 1, 3)
    pixels = np.asarray(picture, np.float32) + wave[..., None] * strength
    return Image.fromarray(pixels.clip(0, 255).astype(np.uint8))


def glare(picture, rng):
    """A bright spot or an unevenly lit film."""
    width, height = picture.size
    x, y = np.meshgrid(np.linspace(0, 1, width), np.linspace(0, 1, height))
    centre, spread = rng.uniform(0, 1, 2), rng.uniform(0.1, 0.6)
    spot = np.exp(-((x - centre[0]) ** 2 + (y - centre[1]) ** 2) / spread**2)
    mask = Image.fromarray((spot * 255 * rng.uniform(0.3, 0.9)).astype(np.uint8))
    light = Image.new("RGB", picture.size, _pale(rng) if rng.random() < 0.8 else (0, 0, 0))
    return Image.composite(light, picture, mask)


def double_exposure(picture, rng):
    """The picture's light halves added up: a double exposure of itself, shifted."""
    shift = (rng.uniform(-0.03, 0.03, 2) * np.array(picture.size)).astype(int)
    return Image.blend(picture, ImageChops.offset(picture, *map(int, shift)), rng.uniform(0.2, 0.5))


def _pale(rng):
    return tuple(int(value) for value in rng.integers(200, 256, 3))
