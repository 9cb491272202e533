"""Corruptions that visitors' images go through before they are uploaded, for evaluation.

Images are rotated, badly exported, annotated, coloured, photographed from a film or a screen, or
part of a page, a window or a figure. Severity is moderate: a radiologist would still recognise the
image at once. Most degradations follow Hendrycks and Dietterich 2019, "Benchmarking Neural Network
Robustness to Common Corruptions and Perturbations". Lengths are relative to the size of the image,
because networks see all images at one size.
"""

from PIL import Image, ImageOps

from train.data.dataset import Transform
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

CORRUPTIONS: dict[str, Transform] = {
    "rotated by 90°": lambda image, rng: image.transpose(Image.Transpose.ROTATE_90),
    "rotated by 180°": lambda image, rng: image.transpose(Image.Transpose.ROTATE_180),
    "rotated by 270°": lambda image, rng: image.transpose(Image.Transpose.ROTATE_270),
    "mirrored": lambda image, rng: ImageOps.mirror(image),
    "flipped upside down": lambda image, rng: ImageOps.flip(image),
    "cropped to 60%": lambda image, rng: crop(image, rng, 0.6),
    "white margins": lambda image, rng: margins(image, rng, "white"),
    "black margins": lambda image, rng: margins(image, rng, "black"),
    "inverted": lambda image, rng: ImageOps.invert(image),
    "low contrast": lambda image, rng: contrast(image, rng, 0.25, 0.4),
    "high contrast": lambda image, rng: contrast(image, rng, 1.8, 2.5),
    "darker": lambda image, rng: gamma(image, rng, 1.8, 2.5),
    "brighter": lambda image, rng: gamma(image, rng, 0.4, 0.55),
    "blur": blur,
    "noise": noise,
    "JPEG quality 10": lambda image, rng: jpeg(image, 10),
    "reduced to 48 pixels": lambda image, rng: small_copy(image, 48),
    "false colours": colour_map,
    "tint": tint,
    "arrows": draw_arrows,
    "text": draw_text,
    "photo of a film": photographed_film,
    "photo of a screen": photographed_screen,
    "on a page of text": page,
    "in a window": window,
    "one of 4 panels": grid_of_panels,
    "one of 3 panels": row_of_panels,
}
"""Corruptions by the name that tables and plots show.

Each takes an RGB image of any size and a generator, and returns another RGB image, the same one for
the same state of the generator.
"""
