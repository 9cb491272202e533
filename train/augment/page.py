"""The picture as a panel on a page, or as several panels."""

import numpy as np
from PIL import Image

from train.augment.drawing import annotate, any_colour, decorate
from train.augment.geometry import crop, mirror, quarter_turn
from train.augment.tones import false_colours, grey_values, invert, saturate


def on_page(picture, rng):
    """A panel on a larger page, with lines of text and boxes around it."""
    grown = np.array(picture.size) / rng.uniform(0.28, 0.95, 2)
    if rng.random() < 0.5:
        grown = np.array(picture.size) / rng.uniform(0.3, 0.95)
    width, height = (int(side) + 1 for side in grown)
    page = Image.new("RGB", (width, height), _page_colour(picture, rng))
    if rng.random() < 0.6:
        decorate(page, rng)
    left = rng.integers(width - picture.width + 1)
    top = rng.integers(height - picture.height + 1)
    page.paste(picture, (left, top))
    return page


def panels(picture, rng):
    """The picture several times, each panel cropped, turned or toned in its own way."""
    grids = ((2, 1), (1, 2), (2, 2), (3, 1), (3, 2), (2, 3), (4, 3), (5, 4), (7, 3))
    columns, rows = grids[rng.integers(len(grids))]
    if columns * rows > 6:
        picture = picture.copy()
        picture.thumbnail((96, 96))
    gap = int(rng.uniform(0, 0.08) * min(picture.size))
    width, height = picture.size
    page = Image.new(
        "RGB",
        (columns * (width + gap) + gap, rows * (height + gap) + gap),
        _page_colour(picture, rng),
    )
    same_view = rng.random() < 0.4
    for column in range(columns):
        for row in range(rows):
            panel = picture if same_view else crop(picture, rng)
            for probability, variation in _PANEL_VARIATIONS:
                if rng.random() < probability:
                    panel = variation(panel, rng)
            page.paste(
                panel.resize(picture.size, Image.Resampling.BILINEAR),
                (gap + column * (width + gap), gap + row * (height + gap)),
            )
    return page


def _page_colour(picture, rng):
    draw = rng.random()
    if draw < 0.4:
        return (255, 255, 255)
    if draw < 0.65:
        return (0, 0, 0)
    if draw < 0.75:
        return picture.getpixel((0, 0))
    return any_colour(rng) if draw < 0.85 else (int(rng.integers(256)),) * 3


_PANEL_VARIATIONS = (
    (0.2, mirror),
    (0.2, quarter_turn),
    (0.4, grey_values),
    (0.2, saturate),
    (0.15, false_colours),
    (0.1, invert),
    (0.2, annotate),
)
