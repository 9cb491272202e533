"""Letters, lines and boxes, on a picture or on the page around it."""

import functools

import numpy as np
from PIL import Image, ImageDraw, ImageFont

_LINES, _LETTERS, _HIGH = 256, 30, 24
"""Of the written lines: how many there are, their letters, and their height in pixels."""

_WORDS = 10
"""Letters of a note; a line of text has three times as many."""


def annotate(picture, rng):
    """Letters, arrows, lines and boxes such as viewers and readers leave on a picture."""
    picture = picture.copy()
    draw = ImageDraw.Draw(picture)
    width, height = picture.size
    side = min(picture.size)
    for _ in range(rng.integers(1, 7)):
        colour = _vivid(rng)
        x, y = rng.uniform(0, width), rng.uniform(0, height)
        thick = max(1, round(side * rng.uniform(0.004, 0.02)))
        match rng.integers(4):
            case 0:
                size = max(6, round(side * rng.uniform(0.04, 0.13)))
                _write(picture, (x * 0.8, y), _WORDS, size, colour, rng)
            case 1:
                _arrow(draw, np.array([x, y]), rng.uniform(0.08, 0.35) * side, thick, colour, rng)
            case 2:
                end = (rng.uniform(0, width), rng.uniform(0, height))
                draw.line((x, y, *end), fill=colour, width=thick)
            case 3:
                reach = rng.uniform(0.03, 0.25, 2) * side
                box = (x - reach[0], y - reach[1], x + reach[0], y + reach[1])
                shape = draw.ellipse if rng.random() < 0.5 else draw.rectangle
                shape(box, outline=colour, width=thick)
    return picture


def hide(picture, rng):
    """Blocks of one colour over parts of the picture (Zhong et al. 2020, random erasing)."""
    picture = picture.copy()
    width, height = picture.size
    for _ in range(rng.integers(1, 4)):
        size = rng.uniform(0.1, 0.4, 2) * np.array(picture.size)
        left, top = rng.uniform(0, width - size[0]), rng.uniform(0, height - size[1])
        box = tuple(int(v) for v in (left, top, left + size[0], top + size[1]))
        picture.paste(any_colour(rng), box)
    return picture


def decorate(page, rng):
    """Text, bars and boxes of a document or of an application's window."""
    draw = ImageDraw.Draw(page)
    width, height = page.size
    side = min(page.size)
    ink = tuple(255 - value for value in page.getpixel((0, 0)))
    if rng.random() < 0.4:
        bar = round(height * rng.uniform(0.03, 0.12))
        draw.rectangle((0, 0, width, bar), fill=any_colour(rng))
    if rng.random() < 0.3:
        panel = round(width * rng.uniform(0.08, 0.25))
        draw.rectangle((0, 0, panel, height), fill=any_colour(rng))
    size = max(5, round(side * rng.uniform(0.02, 0.06)))
    colour = ink if rng.random() < 0.7 else any_colour(rng)
    for _ in range(rng.integers(1, 16)):
        x, y = rng.uniform(0, width * 0.8), rng.uniform(0, height)
        _write(page, (x, y), 3 * _WORDS, size, colour, rng)
    for _ in range(rng.integers(0, 5)):
        x, y = rng.uniform(0, width), rng.uniform(0, height)
        reach = rng.uniform(0.02, 0.12, 2) * side
        draw.rectangle((x, y, x + reach[0], y + reach[1]), fill=any_colour(rng))


def _arrow(draw, tip, length, thick, colour, rng):
    angle = rng.uniform(0, 2 * np.pi)
    tail = tip + length * np.array([np.cos(angle), np.sin(angle)])
    draw.line((*tip, *tail), fill=colour, width=thick)
    wings = [
        tip + length * 0.35 * np.array([np.cos(angle + turn), np.sin(angle + turn)])
        for turn in (-0.5, 0.5)
    ]
    draw.polygon([tuple(tip), *map(tuple, wings)], fill=colour)


def _write(picture, position, letters, size, colour, rng):
    """At most so many letters, in a line ``size`` pixels high."""
    line = _line(int(rng.integers(_LINES)))
    letters = int(rng.integers(1, letters + 1))
    mask = line.crop((0, 0, line.width * letters // _LETTERS, line.height))
    mask = mask.resize((max(1, mask.width * size // mask.height), size), Image.Resampling.BILINEAR)
    picture.paste(colour, tuple(map(int, position)), mask)


@functools.cache
def _line(number: int) -> Image.Image:
    """One of so many lines of random words; a font takes longer to write a line than all else."""
    rng = np.random.default_rng(number)
    alphabet = np.array(list("ABCDEFGHIKLMNOPRSTUVWXabcdefghiklmnoprstuvw0123456789:/.-   "))
    font = ImageFont.load_default(_HIGH)
    text = "".join(rng.choice(alphabet, _LETTERS)).replace("  ", " ").strip()
    mask = Image.new("L", (round(font.getlength(text)), round(1.25 * _HIGH)))
    ImageDraw.Draw(mask).text((0, 0), text, fill=255, font=font)
    return mask


def _vivid(rng):
    if rng.random() < 0.5:
        return (255, 255, 255) if rng.random() < 0.7 else (0, 0, 0)
    return ((255, 255, 0), (255, 0, 0), (0, 255, 0), (0, 255, 255), (60, 90, 255))[rng.integers(5)]


def any_colour(rng):
    """A grey or a colour, each as likely."""
    if rng.random() < 0.5:
        return any_grey(rng)
    return tuple(int(value) for value in rng.integers(0, 256, 3))


def any_grey(rng):
    """A grey from black to white."""
    return (int(rng.integers(256)),) * 3
