"""Synthetic renderings of bodies in three dimensions, as programs draw them from scans.

Few training images are renderings, so that a network learns their shading as a cue for one label.
Here the shading is the same for all labels, and only the shape differs.
"""

import numpy as np
from PIL import Image, ImageFilter

from train.data.augment.annotation import random_colour, random_grey
from train.data.synthetic_bodies import airways, brain, lungs, other_bodies

SIDE = 160
"""Width and height of every image, in pixels."""


def synthetic_rendering(label: str, rng: np.random.Generator) -> Image.Image:
    """Render an RGB image of lungs or airways, of a brain, or of other bodies, by their label."""
    if label == "lung":
        bodies = lungs(rng) if rng.random() < 0.65 else airways(rng)
    else:
        bodies = {"brain": brain, "other": other_bodies}[label](rng)
    points = np.concatenate([points for points, _ in bodies])
    normals = np.concatenate([normals for _, normals in bodies])
    body = np.repeat(np.arange(len(bodies)), [len(points) for points, _ in bodies])
    x, depth, y = _turn(points, camera := _camera(rng))
    x, y = x - x.mean(), y.mean() - y
    scale = SIDE / 2 * rng.uniform(0.6, 0.97) / max(np.abs(x).max(), np.abs(y).max())
    columns, rows = ((scale * values + SIDE / 2).astype(int) for values in (x, y))
    pixels = rows * SIDE + columns
    ground = _ground(rng)
    if rng.random() < 0.15:
        return _add_up(pixels, ground, rng)
    # The farthest points are drawn first, so that the nearest remain.
    order = np.argsort(-depth)
    nearest = np.full((SIDE, SIDE), -1)
    nearest.reshape(-1)[pixels[order]] = order
    visible = nearest >= 0
    seen = nearest[visible]
    colours = _colours(points[seen], body[seen], rng)
    image = np.array(ground)
    image[visible] = _shade(colours, _turn(normals[seen], camera), rng)
    rendered = Image.fromarray(image)
    if rng.random() < 0.08:
        # Some programs show points instead of a surface.
        return Image.composite(rendered, ground, Image.fromarray(rng.random((SIDE, SIDE)) < 0.1))
    return rendered.filter(ImageFilter.MedianFilter(3))


def _turn(vectors, camera):
    """Turn vectors, float (points, 3), and return their coordinates: three arrays (points,)."""
    x, y, z = np.ascontiguousarray(vectors.T)
    return tuple(a * x + b * y + c * z for a, b, c in camera.tolist())


def _camera(rng):
    """Return a rotation: most views are from the front, the back or a side, and upright."""
    turn = rng.choice((0, np.pi, np.pi / 2, -np.pi / 2)) + rng.normal(0, 0.4)
    tilt = rng.normal(0, 0.3) if rng.random() < 0.8 else rng.choice((-1, 1)) * np.pi / 2
    (c, s), (d, t) = (np.cos(turn), np.sin(turn)), (np.cos(tilt), np.sin(tilt))
    about_z = np.array([[c, -s, 0], [s, c, 0], [0, 0, 1]])
    about_x = np.array([[1, 0, 0], [0, d, -t], [0, t, d]])
    return about_x @ about_z


def _colours(points, body, rng):
    """Colour points: all the same, each body, regions, or a smooth map."""
    choice = rng.random()
    if choice < 0.5:
        return np.array(_surface_colour(rng), float)
    if choice < 0.7:
        return np.array([_surface_colour(rng) for _ in range(body.max() + 1)], float)[body]
    seeds = rng.normal(0, 0.6, (int(rng.integers(2, 30)), 3))
    palette = np.array([random_colour(rng) for _ in seeds], float)
    if choice < 0.85:
        return palette[(points @ seeds.T - (seeds**2).sum(axis=1) / 2).argmax(axis=1)]
    share = 1 / (1 + np.exp(-8 * (np.sin(points @ seeds[0] * 4) + points @ seeds[1])))
    return palette[0] + share[:, None] * (np.array(_surface_colour(rng)) - palette[0])


def _surface_colour(rng):
    """Choose the colour of a surface: greys, flesh and bone as in most programs, or any."""
    choice = rng.random()
    if choice < 0.4:
        return (int(rng.uniform(120, 256)),) * 3
    if choice < 0.7:
        return tuple(int(240 * rng.uniform(low, 1)) for low in (1, 0.5, 0.4))
    return random_colour(rng)


def _shade(colours, normals, rng):
    """Light points of a surface; return RGB values, 0 to 255, float (points, 3)."""
    light = rng.normal((0, -1.5, 0.5), 0.7)
    across, toward, up = light / np.linalg.norm(light)
    x, depth, y = normals
    # Both sides of a surface are lit, since the normals may point inwards.
    lit = (np.where(depth > 0, -1, 1) * (across * x + toward * depth + up * y)).clip(0, 1)[:, None]
    shaded = colours * (rng.uniform(0.1, 0.45) + rng.uniform(0.5, 0.8) * lit)
    if rng.random() < 0.4:
        shaded += rng.uniform(40, 160) * lit ** rng.uniform(6, 30)
    return shaded.clip(0, 255)


def _add_up(pixels, ground, rng):
    """Draw a translucent surface: opacity grows with the number of points on a line of sight."""
    density = np.bincount(pixels, minlength=SIDE * SIDE).reshape(SIDE, SIDE)
    opacity = 255 * (1 - np.exp(-rng.uniform(0.02, 0.3) * density))
    mask = Image.fromarray(opacity.astype(np.uint8)).filter(ImageFilter.BoxBlur(1))
    return Image.composite(Image.new("RGB", ground.size, _surface_colour(rng)), ground, mask)


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
