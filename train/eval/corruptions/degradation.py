"""What copying, exporting and recolouring do to the picture's values."""

import io
from functools import cache

import matplotlib
import numpy as np
from PIL import Image, ImageEnhance, ImageFilter, ImageOps

COLOUR_MAPS = ("jet", "turbo", "nipy_spectral", "hot", "inferno", "viridis", "bone", "copper")
"""Those that viewers of medical pictures and scientific figures offer most often."""

TINTS = ((255, 225, 170), (165, 205, 255), (180, 255, 190), (255, 195, 220), (255, 180, 120))
"""What white becomes: sepia, blue film, green monitor, pink, lamplight."""

GRAIN = 256
"""Noise has at most this many grains along the longest side: finer ones vanish at the networks'
input size."""


def contrast(
    picture: Image.Image, rng: np.random.Generator, least: float, most: float
) -> Image.Image:
    """Stretch (factor above 1) or squeeze all values around the picture's mean grey."""
    return ImageEnhance.Contrast(picture).enhance(rng.uniform(least, most))


def gamma(picture: Image.Image, rng: np.random.Generator, least: float, most: float) -> Image.Image:
    """Raise values, as shares of white, to a power: above 1 darkens, below 1 brightens."""
    curve = 255 * np.linspace(0, 1, 256) ** rng.uniform(least, most)
    return picture.point(curve.round().astype(int).tolist() * 3)


def blur(picture: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Out of focus: a Gaussian of 0.6 to 1 % of the longest side."""
    return picture.filter(ImageFilter.GaussianBlur(rng.uniform(0.006, 0.01) * max(picture.size)))


def noise(picture: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Grey Gaussian noise, its standard deviation 6 to 11 % of white."""
    scale = min(1, GRAIN / max(picture.size))
    width, height = (max(1, round(scale * side)) for side in picture.size)
    sigma = np.float32(255 * rng.uniform(0.06, 0.11))
    grain = Image.fromarray(sigma * rng.standard_normal((height, width), np.float32))
    values = np.asarray(grain.resize(picture.size, Image.Resampling.NEAREST))[..., None]
    return Image.fromarray((picture + values).clip(0, 255).astype(np.uint8))


def jpeg(picture: Image.Image, quality: int) -> Image.Image:
    """A round trip through JPEG; ``quality`` 1 (worst) to 95."""
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=quality)
    return Image.open(file).convert("RGB")


def small_copy(picture: Image.Image, side: int) -> Image.Image:
    """A thumbnail with a longest side of at most ``side`` pixels."""
    copy = picture.copy()
    copy.thumbnail((side, side))
    return copy


def colour_map(picture: Image.Image, rng: np.random.Generator) -> Image.Image:
    """False colours: one of ``COLOUR_MAPS`` over the picture's luminance."""
    grey = picture.convert("L")
    grey.putpalette(_palette(rng.choice(COLOUR_MAPS)))
    return grey.convert("RGB")


def tint(picture: Image.Image, rng: np.random.Generator) -> Image.Image:
    """The picture's luminance from black, or from a dark shade, to one of ``TINTS``."""
    white = np.array(TINTS[rng.integers(len(TINTS))])
    black = (rng.uniform(0, 0.25) * white).astype(int)
    return ImageOps.colorize(picture.convert("L"), tuple(black.tolist()), tuple(white.tolist()))


@cache
def _palette(name: str) -> bytes:
    return matplotlib.colormaps[name](np.arange(256), bytes=True)[:, :3].tobytes()
