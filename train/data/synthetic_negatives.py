"""Synthetic negatives: images without meaning, with the label other in training.

A network that has seen only real images assigns noise, textures and empty pages to any class.
"""

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from train.data import SYNTHETIC_SIDE as SIDE
from train.data.augment.annotation import annotate, draw_document, random_colour, random_grey
from train.data.synthetic_diagrams import synthetic_diagram
from train.data.synthetic_objects import synthetic_objects


def synthetic_negative(rng: np.random.Generator) -> Image.Image:
    """Draw an RGB image: noise, shapes, objects, a diagram, a grid, a document or annotations."""
    match rng.integers(11):
        case 0:
            return _noise(rng)
        case 1:
            return Image.composite(_noise(rng), _blank(rng), _blobs(rng))
        case 2:
            return _shapes(rng)
        case 3:
            return _grid(rng)
        case 4:
            page = _blank(rng)
            draw_document(page, rng)
            return page
        case 5:
            return annotate(_blank(rng), rng)
        case 6 | 7 | 8:
            return synthetic_diagram(rng)
        case _:
            return synthetic_objects(rng)


def _blank(rng):
    """Draw one colour."""
    return Image.new("RGB", (SIDE, SIDE), random_colour(rng))


def _noise(rng):
    """Draw noise whose spectrum falls with frequency, from white noise to smooth clouds."""
    frequency = np.hypot(np.fft.fftfreq(SIDE)[:, None], np.fft.rfftfreq(SIDE)[None])
    falloff = (frequency + rng.uniform(0.002, 0.05)) ** -rng.uniform(0, 3)
    if rng.random() < 0.4:
        # Without high frequencies, all spots have about one size.
        falloff *= np.exp(-((frequency / (0.005 * 100 ** rng.random())) ** 2))
    channels = 1 if rng.random() < 0.6 else 3
    spectrum = np.fft.rfft2(rng.standard_normal((channels, SIDE, SIDE))) * falloff
    values = np.fft.irfft2(spectrum, (SIDE, SIDE))
    low, high = np.percentile(values, (rng.uniform(0, 40), rng.uniform(60, 100)))
    pixels = ((values - low) / max(high - low, 1e-9)).clip(0, 1) * 255
    return Image.fromarray(np.broadcast_to(pixels, (3, SIDE, SIDE)).transpose(1, 2, 0).astype("u1"))


def _grid(rng):
    """Draw random values on a coarse or fine grid, with sharp or smooth borders."""
    shape = np.exp(rng.uniform(np.log(2), np.log(SIDE), 1 if rng.random() < 0.7 else 2))
    height, width = np.broadcast_to(shape.astype(int), 2)
    channels = 1 if rng.random() < 0.5 else 3
    values = rng.beta(*np.exp(rng.uniform(-1.5, 1.5, 2)), (height, width, channels)) * 255
    grid = Image.fromarray(values.astype("u1").repeat(3 // channels, axis=2))
    return grid.resize((SIDE, SIDE), rng.choice([0, 1, 2, 3]))


def _shapes(rng):
    """Draw overlapping shapes, filled or in outline, in greys or in colours."""
    image = Image.new("RGB", (SIDE, SIDE), random_colour(rng) if rng.random() < 0.5 else "black")
    draw = ImageDraw.Draw(image)
    random_fill = random_colour if rng.random() < 0.5 else random_grey
    for _ in range(rng.integers(1, 20)):
        centre, reach = rng.uniform(0, SIDE, 2), SIDE * rng.uniform(0.02, 0.5, 2)
        corners = [tuple(p) for p in centre + reach * rng.uniform(-1, 1, (rng.integers(3, 7), 2))]
        colour, width = random_fill(rng), int(rng.integers(1, 12))
        box = (*(centre - reach), *(centre + reach))
        match rng.integers(6):
            case 0:
                draw.ellipse(box, fill=colour)
            case 1:
                draw.ellipse(box, outline=colour, width=width)
            case 2:
                draw.polygon(corners, fill=colour)
            case 3:
                draw.line(corners, fill=colour, width=width, joint="curve")
            case 4:
                draw.arc(box, *rng.uniform(0, 360, 2), fill=colour, width=width)
    return image.filter(ImageFilter.GaussianBlur(int(rng.choice([0, 1, 4]))))


def _blobs(rng):
    """Draw a mask of one to three ellipses or polygons, with sharp or soft edges."""
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
