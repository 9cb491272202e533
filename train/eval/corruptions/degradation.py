"""Degrade the pixel values of images, as copying, exporting and recolouring do."""

import io
from functools import cache

import matplotlib
import numpy as np
from PIL import Image, ImageEnhance, ImageFilter, ImageOps

COLOUR_MAPS = ("jet", "turbo", "nipy_spectral", "hot", "inferno", "viridis", "bone", "copper")
"""Colour maps that viewers of medical images and scientific figures offer most often."""

TINTS = ((255, 225, 170), (165, 205, 255), (180, 255, 190), (255, 195, 220), (255, 180, 120))
"""Colours that white becomes: sepia, blue film, green monitor, pink, lamplight."""

GRAIN = 256
"""Number of grains of noise along the longest side; finer ones vanish at the input size."""


def contrast(image: Image.Image, rng: np.random.Generator, low: float, high: float) -> Image.Image:
    """Scale all values around the mean grey by a random factor; above 1 raises the contrast."""
    return ImageEnhance.Contrast(image).enhance(rng.uniform(low, high))


def gamma(image: Image.Image, rng: np.random.Generator, low: float, high: float) -> Image.Image:
    """Raise values, as shares of white, to a random power; above 1 darkens."""
    curve = 255 * np.linspace(0, 1, 256) ** rng.uniform(low, high)
    return image.point(curve.round().astype(int).tolist() * 3)


def blur(image: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Blur with a Gaussian whose standard deviation is 0.6 to 1 % of the longest side."""
    return image.filter(ImageFilter.GaussianBlur(rng.uniform(0.006, 0.01) * max(image.size)))


def noise(image: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Add grey Gaussian noise whose standard deviation is 6 to 11 % of white."""
    scale = min(1, GRAIN / max(image.size))
    width, height = (max(1, round(scale * side)) for side in image.size)
    sigma = np.float32(255 * rng.uniform(0.06, 0.11))
    grain = Image.fromarray(sigma * rng.standard_normal((height, width), np.float32))
    values = np.asarray(grain.resize(image.size, Image.Resampling.NEAREST))[..., None]
    return Image.fromarray((image + values).clip(0, 255).astype(np.uint8))


def jpeg(image: Image.Image, quality: int) -> Image.Image:
    """Compress as JPEG and decompress; ``quality`` is 1 (worst) to 95."""
    file = io.BytesIO()
    image.save(file, "JPEG", quality=quality)
    return Image.open(file).convert("RGB")


def small_copy(image: Image.Image, side: int) -> Image.Image:
    """Reduce to a thumbnail with a longest side of at most ``side`` pixels."""
    copy = image.copy()
    copy.thumbnail((side, side))
    return copy


def colour_map(image: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Map the luminance to false colours with one of ``COLOUR_MAPS``."""
    grey = image.convert("L")
    grey.putpalette(_palette(rng.choice(COLOUR_MAPS)))
    return grey.convert("RGB")


def tint(image: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Map the luminance to a range from black or a dark shade to one of ``TINTS``."""
    white = np.array(TINTS[rng.integers(len(TINTS))])
    black = (rng.uniform(0, 0.25) * white).astype(int)
    return ImageOps.colorize(image.convert("L"), tuple(black.tolist()), tuple(white.tolist()))


@cache
def _palette(name: str) -> bytes:
    return matplotlib.colormaps[name](np.arange(256), bytes=True)[:, :3].tobytes()
