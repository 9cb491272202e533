"""What visitors' pictures go through before they are dropped on the page, acted out.

Turned, badly exported, annotated, coloured, photographed from a film or a screen, or sent as part
of a page, a window or a figure. ``CORRUPTIONS`` measures how well a network bears it; severity is
moderate throughout, so that a radiologist would still name the picture at once. Most of the
degradations follow Hendrycks and Dietterich 2019, "Benchmarking Neural Network Robustness to
Common Corruptions and Perturbations"; strengths that are lengths are relative to the picture's
size, because networks see all pictures at one size.
"""

from collections.abc import Callable

import numpy as np
from PIL import Image, ImageOps

from train.eval.corruptions.annotation import draw_arrows, draw_text
from train.eval.corruptions.composition import grid_of_panels, page, row_of_panels, window
from train.eval.corruptions.degradation import (
    blur,
    colour_map,
    contrast,
    gamma,
    jpeg,
    noise,
    small_copy,
    tint,
)
from train.eval.corruptions.geometry import crop, margins
from train.eval.corruptions.photograph import photographed_film, photographed_screen

Corruption = Callable[[Image.Image, np.random.Generator], Image.Image]

CORRUPTIONS: dict[str, Corruption] = {
    "turned 90°": lambda picture, rng: picture.transpose(Image.Transpose.ROTATE_90),
    "turned 180°": lambda picture, rng: picture.transpose(Image.Transpose.ROTATE_180),
    "turned 270°": lambda picture, rng: picture.transpose(Image.Transpose.ROTATE_270),
    "mirrored": lambda picture, rng: ImageOps.mirror(picture),
    "upside down": lambda picture, rng: ImageOps.flip(picture),
    "60 % crop": lambda picture, rng: crop(picture, rng, 0.6),
    "white margins": lambda picture, rng: margins(picture, rng, "white"),
    "black margins": lambda picture, rng: margins(picture, rng, "black"),
    "inverted": lambda picture, rng: ImageOps.invert(picture),
    "low contrast": lambda picture, rng: contrast(picture, rng, 0.25, 0.4),
    "high contrast": lambda picture, rng: contrast(picture, rng, 1.8, 2.5),
    "dark": lambda picture, rng: gamma(picture, rng, 1.8, 2.5),
    "bright": lambda picture, rng: gamma(picture, rng, 0.4, 0.55),
    "blur": blur,
    "noise": noise,
    "JPEG 10": lambda picture, rng: jpeg(picture, 10),
    "48 pixels": lambda picture, rng: small_copy(picture, 48),
    "colour map": colour_map,
    "tint": tint,
    "arrows": draw_arrows,
    "text": draw_text,
    "film": photographed_film,
    "screen": photographed_screen,
    "page": page,
    "window": window,
    "4 panels": grid_of_panels,
    "3 panels": row_of_panels,
}
"""Short names, as tables and plots show them. Each takes an RGB picture of any size and a seeded
generator and returns another RGB picture, the same one for the same state of the generator."""
