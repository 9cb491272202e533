"""Photograph images as a film on a light box, or on a screen."""

import math

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from train.eval.corruptions.annotation import burn_in
from train.eval.corruptions.geometry import fit

SIDE = 256
"""Longest side of the photographs, in pixels."""


def photographed_film(image: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Print the image on a black film with a patient's data, and photograph it on a light box."""
    scan = fit(image, 192, 192)
    left, right, top, bottom = rng.integers(10, 28, 4).tolist()
    film = Image.new("RGB", (left + scan.width + right, top + scan.height + bottom))
    film.paste(scan, (left, top))
    burn_in(film, (0, 0, *film.size), rng, "#c8ccd0")
    # Even black film lets some light through, and its base is bluish.
    film = Image.blend(film, Image.new("RGB", film.size, (120, 150, 190)), rng.uniform(0.08, 0.2))
    scene = _surround(film, rng, "#f2f6fa")
    return _photograph(scene, rng)


def photographed_screen(image: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Show the image on a monitor, and photograph it with moiré, bezel and wall."""
    scan = fit(image, 192, 192)
    side = int(rng.integers(4, 40))
    screen = Image.new("RGB", (scan.width + 2 * side, scan.height + 12), "#101214")
    screen.paste(scan, (side, 6))
    if rng.random() < 0.5:
        burn_in(screen, (0, 0, *screen.size), rng, "white")
    bezel = Image.new("RGB", (screen.width + 16, screen.height + 20), "#1b1b1d")
    bezel.paste(_with_moire(screen, rng), (8, 8))
    wall = str(rng.choice(["#8a8780", "#5d6470", "#b9b4a8", "#3a3532"]))
    return _photograph(_surround(bezel, rng, wall), rng)


def _surround(image: Image.Image, rng: np.random.Generator, colour: str) -> Image.Image:
    """Paste an image on a background that is larger than the camera's view."""
    x, y = (rng.uniform(0.12, 0.18, 2) * image.size).round().astype(int).tolist()
    scene = Image.new("RGB", (image.width + 2 * x, image.height + 2 * y), colour)
    scene.paste(image, (x, y))
    return scene


def _photograph(scene: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Add perspective, uneven light, a colour cast, glare and sensor noise."""
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
    """Transform to the view of a tilted camera, which stays inside the scene."""
    scale = SIDE / max(scene.size)
    width, height = (max(1, round(scale * side)) for side in scene.size)
    view = np.array([(0, 0), (width, 0), (width, height), (0, height)])
    shift = rng.uniform(0, 0.1, (4, 2))
    corners = np.array([(0, 0), (1, 0), (1, 1), (0, 1)])
    points = (corners + shift * (1 - 2 * corners)) * scene.size
    rows = []
    for (u, v), (px, py) in zip(view, points, strict=True):
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
    """Add moiré: curved coloured fringes, where the pixel grids of screen and camera interfere."""
    x, y = _coordinates(screen)
    angle = rng.uniform(0, np.pi)
    half_cycles = rng.uniform(6, 20)
    bend_x, bend_xy, bend_y = rng.uniform(-3, 3, 3).tolist()
    phase = half_cycles * (math.cos(angle) * x + math.sin(angle) * y)
    phase = phase + bend_x * x * x + bend_xy * x * y + bend_y * y * y
    colours = rng.uniform(0.3, 1.2) * np.arange(3, dtype=np.float32)
    values = screen * (1 + rng.uniform(0.06, 0.14) * np.sin(math.pi * phase + colours))
    return Image.fromarray(values.clip(0, 255).astype(np.uint8))


def _coordinates(image: Image.Image) -> tuple[np.ndarray, np.ndarray]:
    """Return coordinates -1 to 1, x (1, width, 1) and y (height, 1, 1), as float32."""
    x = np.linspace(-1, 1, image.width, dtype=np.float32)[None, :, None]
    y = np.linspace(-1, 1, image.height, dtype=np.float32)[:, None, None]
    return x, y


def _glare(size: tuple[int, int], rng: np.random.Generator) -> np.ndarray:
    """Return the reflection of a lamp or window: shares of white, 0 to 0.6, (height, width)."""
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
