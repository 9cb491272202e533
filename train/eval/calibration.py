"""Calibrate confidences with a temperature, and choose the threshold of unsure predictions."""

import numpy as np
from scipy.optimize import minimize_scalar
from sklearn.metrics import log_loss

from model.classifier import softmax

MAX_SELECTIVE_ERROR = 0.005
"""Largest share of wrong predictions among those above the threshold."""

MIN_THRESHOLD = 50
"""Lowest threshold, in hundredths; below it another label may be more likely."""


def fit_temperature(logits: np.ndarray, targets: np.ndarray) -> float:
    """Find the temperature with the lowest log loss.

    Guo et al. 2017, "On Calibration of Modern Neural Networks".

    Args:
        logits: float array (images, labels), of images that were not trained on.
        targets: int array (images,), indices of the true labels.

    Returns:
        A positive number; above 1 it lowers confidences.
    """

    def loss(log_temperature: float) -> float:
        confidences = softmax(logits, np.exp(log_temperature))
        return log_loss(targets, confidences, labels=range(logits.shape[1]))

    return float(np.exp(minimize_scalar(loss, bounds=(-3, 3), method="bounded").x))


def find_confidence_threshold(confidences: np.ndarray, targets: np.ndarray) -> float:
    """Find the lowest threshold above which at most ``MAX_SELECTIVE_ERROR`` are wrong.

    Args:
        confidences: float array (images, labels), calibrated, of images that were not trained on.
        targets: int array (images,), indices of the true labels.

    Returns:
        0.5 to 1, in hundredths; above all confidences if even the highest are often wrong.
    """
    wrong = confidences.argmax(axis=1) != targets
    hundredths = np.arange(MIN_THRESHOLD, 101) / 100
    accepted = confidences.max(axis=1) >= hundredths[:, None]
    errors = (accepted & wrong).sum(axis=1) / np.maximum(accepted.sum(axis=1), 1)
    return float(hundredths[errors <= MAX_SELECTIVE_ERROR].min(initial=1.0))
