"""Synthetic renderings of bodies in three dimensions, as programs draw them from scans.

Few training images are renderings, and a network takes the shading for the class. Drawn for all
labels alike, shading tells nothing and the shape all.
"""

import numpy as np
from PIL import Image, ImageFilter

from train.data.augment.annotation import random_colour, random_grey
from train.data.synthetic_bodies import airways, brain, lungs, other_bodies

SIDE = 160
"""Width and height of every image, in pixels."""


def synthetic_rendering(label: str, rng: np.random.Generator) -> Image.Image:
    """Render an RGB image of lungs or airways, of a brain, or of other bodies."""
    if label == "lung":
        bodies = lungs(rng) if rng.random() < 0.65 else airways(rng)
    else:
        bodies = {"brain": brain, "other": other_bodies}[label](rng)
    turn = _camera(rng)
    bodies = [(points @ turn.T, normals @ turn.T) for points, normals in bodies]
    colours = _colours(bodies, rng)
    points, normals, colours = (
        np.concatenate(part) for part in (*zip(*bodies, strict=True), colours)
    )
    reach = np.abs(points[:, [0, 2]] - points[:, [0, 2]].mean(axis=0)).max()
    scale = SIDE / 2 * rng.uniform(0.6, 0.97) / reach
    centre = points[:, [0, 2]].mean(axis=0)
    columns, rows = ((points[:, [0, 2]] - centre) * (scale, -scale) + SIDE / 2).T.astype(int)
    if rng.random() < 0.15:
        return _translucent(rows, columns, colours, rng)
    return _opaque(points, normals, colours, rows, columns, rng)


def _camera(rng):
    """Return a rotation: most views are from the front, the back or a side, and upright."""
    turn = rng.choice((0, np.pi, np.pi / 2, -np.pi / 2)) + rng.normal(0, 0.4)
    tilt = rng.normal(0, 0.3) if rng.random() < 0.8 else rng.choice((-1, 1)) * np.pi / 2
    (c, s), (d, t) = (np.cos(turn), np.sin(turn)), (np.cos(tilt), np.sin(tilt))
    about_z = np.array([[c, -s, 0], [s, c, 0], [0, 0, 1]])
    about_x = np.array([[1, 0, 0], [0, d, -t], [0, t, d]])
    return about_x @ about_z


def _colours(bodies, rng):
    """Colour the points of each body: all the same, each body, regions, or a smooth map."""
    choice = rng.random()
    base = np.array(_surface_colour(rng), float)
    if choice < 0.5:
        return [np.tile(base, (len(points), 1)) for points, _ in bodies]
    if choice < 0.7:
        return [np.tile(_surface_colour(rng), (len(points), 1)) for points, _ in bodies]
    seeds = rng.normal(0, 0.6, (int(rng.integers(2, 30)), 3))
    palette = np.array([random_colour(rng) for _ in seeds], float)
    if choice < 0.85:
        nearest = [((p[:, None] - seeds) ** 2).sum(-1).argmin(1) for p, _ in bodies]
        return [palette[indices] for indices in nearest]
    coloured = []
    for points, _ in bodies:
        share = 1 / (1 + np.exp(-8 * (np.sin(points @ seeds[0] * 4) + points @ seeds[1])))
        coloured.append(base * (1 - share[:, None]) + palette[0] * share[:, None])
    return coloured


def _surface_colour(rng):
    """Choose the colour of a surface: greys, flesh and bone as in most programs, or any."""
    choice = rng.random()
    if choice < 0.4:
        return (int(rng.uniform(120, 256)),) * 3
    if choice < 0.7:
        return tuple(np.array([1, rng.uniform(0.5, 0.9), rng.uniform(0.4, 0.8)]) * 240)
    return random_colour(rng)


def _opaque(points, normals, colours, rows, columns, rng):
    light = rng.normal((0, -1.5, 0.5), 0.7)
    light /= np.linalg.norm(light)
    # Both sides of a surface are lit, so that none is black for the direction of its normals.
    facing = normals[:, 1:2] > 0
    shade = np.where(facing[:, 0], -1, 1) * (normals @ light)
    lit = rng.uniform(0.1, 0.45) + rng.uniform(0.5, 0.8) * shade.clip(0, 1)
    pixels = colours * lit[:, None]
    if rng.random() < 0.4:
        pixels = pixels + rng.uniform(40, 160) * (shade.clip(0, 1) ** rng.uniform(6, 30))[:, None]
    kept = rng.random(len(points)) < (0.06 if rng.random() < 0.08 else 1)
    # The farthest are drawn first, so that the nearest remain.
    order = np.argsort(-points[:, 1])
    order = order[kept[order]]
    image = np.array(_ground(rng), np.uint8)
    image[rows[order], columns[order]] = pixels[order].clip(0, 255)
    rendered = Image.fromarray(image)
    return rendered.filter(ImageFilter.MedianFilter(3)) if kept.all() else rendered


def _translucent(rows, columns, colours, rng):
    """Add up all points of a line of sight, as X-rays and translucent surfaces do."""
    density = np.zeros((SIDE, SIDE))
    np.add.at(density, (rows, columns), rng.uniform(0.02, 0.3))
    opacity = Image.fromarray(((1 - np.exp(-density)) * 255).astype(np.uint8))
    surface = Image.new("RGB", (SIDE, SIDE), tuple(colours[0].astype(int)))
    return Image.composite(surface, _ground(rng), opacity.filter(ImageFilter.BoxBlur(1)))


def _ground(rng):
    """Draw the ground: black, white, one colour, or a gradient from top to bottom."""
    choice = rng.random()
    if choice < 0.45:
        return Image.new("RGB", (SIDE, SIDE), "black")
    if choice < 0.75:
        return Image.new("RGB", (SIDE, SIDE), "white")
    if choice < 0.9:
        return Image.new("RGB", (SIDE, SIDE), random_grey(rng))
    gradient = Image.new("RGB", (1, 2))
    gradient.putdata([random_colour(rng), random_colour(rng)])
    return gradient.resize((SIDE, SIDE), Image.Resampling.BILINEAR)
