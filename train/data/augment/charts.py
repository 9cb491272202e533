"""Augmentation that puts charts beside an image, as reports and viewers do."""

import itertools

import numpy as np
from PIL import Image, ImageDraw

from train.data.augment.annotation import random_colour, random_grey, write
from train.data.augment.geometry import shrink_to_fit


def add_charts(image, rng):
    """Put one or two strips of charts above, below or beside the image."""
    image, _ = shrink_to_fit(image, np.array(image.size) * 1.8)
    ground = (255, 255, 255) if rng.random() < 0.7 else random_grey(rng)
    ink = (0, 0, 0) if ground[0] > 127 else (255, 255, 255)
    for _ in range(rng.integers(1, 3)):
        beside = rng.random() < 0.5
        thickness = int(rng.uniform(0.25, 0.9) * image.size[not beside]) + 1
        size = (thickness, image.height) if beside else (image.width, thickness)
        strip = _draw_strip(size, ground, ink, rng)
        first, second = (image, strip) if rng.random() < 0.5 else (strip, image)
        corner = (first.width, 0) if beside else (0, first.height)
        page = Image.new("RGB", np.add(corner, second.size).clip(min=image.size).tolist(), ground)
        page.paste(first)
        page.paste(second, corner)
        image = page
    return image


def _draw_strip(size, ground, ink, rng):
    """Draw one to three charts in a row, or in a column where the strip is upright."""
    strip = Image.new("RGB", size, ground)
    upright = size[1] > size[0]
    bounds = np.linspace(0, size[upright], int(rng.integers(1, 4)) + 1)
    for start, end in itertools.pairwise(bounds):
        box = (0, start, size[0], end) if upright else (start, 0, end, size[1])
        _draw_chart(strip, box, ink, rng)
    return strip


def _draw_chart(page, box, ink, rng):
    """Draw a chart of random values with a frame and labels, or lines of text, in a box."""
    left, top, right, bottom = box
    margin = rng.uniform(0.08, 0.2, 4) * min(right - left, bottom - top)
    left, top, right, bottom = np.add(box, margin * (1, 1, -1, -1))
    letter = max(4, round(margin.mean() * 0.6))
    draw = ImageDraw.Draw(page)
    colour = ink if rng.random() < 0.3 else random_colour(rng)
    count = int(rng.integers(5, 120))
    x = np.linspace(left, right, count)
    values = _random_values(count, rng)
    y = bottom - values * (bottom - top)
    match rng.integers(4):
        case 0:
            draw.line(np.stack([x, y], axis=1).ravel().tolist(), fill=colour)
        case 1:
            width = (right - left) / count * rng.choice([0.5, 1])
            for bar_left, bar_top in zip(x, y, strict=True):
                draw.rectangle((bar_left, bar_top, bar_left + width, bottom), fill=colour)
        case 2:
            for centre in zip(rng.permutation(x), y, strict=True):
                draw.circle(centre, max(1, letter / 4), fill=colour)
        case _:
            for line_top in np.arange(top, bottom - letter, 1.6 * letter):
                write(page, (left, line_top), 30, letter, colour, rng)
            return
    if rng.random() < 0.7:
        draw.rectangle((left, top, right, bottom), outline=ink)
    else:
        draw.line((left, top, left, bottom, right, bottom), fill=ink)
    write(page, ((left + right) / 2 - 2 * letter, box[1]), 15, letter, ink, rng)
    write(page, ((left + right) / 2 - letter, bottom), 8, letter, ink, rng)


def _random_values(count, rng):
    """Return values from 0 to 1: noise, a peak with a tail, or a smooth curve."""
    place = np.linspace(0, 1, count)
    match rng.integers(3):
        case 0:
            values = rng.standard_normal(count)
        case 1:
            values = place ** rng.uniform(0.5, 4) * np.exp(-place * rng.uniform(4, 12))
            values = values * rng.uniform(0.8, 1.2, count)
        case _:
            values = np.cumsum(rng.standard_normal(count))
    return (values - values.min()) / max(np.ptp(values), 1e-9)
