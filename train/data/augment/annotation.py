"""Augmentations that draw over an image, and the text and shapes that they draw."""

import functools

import numpy as np
from PIL import Image, ImageDraw, ImageFont

LINES = 256
"""Number of different lines of random text."""

LINE_LENGTH = 30
"""Number of characters in a line of random text."""

LINE_HEIGHT = 24
"""Font size of these lines, in pixels."""

NOTE_LENGTH = 10
"""Maximum number of characters in a note on an image."""


def annotate(image, rng):
    """Draw notes, arrows, lines and outlines, such as viewers and readers leave on an image."""
    image = image.copy()
    draw = ImageDraw.Draw(image)
    width, height = image.size
    side = min(image.size)
    for _ in range(rng.integers(1, 7)):
        colour = _annotation_colour(rng)
        x, y = rng.uniform(0, width), rng.uniform(0, height)
        line_width = max(1, round(side * rng.uniform(0.004, 0.02)))
        match rng.integers(4):
            case 0:
                size = max(6, round(side * rng.uniform(0.04, 0.13)))
                write(image, (x * 0.8, y), NOTE_LENGTH, size, colour, rng)
            case 1:
                length = rng.uniform(0.08, 0.35) * side
                _draw_arrow(draw, np.array([x, y]), length, line_width, colour, rng)
            case 2:
                end = (rng.uniform(0, width), rng.uniform(0, height))
                draw.line((x, y, *end), fill=colour, width=line_width)
            case 3:
                reach = rng.uniform(0.03, 0.25, 2) * side
                box = (x - reach[0], y - reach[1], x + reach[0], y + reach[1])
                outline = draw.ellipse if rng.random() < 0.5 else draw.rectangle
                outline(box, outline=colour, width=line_width)
    return image


def erase(image, rng):
    """Cover up to three rectangles with one colour each (Zhong et al. 2020, "Random Erasing")."""
    image = image.copy()
    width, height = image.size
    for _ in range(rng.integers(1, 4)):
        size = rng.uniform(0.1, 0.4, 2) * np.array(image.size)
        left, top = rng.uniform(0, width - size[0]), rng.uniform(0, height - size[1])
        box = tuple(int(v) for v in (left, top, left + size[0], top + size[1]))
        image.paste(random_colour(rng), box)
    return image


def draw_document(page, rng):
    """Draw the text, bars and boxes of a document or an application window on a page, in place."""
    draw = ImageDraw.Draw(page)
    width, height = page.size
    side = min(page.size)
    ink = tuple(255 - value for value in page.getpixel((0, 0)))
    if rng.random() < 0.4:
        title_bar = round(height * rng.uniform(0.03, 0.12))
        draw.rectangle((0, 0, width, title_bar), fill=random_colour(rng))
    if rng.random() < 0.3:
        side_bar = round(width * rng.uniform(0.08, 0.25))
        draw.rectangle((0, 0, side_bar, height), fill=random_colour(rng))
    size = max(5, round(side * rng.uniform(0.02, 0.06)))
    colour = ink if rng.random() < 0.7 else random_colour(rng)
    for _ in range(rng.integers(1, 16)):
        x, y = rng.uniform(0, width * 0.8), rng.uniform(0, height)
        write(page, (x, y), LINE_LENGTH, size, colour, rng)
    for _ in range(rng.integers(0, 5)):
        x, y = rng.uniform(0, width), rng.uniform(0, height)
        reach = rng.uniform(0.02, 0.12, 2) * side
        draw.rectangle((x, y, x + reach[0], y + reach[1]), fill=random_colour(rng))


def random_colour(rng):
    """Return a random grey or a random colour, with equal probability."""
    if rng.random() < 0.5:
        return random_grey(rng)
    return tuple(int(value) for value in rng.integers(0, 256, 3))


def random_grey(rng):
    """Return a random grey from black to white."""
    return (int(rng.integers(256)),) * 3


def _annotation_colour(rng):
    if rng.random() < 0.5:
        return (255, 255, 255) if rng.random() < 0.7 else (0, 0, 0)
    return ((255, 255, 0), (255, 0, 0), (0, 255, 0), (0, 255, 255), (60, 90, 255))[rng.integers(5)]


def _draw_arrow(draw, tip, length, line_width, colour, rng):
    angle = rng.uniform(0, 2 * np.pi)
    tail = tip + length * np.array([np.cos(angle), np.sin(angle)])
    draw.line((*tip, *tail), fill=colour, width=line_width)
    barbs = [
        tip + length * 0.35 * np.array([np.cos(angle + turn), np.sin(angle + turn)])
        for turn in (-0.5, 0.5)
    ]
    draw.polygon([tuple(tip), *map(tuple, barbs)], fill=colour)


def write(image, position, max_length, size, colour, rng):
    """Write one to ``max_length`` random characters, ``size`` pixels high."""
    line = _line_mask(int(rng.integers(LINES)))
    length = int(rng.integers(1, max_length + 1))
    mask = line.crop((0, 0, line.width * length // LINE_LENGTH, line.height))
    mask = mask.resize((max(1, mask.width * size // mask.height), size), Image.Resampling.BILINEAR)
    image.paste(colour, tuple(map(int, position)), mask)


# Cached, because rendering a font takes longer than all other augmentations together.
@functools.cache
def _line_mask(number: int) -> Image.Image:
    """Render one of the ``LINES`` lines of random characters as a mask."""
    rng = np.random.default_rng(number)
    alphabet = np.array(list("ABCDEFGHIKLMNOPRSTUVWXabcdefghiklmnoprstuvw0123456789:/.-   "))
    font = ImageFont.load_default(LINE_HEIGHT)
    text = "".join(rng.choice(alphabet, LINE_LENGTH)).replace("  ", " ").strip()
    mask = Image.new("L", (round(font.getlength(text)), round(1.25 * LINE_HEIGHT)))
    ImageDraw.Draw(mask).text((0, 0), text, fill=255, font=font)
    return mask
