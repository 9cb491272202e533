"""Explain predictions: cover parts of an image and watch the prediction change."""

import numpy as np
from PIL import Image, ImageFilter

from model.classifier import Classifier
from model.imaging import network_input

CELLS = 8
"""Rows, and columns, of a heat map."""

BLUR = 1 / 8
"""Radius of the blur that covers a part, as a share of the side of the network's input. Blurred
parts keep their brightness and lose their content; a grey patch would itself be content."""

RIDGE = 0.1
"""Weight of the sum of squares of the heat: without it, noise takes over."""

SMOOTHNESS = 1.0
"""Weight of the sum of squares of the differences between neighbouring cells."""


def heat_map(classifier: Classifier, image: Image.Image) -> np.ndarray:
    """Compute which parts of an image support the label that is predicted for it.

    Args:
        classifier: predicts the label.
        image: RGB, any size, from ``imaging.read_image``.

    Returns:
        The heat map of ``explain_input``.
    """
    return explain_input(classifier, network_input(image, classifier.input_size))


def explain_input(classifier: Classifier, pixels: np.ndarray) -> np.ndarray:
    """Compute which parts of a network's input support the label that is predicted for it.

    Each part is covered in turn (Zeiler and Fergus 2014, "Visualizing and Understanding
    Convolutional Networks", arXiv:1311.2901). The heat of the cells of a part sums to what the
    label's log-odds lose by covering it, in a least-squares fit over all parts that prefers a
    small and smooth heat.

    Args:
        classifier: predicts the label, once for the input and once for each covered part.
        pixels: uint8 array (size, size, 3) from ``imaging.network_input``.

    Returns:
        float32 array (CELLS, CELLS), rows from the top, which covers the whole image: 0 where
        nothing supports the label, 1 where most does. All 0 if nothing does anywhere.
    """
    parts = _parts()
    logits = classifier.logits(np.concatenate([pixels[None], _covered(pixels, parts)]))
    predicted, *covered = _log_odds(logits, logits[0].argmax())
    losses = predicted - np.array(covered)
    cells = parts.reshape(len(parts), -1).astype(float)
    penalty = RIDGE * np.eye(CELLS**2) + SMOOTHNESS * _roughness()
    heat = np.linalg.solve(cells.T @ cells + penalty, cells.T @ losses)
    heat = heat.reshape(CELLS, CELLS).clip(min=0).astype(np.float32)
    return heat / (heat.max() or 1)


def _parts() -> np.ndarray:
    """Return the parts that are covered in turn: bool array (parts, CELLS, CELLS).

    Small parts tell where something is; large parts find what several small ones show as well.
    """
    return np.concatenate([_squares(2, 0), _squares(2, -1), _squares(4, -2)])


def _squares(side: int, first: int) -> np.ndarray:
    """Return squares that start in every second row and column: bool array (squares, ...)."""
    cells = np.arange(CELLS)
    starts = range(first, CELLS, 2)
    lines = np.array([(start <= cells) & (cells < start + side) for start in starts])
    return (lines[:, None, :, None] & lines[None, :, None, :]).reshape(-1, CELLS, CELLS)


def _roughness() -> np.ndarray:
    """Return the matrix whose quadratic form sums squared differences between neighbours."""
    cells = np.eye(CELLS**2).reshape(-1, CELLS, CELLS)
    pairs = [np.diff(cells, axis=axis).reshape(CELLS**2, -1) for axis in (1, 2)]
    return sum(differences @ differences.T for differences in pairs)


def _covered(pixels: np.ndarray, parts: np.ndarray) -> np.ndarray:
    """Return a copy of the input for each part, blurred there: (parts, size, size, 3)."""
    size = len(pixels)
    cover = np.asarray(Image.fromarray(pixels).filter(ImageFilter.GaussianBlur(BLUR * size)))
    cell_of = np.arange(size) * CELLS // size
    inputs = np.repeat(pixels[None], len(parts), axis=0)
    for covered, part in zip(inputs, parts, strict=True):
        square = np.ix_(part.any(axis=1)[cell_of], part.any(axis=0)[cell_of])
        covered[square] = cover[square]
    return inputs


def _log_odds(logits: np.ndarray, label: int) -> np.ndarray:
    """Compute the log-odds (images,) of one label against all others together.

    Unlike its logit, they depend on the other labels; unlike its confidence, they do not saturate.
    """
    others = np.delete(logits, label, axis=1)
    return logits[:, label] - np.logaddexp.reduce(others, axis=1)
