"""The picture as a panel on a page, or as several panels."""

import numpy as np
from PIL import Image

from train.data.augment.drawing import annotate, any_colour, decorate
from train.data.augment.geometry import SHORTEST_SIDE, crop, mirror, quarter_turn
from train.data.augment.tones import false_colours, grey_values, invert, saturate

LONGEST_PAGE = 400
"""Pages are not much larger than this, in pixels: a network sees only so many of them."""


def on_page(picture, rng):
    """A panel on a larger page, with lines of text and boxes around it."""
    grown = np.array(picture.size) / rng.uniform(0.28, 0.95, 2)
    if rng.random() < 0.5:
        grown = np.array(picture.size) / rng.uniform(0.3, 0.95)
    picture, grown = _fitted(picture, grown)
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
    picture, _ = _fitted(picture, np.array(picture.size) * (columns, rows))
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


def _fitted(picture, page):
    """A picture and the page around it, shrunk so far that the page is not too large."""
    shrunk = min(1, LONGEST_PAGE / max(page))
    if shrunk < 1:
        picture = picture.resize(
            [max(min(side, SHORTEST_SIDE), round(side * shrunk)) for side in picture.size],
            Image.Resampling.BILINEAR,
        )
    return picture, np.maximum(np.array(page) * shrunk, picture.size)


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
