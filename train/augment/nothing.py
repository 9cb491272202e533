"""Pictures that show nothing, made up: clouds, grain, blobs, and marks on an empty page."""

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from train.augment.drawing import annotate, any_colour, decorate

SIDE = 224


def nothing(rng: np.random.Generator) -> Image.Image:
    """A square RGB picture of none of the things that pictures are taken of."""
    match rng.integers(4):
        case 0:
            return _clouds(rng)
        case 1:
            return Image.composite(
                _clouds(rng), Image.new("RGB", (SIDE, SIDE), any_colour(rng)), _blobs(rng)
            )
        case 2:
            page = Image.new("RGB", (SIDE, SIDE), any_colour(rng))
            decorate(page, rng)
            return page
        case _:
            return annotate(Image.new("RGB", (SIDE, SIDE), any_colour(rng)), rng)


def _clouds(rng):
    """Noise whose spectrum falls with frequency, from white noise to smooth shades."""
    frequency = np.hypot(np.fft.fftfreq(SIDE)[:, None], np.fft.rfftfreq(SIDE)[None])
    falloff = (frequency + rng.uniform(0.002, 0.05)) ** -rng.uniform(0, 3)
    channels = 1 if rng.random() < 0.6 else 3
    spectrum = np.fft.rfft2(rng.standard_normal((channels, SIDE, SIDE))) * falloff
    values = np.fft.irfft2(spectrum, (SIDE, SIDE))
    low, high = np.percentile(values, (rng.uniform(0, 40), rng.uniform(60, 100)))
    pixels = ((values - low) / max(high - low, 1e-9)).clip(0, 1) * 255
    return Image.fromarray(np.broadcast_to(pixels, (3, SIDE, SIDE)).transpose(1, 2, 0).astype("u1"))


def _blobs(rng):
    """A mask of one or a few round or angular patches, with sharp or soft edges."""
    mask = Image.new("L", (SIDE, SIDE))
    draw = ImageDraw.Draw(mask)
    for _ in range(rng.integers(1, 4)):
        centre, reach = rng.uniform(0.2, 0.8, 2) * SIDE, rng.uniform(0.1, 0.45, 2) * SIDE
        box = (*(centre - reach), *(centre + reach))
        if rng.random() < 0.7:
            draw.ellipse(box, fill=255)
        else:
            draw.polygon([tuple(p) for p in centre + reach * rng.uniform(-1, 1, (5, 2))], fill=255)
    return mask.filter(ImageFilter.GaussianBlur(int(rng.choice([0, 2, 10]))))
