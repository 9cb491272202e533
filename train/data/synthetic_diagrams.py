"""Synthetic EEG maps and phantoms, which resemble scans of a head."""

import numpy as np
from matplotlib import colormaps
from PIL import Image, ImageDraw, ImageFilter

from train.data import SYNTHETIC_SIDE as SIDE
from train.data.augment.annotation import random_colour, random_grey
from train.data.augment.colour import COLOUR_MAPS


def synthetic_diagram(rng: np.random.Generator) -> Image.Image:
    """Draw an EEG map, a sheet of several, or a phantom of ellipses or of inserts."""
    match rng.integers(4):
        case 0:
            return _eeg_map(rng)
        case 1:
            return _sheet(rng)
        case 2:
            return _ellipse_phantom(rng)
        case _:
            return _insert_phantom(rng)


def _sheet(rng):
    """Draw up to 15 EEG maps with one colour map and ground on one page."""
    columns, rows = int(rng.integers(2, 6)), int(rng.integers(1, 4))
    style = int(rng.integers(2**32))
    side = SIDE // columns
    gap = int(rng.uniform(0, 0.4) * side)
    page = None
    for row in range(rows):
        for column in range(columns):
            panel = _eeg_map(rng, np.random.default_rng(style))
            if page is None:
                size = (columns * side, rows * (side + gap) + gap)
                page = Image.new("RGB", size, panel.getpixel((0, 0)))
            page.paste(panel.resize((side, side)), (column * side, gap + row * (side + gap)))
    return page


def _eeg_map(rng, style=None):
    """Draw potentials on a head seen from above: a circle with a nose, ears and electrodes.

    ``style`` chooses the colours and lines, ``rng`` the potentials; without it, ``rng`` does both.
    """
    style = style or rng
    dark = style.random() < 0.2
    ground, ink = ((0, 0, 0), (255, 255, 255)) if dark else ((255, 255, 255), (0, 0, 0))
    image = Image.new("RGB", (SIDE, SIDE), ground)
    radius = SIDE * style.uniform(0.28, 0.44)
    centre = SIDE / 2 + style.uniform(-0.05, 0.05, 2) * SIDE
    _paste_potentials(image, centre, radius, rng, style)
    draw = ImageDraw.Draw(image)
    _draw_head(draw, centre, radius, ink, style)
    if style.random() < 0.7:
        _draw_electrodes(draw, centre, radius, ink, style)
    return image


def _paste_potentials(image, centre, radius, rng, style):
    """Fill the head with a smooth map, in steps or not, with or without contour lines."""
    reach = style.choice([1, 1, 1.12])
    spread = style.choice([0.25, 0.6])
    levels = int(style.choice([0, 4, 6, 10]))
    lines = levels and style.random() < 0.7
    colours = _potential_colours(style)
    y, x = (np.mgrid[:SIDE, :SIDE] - centre[::-1, None, None]) / radius
    values = _random_potentials(x, y, spread, rng)
    steps = np.floor(values * levels).clip(0, levels - 1) if levels else values
    shown = steps / (levels - 1) if levels and style.random() < 0.3 else values
    pixels = colours[(shown * 255).astype(int)]
    if lines:
        edges = (np.diff(steps, axis=0, prepend=steps[:1]) != 0) | (
            np.diff(steps, axis=1, prepend=steps[:, :1]) != 0
        )
        pixels = np.where(edges[..., None], style.integers(0, 90), pixels)
    inside = Image.fromarray((np.hypot(x, y) <= reach).astype("u1") * 255)
    image.paste(Image.fromarray(pixels.astype("u1")), mask=inside)


def _potential_colours(style):
    """Choose a colour map: an array (256, 3)."""
    name = COLOUR_MAPS[style.integers(len(COLOUR_MAPS))]
    name = ["RdBu", "coolwarm", "Greys", "Reds", "viridis", "jet", name][style.integers(7)]
    colours = colormaps[name](np.arange(256), bytes=True)[:, :3]
    return colours[::-1] if style.random() < 0.4 else colours


def _random_potentials(x, y, spread, rng):
    """Add up to six positive or negative bumps; return values from 0 to 1."""
    values = np.zeros((SIDE, SIDE))
    for _ in range(rng.integers(1, 7)):
        source_x, source_y = rng.uniform(-1, 1, 2)
        width = rng.uniform(spread / 2, spread * 1.5)
        values += rng.normal() * np.exp(
            -((x - source_x) ** 2 + (y - source_y) ** 2) / (2 * width**2)
        )
    return (values - values.min()) / max(np.ptp(values), 1e-9)


def _draw_head(draw, centre, radius, ink, style):
    """Draw the outline, in most cases with nose and ears."""
    width = int(style.integers(1, 4))
    left, top = centre - radius
    right, bottom = centre + radius
    draw.ellipse((left, top, right, bottom), outline=ink, width=width)
    if style.random() < 0.85:
        half, height = radius * style.uniform(0.08, 0.2), radius * style.uniform(0.08, 0.2)
        nose = [(centre[0] - half, top), (centre[0], top - height), (centre[0] + half, top)]
        draw.line(nose, fill=ink, width=width)
        ear = radius * style.uniform(0.1, 0.25)
        for side in (left, right):
            box = (side - ear * 0.35, centre[1] - ear, side + ear * 0.35, centre[1] + ear)
            start = 90 if side == left else -90
            draw.arc(box, start, start + 180, fill=ink, width=width)


def _draw_electrodes(draw, centre, radius, ink, style):
    """Draw dots that are spread evenly over the head, on a spiral."""
    count, dot = int(style.integers(8, 130)), style.uniform(0.4, 2.2)
    angle = np.arange(count) * np.pi * (3 - 5**0.5)
    distance = radius * 0.96 * np.sqrt((np.arange(count) + 0.5) / count)
    for point in zip(
        centre[0] + distance * np.cos(angle),
        centre[1] + distance * np.sin(angle),
        strict=True,
    ):
        draw.circle(point, dot, fill=ink)


def _ellipse_phantom(rng):
    """Draw a bright shell with ellipses in it, as Shepp and Logan did in 1974."""
    image = Image.new("L", (SIDE, SIDE), 0 if rng.random() < 0.8 else 255)
    half_axes = SIDE * rng.uniform(0.25, 0.47, 2)
    shell, body = rng.integers(60, 256), rng.integers(20, 180)
    _paste_ellipse(image, (SIDE / 2, SIDE / 2), half_axes, 0, shell)
    inner = half_axes * rng.uniform(0.85, 0.97)
    _paste_ellipse(image, (SIDE / 2, SIDE / 2), inner, 0, body)
    contrast = rng.uniform(0.1, 1)
    for _ in range(rng.integers(2, 12)):
        place = SIDE / 2 + rng.uniform(-0.65, 0.65, 2) * inner
        reach = inner * rng.uniform(0.03, 0.4, 2)
        grey = body + contrast * (rng.integers(0, 256) - body)
        _paste_ellipse(image, place, reach, rng.uniform(0, 180), grey)
    return _acquire(image, rng)


def _insert_phantom(rng):
    """Draw a disc or plate with rows or rings of inserts, as for the quality of scanners."""
    image = Image.new("L", (SIDE, SIDE), 0 if rng.random() < 0.8 else 255)
    radius = SIDE * rng.uniform(0.3, 0.47)
    centre = np.full(2, SIDE / 2)
    body = rng.integers(40, 220)
    if rng.random() < 0.7:
        _paste_ellipse(image, centre, (radius, radius), 0, body)
    else:
        box = [SIDE / 2 - radius, SIDE / 2 - radius, SIDE / 2 + radius, SIDE / 2 + radius]
        ImageDraw.Draw(image).rectangle(box, fill=int(body))
    if rng.random() < 0.6:
        count, reach = int(rng.integers(4, 13)), radius * rng.uniform(0.04, 0.16)
        growth = rng.choice([1, 0.85])
        for k, angle in enumerate(np.linspace(0, 2 * np.pi, count, endpoint=False)):
            place = centre + radius * 0.65 * np.array([np.cos(angle), np.sin(angle)])
            size = reach * growth**k
            _paste_ellipse(image, place, (size, size), 0, rng.integers(0, 256))
    else:
        pitch = radius * rng.uniform(0.12, 0.4)
        steps = np.arange(-radius * 0.6, radius * 0.6, pitch)
        grey = rng.integers(0, 256)
        for x in steps:
            for y in steps:
                _paste_ellipse(
                    image, centre + np.array([x, y]), (pitch * 0.3, pitch * 0.3), 0, grey
                )
    return _acquire(image, rng)


def _paste_ellipse(image, centre, half_axes, angle, grey):
    mask = Image.new("L", image.size)
    x, y = centre
    width, height = half_axes
    ImageDraw.Draw(mask).ellipse((x - width, y - height, x + width, y + height), fill=255)
    image.paste(int(grey), mask=mask.rotate(angle, center=(x, y)))


def _acquire(image, rng):
    """Blur an image and add noise, as a scanner does, and sometimes colour it."""
    image = image.filter(ImageFilter.GaussianBlur(rng.uniform(0, 2)))
    pixels = np.asarray(image) + rng.normal(0, rng.uniform(0, 12), (SIDE, SIDE))
    image = Image.fromarray(pixels.clip(0, 255).astype("u1")).convert("RGB")
    if rng.random() < 0.15:
        ramp = np.linspace(random_grey(rng), random_colour(rng), 256).T
        image = image.point(ramp.ravel().astype(int).tolist())
    return image
