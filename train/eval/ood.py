"""Measure what a network predicts for synthetic out-of-distribution images."""

from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from model.classifier import load_classifier, softmax
from model.imaging import network_input
from train.errors import UserError
from train.eval.inference import load_release
from train.eval.plots import plot_ood
from train.eval.report import write_report
from train.eval.tables import ood_table
from train.files import make_folder

IMAGES_PER_KIND = 400
"""Number of images of each kind."""

SIDE = 256
"""Side of the images, in pixels."""

GLYPHS = "0123456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""The characters of ``glyph``."""

WORDS = "the quick brown fox jumps over a lazy dog while seven wizards quietly mix blue liquids"


def ood(weights: Path, out: Path | None) -> None:
    """Predict synthetic images that should all be "other".

    Writes ood.json and ood.png: for each kind of image the share predicted as brain or lung with a
    confidence above 0.5, and the quantiles 0.5, 0.9, 0.99 and 1 of the larger of the confidences in
    brain and in lung.

    Args:
        weights: path as ``load_release`` takes it.
        out: folder to write to; by default the results folder of the weights.

    Raises:
        UserError: ``out`` cannot be used, or the weights have no label "other".
        ReleaseError: the weights cannot be used.
    """
    release = load_release(weights)
    classifier = load_classifier(release)
    if "other" not in release.labels:
        raise UserError('these weights have no label "other", which such images should have')
    out = make_folder(out or release.results_folder)
    figures = {"network": release.network, "sha256": release.sha256, "kinds": {}}
    for name, make in KINDS.items():
        images = [make(np.random.default_rng(seed)) for seed in range(IMAGES_PER_KIND)]
        inputs = np.stack([network_input(image, classifier.input_size) for image in images])
        confidences = softmax(classifier.logits(inputs), release.temperature)
        scans = np.delete(confidences, release.labels.index("other"), axis=1).max(axis=1)
        figures["kinds"][name] = {
            "images": len(images),
            "above_half": round(float((scans > 0.5).mean()), 4),
            "quantiles": np.quantile(scans, (0.5, 0.9, 0.99, 1)).round(4).tolist(),
        }
    write_report(out, "ood", figures, ood_table(figures), {"ood": plot_ood})


def blank(rng: np.random.Generator) -> Image.Image:
    """Draw one colour, or a gradient between two."""
    ends = rng.integers(0, 256, (2, 3)) if rng.random() < 0.5 else rng.integers(0, 256, (2, 1))
    if rng.random() < 0.5:
        ends[1] = ends[0]
    ramp = np.linspace(0, 1, SIDE)[:, None]
    column = np.broadcast_to(ends[0] + ramp * (ends[1] - ends[0]), (SIDE, 3))
    return Image.fromarray(np.repeat(column[:, None], SIDE, axis=1).astype(np.uint8))


def noise(rng: np.random.Generator) -> Image.Image:
    """Draw grey or coloured noise, from fine grain to clouds."""
    channels = 1 if rng.random() < 0.5 else 3
    grain = int(2 ** rng.integers(2, 9))
    pixels = rng.integers(0, 256, (grain, grain, channels), np.uint8).repeat(3 // channels, axis=2)
    return Image.fromarray(pixels).resize((SIDE, SIDE), Image.Resampling.BICUBIC)


def texture(rng: np.random.Generator) -> Image.Image:
    """Draw sums of waves: stripes, checks, ripples and weaves."""
    x, y = np.meshgrid(np.linspace(-1, 1, SIDE), np.linspace(-1, 1, SIDE))
    total = np.zeros_like(x)
    for _ in range(rng.integers(1, 5)):
        angle, waves = rng.uniform(0, np.pi), rng.uniform(2, 40)
        along = x * np.cos(angle) + y * np.sin(angle)
        distance = np.hypot(x - rng.uniform(-1, 1), y - rng.uniform(-1, 1))
        total += np.sin(waves * np.pi * (along if rng.random() < 0.7 else distance))
    if rng.random() < 0.3:
        total = np.sign(total)
    grey = (total - total.min()) / max(np.ptp(total), 1e-9)
    colours = rng.integers(0, 256, (2, 3)) if rng.random() < 0.5 else np.array([[0], [255]])
    pixels = colours[0] + grey[..., None] * (colours[1] - colours[0])
    return Image.fromarray(np.broadcast_to(pixels, (SIDE, SIDE, 3)).astype(np.uint8))


def drawing(rng: np.random.Generator) -> Image.Image:
    """Draw outlines and filled shapes on white or black."""
    dark = rng.random() < 0.5
    image = Image.new("RGB", (SIDE, SIDE), "black" if dark else "white")
    draw = ImageDraw.Draw(image)
    for _ in range(rng.integers(2, 15)):
        box = np.sort(rng.integers(0, SIDE, (2, 2)), axis=0).ravel().tolist()
        grey = rng.random() < 0.6
        colour = tuple(np.broadcast_to(rng.integers(0, 256, 1 if grey else 3), 3).tolist())
        thickness = int(rng.integers(1, 9))
        match rng.integers(5):
            case 0:
                draw.ellipse(box, outline=colour, width=thickness)
            case 1:
                draw.ellipse(box, fill=colour)
            case 2:
                draw.rectangle(box, outline=colour, width=thickness)
            case 3:
                draw.line(rng.integers(0, SIDE, 8).tolist(), fill=colour, width=thickness)
            case 4:
                draw.polygon(rng.integers(0, SIDE, 8).tolist(), fill=colour)
    return image.filter(ImageFilter.GaussianBlur(rng.uniform(0, 1.5)))


def text(rng: np.random.Generator) -> Image.Image:
    """Draw lines of words, dark on light or light on dark."""
    ground, ink = (255, 0) if rng.random() < 0.7 else (0, 255)
    image = Image.new("RGB", (SIDE, SIDE), (ground,) * 3)
    draw = ImageDraw.Draw(image)
    size = int(rng.integers(8, 40))
    words = WORDS.split()
    for top in range(int(rng.integers(4, 30)), SIDE - size, int(size * rng.uniform(1.1, 2))):
        line = " ".join(rng.choice(words, 12))
        draw.text((int(rng.integers(2, 30)), top), line, (ink,) * 3, ImageFont.load_default(size))
    return image


def glyph(rng: np.random.Generator) -> Image.Image:
    """Draw one large letter or digit."""
    image, ink = _black_or_white(rng)
    font = ImageFont.load_default(int(rng.integers(100, 250)))
    place = tuple(SIDE / 2 + rng.uniform(-40, 40, 2))
    ImageDraw.Draw(image).text(place, rng.choice(list(GLYPHS)), ink, font, anchor="mm")
    return image.filter(ImageFilter.GaussianBlur(rng.uniform(0, 3)))


def circle(rng: np.random.Generator) -> Image.Image:
    """Draw one disc or ring, or several in each other."""
    image, ink = _black_or_white(rng)
    draw = ImageDraw.Draw(image)
    radius = rng.uniform(40, 120)
    x, y = rng.uniform(radius, SIDE - radius, 2)
    for ring in range(rng.integers(1, 4)):
        reach = radius * 0.6**ring
        box = (x - reach, y - reach, x + reach, y + reach)
        filled = rng.random() < 0.5
        grey = (int(rng.integers(40, 216)),) * 3
        draw.ellipse(box, fill=grey if filled else None, outline=ink, width=int(rng.integers(1, 9)))
    return image


def sphere(rng: np.random.Generator) -> Image.Image:
    """Draw a shaded ball."""
    image, _ = _black_or_white(rng)
    y, x = np.mgrid[-1 : 1 : SIDE * 1j, -1 : 1 : SIDE * 1j] / rng.uniform(0.3, 0.9)
    height = np.sqrt(np.clip(1 - x**2 - y**2, 0, None))
    light = rng.normal((0, 0, 2))
    shade = np.clip(np.stack([x, y, height], axis=2) @ light / np.linalg.norm(light), 0.1, 1)
    colour = rng.integers(60, 256, 3 if rng.random() < 0.5 else 1)
    ball = Image.fromarray(np.broadcast_to(shade[..., None] * colour, (SIDE, SIDE, 3)).astype("u1"))
    image.paste(ball, mask=Image.fromarray((height > 0).astype("u1") * 255))
    return image


def cells(rng: np.random.Generator) -> Image.Image:
    """Draw many small round cells with a darker or brighter nucleus."""
    image, _ = _black_or_white(rng)
    draw = ImageDraw.Draw(image)
    body, nucleus = (tuple(colour.tolist()) for colour in rng.integers(0, 256, (2, 3)))
    radius = rng.uniform(8, 50)
    for x, y in rng.uniform(0, SIDE, (int(rng.integers(5, 50)), 2)):
        draw.circle((x, y), radius, fill=body)
        draw.circle((x, y), radius * 0.4, fill=nucleus)
    return image.filter(ImageFilter.GaussianBlur(rng.uniform(0, 2)))


def island(rng: np.random.Generator) -> Image.Image:
    """Draw a map: one land with a ragged coast and a few borders."""
    image, ink = _black_or_white(rng)
    draw = ImageDraw.Draw(image)
    angles = np.linspace(0, 2 * np.pi, 60, endpoint=False)
    waves = sum(
        rng.normal(0, 0.3 / k) * np.cos(k * angles + rng.uniform(0, 2 * np.pi)) for k in range(1, 9)
    )
    reach = SIDE * rng.uniform(0.25, 0.4) * np.exp(waves)
    coast = SIDE / 2 + np.stack([np.cos(angles), np.sin(angles)], axis=1) * reach[:, None]
    land = tuple(rng.integers(60, 230, 3).tolist())
    draw.polygon([tuple(point) for point in coast], fill=land, outline=ink)
    for _ in range(rng.integers(0, 6)):
        draw.line([tuple(coast[i]) for i in rng.integers(0, 60, 2)], fill=ink)
    return image


def _black_or_white(rng):
    """Return a black or white image, and the other of the two colours."""
    colours = ["black", "white"]
    ground = int(rng.random() < 0.4)
    return Image.new("RGB", (SIDE, SIDE), colours[ground]), colours[1 - ground]


KINDS = {
    "blank": blank,
    "noise": noise,
    "texture": texture,
    "drawing": drawing,
    "text": text,
    "glyph": glyph,
    "circle": circle,
    "sphere": sphere,
    "cells": cells,
    "map": island,
}
