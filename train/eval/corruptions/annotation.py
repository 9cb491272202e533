"""Draw on images as people and viewers do: arrows and burnt-in text."""

import math
from functools import lru_cache

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from train.eval.corruptions.geometry import fit

MIN_SIDE = 224
"""Minimum longest side, to which smaller images are enlarged to make annotations legible."""

COLOURS = ("white", "yellow", "red", "lime", "cyan")
"""Colours of annotations."""

# The same texts are drawn on all classes, so that they do not reveal the class.
CORNER_LINES = (
    *("DOE, JANE", "F 054Y", "ID 20417", "Hospital", "12.03.2019", "09:41:27", "Acc 7731", "Se 3"),
    *("Im 14/32", "W 350 L 40", "Zoom 118 %", "512 x 512", "5.0 mm", "Pos 37.5", "Q 90", "Avg 2"),
)


@lru_cache(512)
def text_mask(text: str, size: int) -> Image.Image:
    """Draw a line of text, white on black, mode "L", with a font size in pixels.

    Cached, because drawing the letters of a page takes longer than all the rest of it.
    """
    font = ImageFont.load_default(size)
    mask = Image.new("L", (math.ceil(font.getlength(text)) + 1, sum(font.getmetrics())))
    ImageDraw.Draw(mask).text((0, 0), text, "white", font)
    return mask


def put_text(canvas: Image.Image, mask: Image.Image, x: int, y: int, colour: str) -> None:
    """Draw a ``text_mask`` with its upper left corner at x, y and a black shadow."""
    shift = max(1, mask.height // 20)
    canvas.paste("black", (x + shift, y + shift), mask)
    canvas.paste(colour, (x, y), mask)


def draw_arrows(image: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Draw one to three arrows that point into the middle of the image."""
    canvas = _enlarged(image)
    draw = ImageDraw.Draw(canvas)
    colour = str(rng.choice(COLOURS))
    thickness = max(2, round(max(canvas.size) * rng.uniform(0.008, 0.016)))
    for _ in range(rng.integers(1, 4)):
        tip = rng.uniform(0.3, 0.7, 2) * canvas.size
        angle = rng.uniform(0, 2 * np.pi)
        length = rng.uniform(0.12, 0.22) * sum(canvas.size) / 2
        _draw_arrow(draw, tip, angle, length, thickness, colour)
    return canvas


def draw_text(image: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Draw the texts of a viewer into the corners, and the letters R and L at the sides."""
    canvas = _enlarged(image)
    colour = str(rng.choice(COLOURS))
    burn_in(canvas, (0, 0, *canvas.size), rng, colour)
    size = round(max(canvas.size) * rng.uniform(0.07, 0.11))
    left, right = (text_mask(str(letter), size) for letter in rng.permutation(["R", "L"]))
    y = (canvas.height - left.height) // 2
    put_text(canvas, left, size // 3, y, colour)
    put_text(canvas, right, canvas.width - right.width - size // 3, y, colour)
    return canvas


def burn_in(canvas: Image.Image, box, rng: np.random.Generator, colour: str) -> None:
    """Draw short lines of text into the corners of a box, as viewers do.

    Args:
        canvas: image to draw on.
        box: left, top, right and bottom, in pixels.
        rng: chooses the lines, their number and their size.
        colour: colour of the text, which has a black shadow.
    """
    left, top, right, bottom = box
    size = max(8, round(max(right - left, bottom - top) * rng.uniform(0.033, 0.045)))
    pitch = round(1.15 * size)
    # Texts of opposite corners must not overlap, not even in a flat image.
    max_lines = int(np.clip(0.35 * (bottom - top) / pitch, 1, 4))
    lines = iter(rng.permutation(CORNER_LINES))
    for corner in range(4):
        count = int(rng.integers(1, max_lines + 1))
        y = top + 3 if corner < 2 else bottom - 4 - count * pitch
        for number in range(count):
            mask = text_mask(str(next(lines)), size)
            x = left + 4 if corner % 2 else right - 4 - mask.width
            put_text(canvas, mask, x, y + number * pitch, colour)


def _enlarged(image: Image.Image) -> Image.Image:
    if max(image.size) < MIN_SIDE:
        return fit(image, MIN_SIDE, MIN_SIDE)
    return image.copy()


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
