"""Synthetic objects on a plain ground, which resemble a scan only in outline."""

import numpy as np
from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageFont

from train.data import SYNTHETIC_SIDE as SIDE
from train.data.augment.annotation import random_colour, random_grey

CHARACTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz&@#%?!+=*$"
"""The characters of ``_glyphs``."""


def synthetic_objects(rng: np.random.Generator) -> Image.Image:
    """Draw discs, rings, spheres, glyphs, cells or a globe on a black, white or plain ground."""
    ground = [(0, 0, 0), (255, 255, 255), random_grey(rng)][rng.choice(3, p=(0.6, 0.25, 0.15))]
    image = Image.new("RGB", (SIDE, SIDE), ground)
    drawers = (_discs, _spheres, _glyphs, _cells, _globe)
    drawers[rng.integers(len(drawers))](image, rng)
    if rng.random() < 0.5:
        image = image.filter(ImageFilter.GaussianBlur(rng.uniform(0.3, 2.5)))
    return image


def _discs(image, rng):
    draw = ImageDraw.Draw(image)
    fill = random_colour if rng.random() < 0.3 else random_grey
    if rng.random() < 0.5:
        # Concentric rings, as a target or a skull has them.
        box = _box(rng, 0.25, 0.48)
        for _ in range(rng.integers(1, 6)):
            draw.ellipse(box, fill=fill(rng))
            shrink = rng.uniform(0.03, 0.25) * (box[2] - box[0])
            box = (box[0] + shrink, box[1] + shrink, box[2] - shrink, box[3] - shrink)
            if box[2] - box[0] < 4 or box[3] - box[1] < 4:
                return
        return
    for _ in range(rng.integers(1, 8)):
        box = _box(rng, 0.04, 0.45)
        if rng.random() < 0.5:
            draw.ellipse(box, fill=fill(rng))
        else:
            draw.ellipse(box, outline=fill(rng), width=int(rng.integers(1, 14)))


def _spheres(image, rng):
    for _ in range(rng.integers(1, 5)):
        radius = rng.uniform(0.08, 0.46) * SIDE
        light = _direction(rng)
        x, y, z = _hemisphere(radius, rng)
        shade = np.clip(x * light[0] + y * light[1] + z * light[2], 0, 1)
        shade = rng.uniform(0, 0.35) + shade * rng.uniform(0.5, 0.9)
        if rng.random() < 0.4:
            shade = shade + np.clip(shade, 0, 1) ** rng.uniform(8, 40)
        _paste_sphere(image, z, shade, rng)


def _globe(image, rng):
    """Draw a planet: a sphere, or its flat map, whose surface is thresholded noise."""
    coarse = rng.random((int(rng.integers(4, 14)),) * 2) * 255
    land = Image.fromarray(coarse.astype("u1")).resize((SIDE, SIDE), Image.Resampling.BICUBIC)
    levels = np.linspace(0, 256, int(rng.integers(2, 5)) + 1)
    steps = np.digitize(np.asarray(land), levels[1:-1])
    colours = np.array([random_colour(rng) for _ in levels[1:]])
    surface = Image.fromarray(colours[steps].astype("u1"))
    if rng.random() < 0.4:
        image.paste(surface.resize((SIDE, SIDE)))
        return
    _, _, z = _hemisphere(rng.uniform(0.2, 0.47) * SIDE, rng)
    shaded = ImageChops.multiply(
        surface, Image.fromarray((np.nan_to_num(z) ** 0.5 * 255).astype("u1")).convert("RGB")
    )
    image.paste(shaded, mask=Image.fromarray((~np.isnan(z)).astype("u1") * 255))


def _glyphs(image, rng):
    draw = ImageDraw.Draw(image)
    single = rng.random() < 0.6
    for _ in range(1 if single else rng.integers(2, 30)):
        size = int(SIDE * (rng.uniform(0.4, 1.1) if single else rng.uniform(0.06, 0.3)))
        place = (SIDE / 2, SIDE / 2) if single else tuple(rng.uniform(0, SIDE, 2))
        character = CHARACTERS[rng.integers(len(CHARACTERS))]
        stroke = int(rng.integers(0, max(2, size // 12)))
        ink = random_colour(rng) if rng.random() < 0.3 else random_grey(rng)
        font = ImageFont.load_default(size)
        draw.text(place, character, ink, font, anchor="mm", stroke_width=stroke)


def _cells(image, rng):
    """Draw round cells with nuclei, as under a microscope."""
    draw = ImageDraw.Draw(image)
    body, nucleus = random_colour(rng), random_colour(rng)
    largest = rng.uniform(0.04, 0.3)
    for _ in range(rng.integers(3, 60)):
        box = np.array(_box(rng, largest * 0.6, largest))
        jitter = rng.normal(0, 12, 3)
        draw.ellipse(tuple(box), fill=tuple(int(v) for v in (body + jitter).clip(0, 255)))
        if rng.random() < 0.7:
            reach = (box[2:] - box[:2]) * rng.uniform(0.1, 0.3)
            centre = (box[2:] + box[:2]) / 2 + rng.uniform(-0.5, 0.5, 2) * reach
            draw.ellipse((*(centre - reach), *(centre + reach)), fill=nucleus)


def _box(rng, smallest, largest):
    """Choose the box of an ellipse, with half axes as shares of the side."""
    reach = SIDE * rng.uniform(smallest, largest) * rng.uniform(0.75, 1, 2)
    centre = np.array([rng.uniform(r, SIDE - r) if r < SIDE / 2 else SIDE / 2 for r in reach])
    return (*(centre - reach), *(centre + reach))


def _hemisphere(radius, rng):
    """Compute the unit normals of a sphere seen from the front; NaN beside it."""
    centre = rng.uniform(radius, SIDE - radius, 2)
    y, x = (np.mgrid[:SIDE, :SIDE] - centre[:, None, None]) / radius
    with np.errstate(invalid="ignore"):
        return x, y, np.sqrt(1 - x**2 - y**2)


def _direction(rng):
    vector = rng.normal((0, 0, 1.5), 1)
    return vector / np.linalg.norm(vector)


def _paste_sphere(image, z, shade, rng):
    colour = np.array(random_colour(rng))
    pixels = (np.nan_to_num(shade)[..., None] * colour).clip(0, 255).astype("u1")
    image.paste(Image.fromarray(pixels), mask=Image.fromarray((~np.isnan(z)).astype("u1") * 255))
