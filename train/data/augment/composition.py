"""Augmentations that compose an image into a page or a grid of panels."""

import numpy as np
from PIL import Image

from train.data.augment.annotation import annotate, draw_document, random_colour, random_grey
from train.data.augment.colour import adjust_intensity, apply_colour_map, clip_intensity, invert
from train.data.augment.geometry import MIN_SIDE, crop, mirror, rotate

MAX_PAGE_SIDE = 400
"""Longest side of a composed page, in pixels; gaps between panels come on top."""

GRIDS = ((2, 1), (1, 2), (2, 2), (3, 1), (3, 2), (2, 3), (4, 3), (5, 4), (7, 3))
"""Columns and rows of panels."""


def place_on_page(image, rng):
    """Paste the image on a larger page, with text and boxes around it in 6 of 10 cases."""
    page_size = np.array(image.size) / rng.uniform(0.28, 0.95, 2)
    if rng.random() < 0.5:
        page_size = np.array(image.size) / rng.uniform(0.3, 0.95)
    image, page_size = _shrink_to_fit(image, page_size)
    width, height = (int(side) + 1 for side in page_size)
    page = Image.new("RGB", (width, height), _page_colour(image, rng))
    if rng.random() < 0.6:
        draw_document(page, rng)
    left = rng.integers(width - image.width + 1)
    top = rng.integers(height - image.height + 1)
    page.paste(image, (left, top))
    return page


def tile_panels(image, rng):
    """Tile the image into a grid; each panel gets augmentations of its own."""
    columns, rows = GRIDS[rng.integers(len(GRIDS))]
    image, _ = _shrink_to_fit(image, np.array(image.size) * (columns, rows))
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


def _shrink_to_fit(image, page_size):
    """Shrink the image and its page until the page fits ``MAX_PAGE_SIDE``."""
    scale = min(1, MAX_PAGE_SIDE / max(page_size))
    if scale < 1:
        image = image.resize(
            [max(min(side, MIN_SIDE), round(side * scale)) for side in image.size],
            Image.Resampling.BILINEAR,
        )
    return image, np.maximum(np.array(page_size) * scale, image.size)


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
