"""Augmentations that lose image quality, as copies, cameras and screens do."""

import io

import numpy as np
from PIL import Image, ImageChops, ImageFilter

from train.data.augment.geometry import MIN_SIDE


def downscale(image, rng):
    """Shrink to a thumbnail and enlarge it to the original size."""
    factor = rng.uniform(0.15, 0.7)
    small = [max(min(side, MIN_SIDE), round(side * factor)) for side in image.size]
    filters = (Image.Resampling.BILINEAR, Image.Resampling.BICUBIC, Image.Resampling.NEAREST)
    return image.resize(small, Image.Resampling.BILINEAR).resize(
        image.size, filters[rng.integers(3)]
    )


def blur(image, rng):
    """Blur, as a camera out of focus does."""
    radius = rng.uniform(0.4, max(0.8, 0.012 * max(image.size)))
    return image.filter(ImageFilter.GaussianBlur(radius))


def sharpen(image, rng):
    """Sharpen too much, as viewers and phones do."""
    return image.filter(ImageFilter.UnsharpMask(rng.uniform(0.5, 3), int(rng.integers(80, 250))))


def add_noise(image, rng):
    """Add Gaussian noise, grey or coloured.

    In 3 of 10 cases it grows with the intensity, and in 1 of 10 it fills what is dark, as in maps
    that divide one scan by another.
    """
    pixels = np.asarray(image, np.float32)
    channels = 1 if rng.random() < 0.6 else 3
    noise = rng.standard_normal((*pixels.shape[:2], channels), np.float32)
    choice = rng.random()
    if choice < 0.3:
        noise = noise * pixels / 128
    elif choice < 0.4:
        noise = np.abs(noise) * 4 * (1 - pixels / 255) ** 8
    return Image.fromarray((pixels + rng.uniform(4, 40) * noise).clip(0, 255).astype(np.uint8))


def fade(image, rng):
    """Darken toward one side, as when the coil of an MRI scanner lies on the other."""
    width, height = image.size
    x, y = np.meshgrid(np.linspace(-1, 1, width), np.linspace(-1, 1, height))
    angle = rng.uniform(0, 2 * np.pi)
    depth = (1 + (x * np.cos(angle) + y * np.sin(angle)) / np.sqrt(2)) / 2
    gain = np.exp(-rng.uniform(0.5, 4) * depth)[..., None]
    return Image.fromarray((np.asarray(image) * gain).astype(np.uint8))


def compress(image, rng):
    """Compress as JPEG of low quality."""
    encoded = io.BytesIO()
    image.save(encoded, "JPEG", quality=int(rng.integers(5, 60)))
    return Image.open(encoded).convert("RGB")


def add_moire(image, rng):
    """Add the stripes of a photographed screen, whose pixels interfere with the camera's."""
    width, height = image.size
    x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    angle, period = rng.uniform(0, np.pi), rng.uniform(2.2, 14)
    wave = np.sin(2 * np.pi * (x * np.cos(angle) + y * np.sin(angle)) / period)
    strength = rng.uniform(4, 30) * rng.uniform(0.3, 1, 3)
    pixels = np.asarray(image, np.float32) + wave[..., None] * strength
    return Image.fromarray(pixels.clip(0, 255).astype(np.uint8))


def add_glare(image, rng):
    """Blend in a bright spot, or a dark one as on an unevenly lit film."""
    width, height = image.size
    x, y = np.meshgrid(np.linspace(0, 1, width), np.linspace(0, 1, height))
    centre, spread = rng.uniform(0, 1, 2), rng.uniform(0.1, 0.6)
    spot = np.exp(-((x - centre[0]) ** 2 + (y - centre[1]) ** 2) / spread**2)
    mask = Image.fromarray((spot * 255 * rng.uniform(0.3, 0.9)).astype(np.uint8))
    bright = rng.random() < 0.8
    colour = tuple(int(value) for value in rng.integers(200, 256, 3)) if bright else (0, 0, 0)
    return Image.composite(Image.new("RGB", image.size, colour), image, mask)


def double_expose(image, rng):
    """Blend the image with a shifted copy of itself."""
    shift = (rng.uniform(-0.03, 0.03, 2) * np.array(image.size)).astype(int)
    return Image.blend(image, ImageChops.offset(image, *map(int, shift)), rng.uniform(0.2, 0.5))
