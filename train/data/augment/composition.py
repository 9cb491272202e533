"""Augmentations that compose an image into a page or a grid of panels."""

import numpy as np
from PIL import Image, ImageDraw

from train.data.augment.annotation import (
    annotate,
    draw_document,
    random_colour,
    random_grey,
    write,
)
from train.data.augment.colour import adjust_intensity, apply_colour_map, clip_intensity, invert
from train.data.augment.geometry import crop, mirror, rotate, shrink_to_fit

GRIDS = ((2, 1), (1, 2), (2, 2), (3, 1), (3, 2), (2, 3), (4, 3), (5, 4), (7, 3))
"""Columns and rows of panels."""


def place_on_page(image, rng):
    """Paste the image on a larger page, with text and boxes around it in 6 of 10 cases."""
    page_size = np.array(image.size) / rng.uniform(0.28, 0.95, 2)
    if rng.random() < 0.5:
        page_size = np.array(image.size) / rng.uniform(0.3, 0.95)
    image, page_size = shrink_to_fit(image, page_size)
    width, height = (int(side) + 1 for side in page_size)
    page = Image.new("RGB", (width, height), _page_colour(image, rng))
    if rng.random() < 0.6:
        draw_document(page, rng)
    left = rng.integers(width - image.width + 1)
    top = rng.integers(height - image.height + 1)
    page.paste(image, (left, top))
    return page


def draw_axes(image, rng):
    """Put the image into a plot: ticks with labels, sometimes a title and a colour bar."""
    image, _ = shrink_to_fit(image, np.array(image.size) * 1.4)
    margins = [round(margin * min(image.size)) for margin in rng.uniform(0.04, 0.25, 4)]
    left, top, right, bottom = margins
    ground = (255, 255, 255) if rng.random() < 0.75 else random_grey(rng)
    ink = (0, 0, 0) if sum(ground) > 380 else (255, 255, 255)
    page = Image.new("RGB", (left + image.width + right, top + image.height + bottom), ground)
    page.paste(image, (left, top))
    draw = ImageDraw.Draw(page)
    box = (left, top, left + image.width, top + image.height)
    if rng.random() < 0.8:
        draw.rectangle(box, outline=ink)
    size = max(5, round(min(image.size) * rng.uniform(0.03, 0.07)))
    length = max(2, size // 3)
    steps = int(rng.integers(2, 9))
    for x in np.linspace(box[0], box[2], steps):
        draw.line((x, box[3], x, box[3] + length), fill=ink)
        write(page, (x - size, box[3] + length), 3, size, ink, rng)
    for y in np.linspace(box[1], box[3], steps):
        draw.line((box[0] - length, y, box[0], y), fill=ink)
        write(page, (box[0] - length - 2 * size, y - size / 2), 3, size, ink, rng)
    if rng.random() < 0.5:
        write(page, (left + image.width * rng.uniform(0, 0.5), 0), 20, size, ink, rng)
    if rng.random() < 0.4:
        ramp = Image.linear_gradient("L").transpose(Image.Transpose.FLIP_TOP_BOTTOM)
        bar = apply_colour_map(ramp, rng).resize((max(3, right // 3), image.height))
        page.paste(bar, (box[2] + right // 4, top))
    return page


def tile_panels(image, rng):
    """Tile the image into a grid; each panel gets augmentations of its own."""
    columns, rows = GRIDS[rng.integers(len(GRIDS))]
    image, _ = shrink_to_fit(image, np.array(image.size) * (columns, rows))
    gap = int(rng.uniform(0, 0.08) * min(image.size))
    width, height = image.size
    page = Image.new(
        "RGB",
        (columns * (width + gap) + gap, rows * (height + gap) + gap),
        _page_colour(image, rng),
    )
    same_crop = rng.random() < 0.4
    for column in range(columns):
        for row in range(rows):
            panel = image if same_crop else crop(image, rng)
            for probability, augmentation in PANEL_AUGMENTATIONS:
                if rng.random() < probability:
                    panel = augmentation(panel, rng)
            page.paste(
                panel.resize(image.size, Image.Resampling.BILINEAR),
                (gap + column * (width + gap), gap + row * (height + gap)),
            )
    return page


def _page_colour(image, rng):
    choice = rng.random()
    if choice < 0.4:
        return (255, 255, 255)
    if choice < 0.65:
        return (0, 0, 0)
    if choice < 0.75:
        return image.getpixel((0, 0))
    return random_colour(rng) if choice < 0.85 else random_grey(rng)


PANEL_AUGMENTATIONS = (
    (0.2, mirror),
    (0.2, rotate),
    (0.4, adjust_intensity),
    (0.2, clip_intensity),
    (0.15, apply_colour_map),
    (0.1, invert),
    (0.2, annotate),
)
"""(probability, augmentation) for each panel, in the order in which they are applied."""
