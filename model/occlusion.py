"""Explain predictions: cover parts of an image and watch the prediction change."""

import numpy as np
from PIL import Image, ImageFilter

from model.classifier import Classifier
from model.imaging import network_input

CELLS = 8
"""Rows, and columns, of a heat map."""

WINDOW = 2
"""Side of the covered part, in cells. It moves as on the fields of one colour of a chessboard, also
over the edges, so that every cell is covered twice."""

BLUR = 1 / 8
"""Radius of the blur that covers a part, as a share of the side of the network's input. Blurred
parts keep their brightness and lose their content; a grey patch would itself be content."""

RIDGE = 1.0
"""Penalty of the regression that shares losses among cells: without one, noise takes over; with a
large one, every loss is spread evenly over its part."""


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
    Convolutional Networks", arXiv:1311.2901), and a ridge regression shares the losses of the
    label's log-odds among the cells of the parts.

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
    heat = np.linalg.solve(cells.T @ cells + RIDGE * np.eye(CELLS**2), cells.T @ losses)
    heat = heat.reshape(CELLS, CELLS).clip(min=0).astype(np.float32)
    return heat / (heat.max() or 1)


def _parts() -> np.ndarray:
    """Return the parts that are covered in turn: bool array (parts, CELLS, CELLS)."""
    starts = range(1 - WINDOW, CELLS)
    cells = np.arange(CELLS)
    lines = np.array([(start <= cells) & (cells < start + WINDOW) for start in starts])
    parts = lines[:, None, :, None] & lines[None, :, None, :]
    return parts[np.indices(parts.shape[:2]).sum(axis=0) % 2 == 0]


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
