"""Explain predictions: occlude patches of an image and compare the predictions."""

import numpy as np
from PIL import Image, ImageFilter

from model.classifier import Classifier
from model.imaging import network_input

CELLS = 8
"""Number of rows, and of columns, of a heat map."""

BLUR = 1 / 8
"""Radius of the blur that occludes a patch, as a share of the input's side. A blurred patch keeps
its brightness and loses its content; a grey one would itself be content."""

RIDGE = 0.1
"""Weight of the sum of squares of the heat, which suppresses noise."""

SMOOTHNESS = 1.0
"""Weight of the sum of squares of the differences between neighbouring cells."""


def heat_map(classifier: Classifier, image: Image.Image) -> np.ndarray:
    """Compute which areas of an image support its predicted label.

    Args:
        classifier: predicts the label.
        image: RGB, any size, from ``imaging.read_image``.

    Returns:
        The heat map of ``explain_input``.
    """
    return explain_input(classifier, network_input(image, classifier.input_size))


def explain_input(classifier: Classifier, pixels: np.ndarray) -> np.ndarray:
    """Compute which areas of a network's input support its predicted label.

    Each patch is occluded in turn (Zeiler and Fergus 2014, "Visualizing and Understanding
    Convolutional Networks", arXiv:1311.2901). A regularised least-squares fit then distributes the
    loss in the label's log-odds over the cells of each patch.

    Args:
        classifier: predicts the label, once for the input and once for each occluded patch.
        pixels: uint8 array (size, size, 3) from ``imaging.network_input``.

    Returns:
        float32 array (CELLS, CELLS) over the whole image, rows from the top: 1 where the label has
        most support, 0 where it has none; all 0 if it has none anywhere.
    """
    patches = _patches()
    logits = classifier.logits(np.concatenate([pixels[None], _occluded(pixels, patches)]))
    predicted, *occluded = _log_odds(logits, logits[0].argmax())
    losses = predicted - np.array(occluded)
    cells = patches.reshape(len(patches), -1).astype(float)
    penalty = RIDGE * np.eye(CELLS**2) + SMOOTHNESS * _roughness()
    heat = np.linalg.solve(cells.T @ cells + penalty, cells.T @ losses)
    heat = heat.reshape(CELLS, CELLS).clip(min=0).astype(np.float32)
    return heat / (heat.max() or 1)


def blur(pixels: np.ndarray) -> np.ndarray:
    """Blur a network's input, uint8 (size, size, 3), until it has no content."""
    radius = BLUR * len(pixels)
    return np.asarray(Image.fromarray(pixels).filter(ImageFilter.GaussianBlur(radius)))


def _patches() -> np.ndarray:
    """Return the patches to occlude: bool array (patches, CELLS, CELLS).

    Small patches locate evidence; large ones find evidence that neighbouring small ones share.
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


def _occluded(pixels: np.ndarray, patches: np.ndarray) -> np.ndarray:
    """Return a copy of the input for each patch, blurred there: (patches, size, size, 3)."""
    blurred = blur(pixels)
    cell_of = np.arange(len(pixels)) * CELLS // len(pixels)
    inputs = np.repeat(pixels[None], len(patches), axis=0)
    for occluded, patch in zip(inputs, patches, strict=True):
        square = np.ix_(patch.any(axis=1)[cell_of], patch.any(axis=0)[cell_of])
        occluded[square] = blurred[square]
    return inputs


def _log_odds(logits: np.ndarray, label: int) -> np.ndarray:
    """Compute the log-odds (images,) of one label against all others together.

    Unlike its logit, they depend on the other labels; unlike its confidence, they do not saturate.
    """
    others = np.delete(logits, label, axis=1)
    return logits[:, label] - np.logaddexp.reduce(others, axis=1)
