"""A film on a light box or a screen, photographed by hand."""

import math

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from train.eval.corruptions.annotation import burn_in
from train.eval.corruptions.geometry import fit

SIDE = 256
"""Longest side of the photographs, in pixels."""


def photographed_film(picture: Image.Image, rng: np.random.Generator) -> Image.Image:
    """The picture printed on a black film with a patient's data, on a bright light box."""
    scan = fit(picture, 192, 192)
    left, right, top, bottom = rng.integers(10, 28, 4).tolist()
    film = Image.new("RGB", (left + scan.width + right, top + scan.height + bottom))
    film.paste(scan, (left, top))
    burn_in(film, (0, 0, *film.size), rng, "#c8ccd0")
    # The densest film still lets some light through, and the film's base is bluish.
    film = Image.blend(film, Image.new("RGB", film.size, (120, 150, 190)), rng.uniform(0.08, 0.2))
    scene = _surround(film, rng, "#f2f6fa")
    return _photograph(scene, rng)


def photographed_screen(picture: Image.Image, rng: np.random.Generator) -> Image.Image:
    """The picture on a monitor: bezel and desk in view, the grid of its pixels beating."""
    scan = fit(picture, 192, 192)
    side = int(rng.integers(4, 40))
    screen = Image.new("RGB", (scan.width + 2 * side, scan.height + 12), "#101214")
    screen.paste(scan, (side, 6))
    if rng.random() < 0.5:
        burn_in(screen, (0, 0, *screen.size), rng, "white")
    bezel = Image.new("RGB", (screen.width + 16, screen.height + 20), "#1b1b1d")
    bezel.paste(_with_moire(screen, rng), (8, 8))
    wall = str(rng.choice(["#8a8780", "#5d6470", "#b9b4a8", "#3a3532"]))
    return _photograph(_surround(bezel, rng, wall), rng)


def _surround(thing: Image.Image, rng: np.random.Generator, colour: str) -> Image.Image:
    """Lay a flat thing on a background that reaches beyond what the camera will see."""
    x, y = (rng.uniform(0.12, 0.18, 2) * thing.size).round().astype(int).tolist()
    scene = Image.new("RGB", (thing.width + 2 * x, thing.height + 2 * y), colour)
    scene.paste(thing, (x, y))
    return scene


def _photograph(scene: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Seen askew, with uneven light, glare, a colour cast and sensor noise."""
    scene = _in_perspective(scene, rng)
    width, height = scene.size
    x, y = _coordinates(scene)
    slope_x, slope_y = rng.uniform(-0.15, 0.15, 2).tolist()
    light = 1 + slope_x * x + slope_y * y - rng.uniform(0.05, 0.2) * (x * x + y * y)
    cast = rng.uniform(0.88, 1.05, 3).astype(np.float32)
    values = np.asarray(scene, np.float32) * (light * cast)
    glare = _glare(scene.size, rng)[..., None]
    values = 255 - (255 - values) * (1 - glare)
    values += 4 * rng.standard_normal((height, width, 1), np.float32)
    return Image.fromarray(values.clip(0, 255).astype(np.uint8))


def _in_perspective(scene: Image.Image, rng: np.random.Generator) -> Image.Image:
    """The scene as a camera held askew sees it; the view stays inside the scene."""
    scale = SIDE / max(scene.size)
    width, height = (max(1, round(scale * side)) for side in scene.size)
    seen = np.array([(0, 0), (width, 0), (width, height), (0, height)])
    shift = rng.uniform(0, 0.1, (4, 2))
    corners = np.array([(0, 0), (1, 0), (1, 1), (0, 1)])
    points = (corners + shift * (1 - 2 * corners)) * scene.size
    rows = []
    for (u, v), (px, py) in zip(seen, points, strict=True):
        rows.append([u, v, 1, 0, 0, 0, -px * u, -px * v])
        rows.append([0, 0, 0, u, v, 1, -py * u, -py * v])
    coefficients = np.linalg.solve(np.array(rows), points.ravel())
    return scene.transform(
        (width, height),
        Image.Transform.PERSPECTIVE,
        coefficients.tolist(),
        Image.Resampling.BILINEAR,
    )


def _with_moire(screen: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Bent coloured fringes over a screen: its grid of pixels beats with the camera's."""
    x, y = _coordinates(screen)
    angle = rng.uniform(0, np.pi)
    half_cycles = rng.uniform(6, 20)
    bend_x, bend_xy, bend_y = rng.uniform(-3, 3, 3).tolist()
    phase = half_cycles * (math.cos(angle) * x + math.sin(angle) * y)
    phase = phase + bend_x * x * x + bend_xy * x * y + bend_y * y * y
    colours = rng.uniform(0.3, 1.2) * np.arange(3, dtype=np.float32)
    values = screen * (1 + rng.uniform(0.06, 0.14) * np.sin(math.pi * phase + colours))
    return Image.fromarray(values.clip(0, 255).astype(np.uint8))


def _coordinates(picture: Image.Image) -> tuple[np.ndarray, np.ndarray]:
    """From -1 to 1 across and down; float32 of shapes (1, width, 1) and (height, 1, 1)."""
    x = np.linspace(-1, 1, picture.width, dtype=np.float32)[None, :, None]
    y = np.linspace(-1, 1, picture.height, dtype=np.float32)[:, None, None]
    return x, y


def _glare(size: tuple[int, int], rng: np.random.Generator) -> np.ndarray:
    """The reflection of a lamp or a window: shares of white, 0 to about 0.6, (height, width)."""
    small = Image.new("L", (64, 64))
    x, y = rng.uniform(8, 56, 2)
    width, height = rng.uniform(5, 12, 2)
    lean = rng.uniform(-6, 6)
    peak = int(255 * rng.uniform(0.4, 0.7))
    draw = ImageDraw.Draw(small)
    if rng.random() < 0.5:
        draw.ellipse((x - width, y - height, x + width, y + height), fill=peak)
    else:
        corners = [(x - width + lean, y - height), (x + width + lean, y - height)]
        corners += [(x + width - lean, y + height), (x - width - lean, y + height)]
        draw.polygon(corners, fill=peak)
    soft = small.filter(ImageFilter.GaussianBlur(rng.uniform(2, 6)))
    return np.asarray(soft.resize(size, Image.Resampling.BICUBIC), np.float32) / 255
