"""What people and viewers draw over a picture: arrows and burnt-in text."""

import math
from functools import lru_cache

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from train.eval.corruptions.geometry import fit

LEAST_SIDE = 224
"""Annotations need room: pictures whose longest side is shorter are enlarged first."""

COLOURS = ("white", "yellow", "red", "lime", "cyan")

# Nothing here tells the classes apart: the same texts are drawn over all of them.
CORNER_LINES = (
    *("DOE, JANE", "F 054Y", "ID 20417", "Hospital", "12.03.2019", "09:41:27", "Acc 7731", "Se 3"),
    *("Im 14/32", "W 350 L 40", "Zoom 118 %", "512 x 512", "5.0 mm", "Pos 37.5", "Q 90", "Avg 2"),
)


@lru_cache(512)
def text_mask(text: str, size: int) -> Image.Image:
    """One line of text, white on black, mode "L"; ``size`` is the typeface's, in pixels.

    Kept, because drawing letters costs more than all the rest of a page.
    """
    typeface = ImageFont.load_default(size)
    mask = Image.new("L", (math.ceil(typeface.getlength(text)) + 1, sum(typeface.getmetrics())))
    ImageDraw.Draw(mask).text((0, 0), text, "white", typeface)
    return mask


def put_text(canvas: Image.Image, mask: Image.Image, x: int, y: int, colour: str) -> None:
    """Write a ``text_mask`` with its upper left corner at x, y, over a black shadow."""
    shift = max(1, mask.height // 20)
    canvas.paste("black", (x + shift, y + shift), mask)
    canvas.paste(colour, (x, y), mask)


def draw_arrows(picture: Image.Image, rng: np.random.Generator) -> Image.Image:
    """One to three arrows that point into the middle of the picture."""
    canvas = _with_room(picture)
    draw = ImageDraw.Draw(canvas)
    colour = str(rng.choice(COLOURS))
    thickness = max(2, round(max(canvas.size) * rng.uniform(0.008, 0.016)))
    for _ in range(rng.integers(1, 4)):
        tip = rng.uniform(0.3, 0.7, 2) * canvas.size
        angle = rng.uniform(0, 2 * np.pi)
        length = rng.uniform(0.12, 0.22) * sum(canvas.size) / 2
        _draw_arrow(draw, tip, angle, length, thickness, colour)
    return canvas


def draw_text(picture: Image.Image, rng: np.random.Generator) -> Image.Image:
    """The corner texts of a viewer, and the letters of the two sides."""
    canvas = _with_room(picture)
    colour = str(rng.choice(COLOURS))
    burn_in(canvas, (0, 0, *canvas.size), rng, colour)
    size = round(max(canvas.size) * rng.uniform(0.07, 0.11))
    left, right = (text_mask(str(letter), size) for letter in rng.permutation(["R", "L"]))
    y = (canvas.height - left.height) // 2
    put_text(canvas, left, size // 3, y, colour)
    put_text(canvas, right, canvas.width - right.width - size // 3, y, colour)
    return canvas


def burn_in(canvas: Image.Image, box, rng: np.random.Generator, colour: str) -> None:
    """Write short lines into the corners of a box, as viewers do.

    Args:
        canvas: is drawn on.
        box: left, top, right, bottom, in pixels.
        rng: chooses the lines, their number and their size.
        colour: of the text; it gets a black shadow.
    """
    left, top, right, bottom = box
    size = max(8, round(max(right - left, bottom - top) * rng.uniform(0.033, 0.045)))
    pitch = round(1.15 * size)
    # Texts of facing corners must not meet, in however flat a picture.
    most = int(np.clip(0.35 * (bottom - top) / pitch, 1, 4))
    lines = iter(rng.permutation(CORNER_LINES))
    for corner in range(4):
        count = int(rng.integers(1, most + 1))
        y = top + 3 if corner < 2 else bottom - 4 - count * pitch
        for number in range(count):
            mask = text_mask(str(next(lines)), size)
            x = left + 4 if corner % 2 else right - 4 - mask.width
            put_text(canvas, mask, x, y + number * pitch, colour)


def _with_room(picture: Image.Image) -> Image.Image:
    if max(picture.size) < LEAST_SIDE:
        return fit(picture, LEAST_SIDE, LEAST_SIDE)
    return picture.copy()


def _draw_arrow(draw, tip, angle, length, thickness, colour):
    along = np.array([np.cos(angle), np.sin(angle)])
    across = thickness * np.array([-along[1], along[0]])
    neck = tip - 4 * thickness * along
    tail = tip - length * along
    outline = [
        *(tail + across / 2, neck + across / 2, neck + 2 * across, tip),
        *(neck - 2 * across, neck - across / 2, tail - across / 2),
    ]
    draw.polygon([tuple(point) for point in outline], fill=colour, outline="black")
