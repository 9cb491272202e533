"""What confidences mean: the temperature that makes them match how often the network is right, and
the confidence below which it is to be called unsure."""

import numpy as np
from scipy.optimize import minimize_scalar
from sklearn.metrics import log_loss

from model.classifier import softmax

REJECTED_ACCURACY = 2 / 3
"""Answers called unsure are right this often at most: one in three is wrong."""


def fit_temperature(logits: np.ndarray, labels: np.ndarray) -> float:
    """The temperature of least log loss (Guo et al. 2017, "On Calibration of Modern Neural
    Networks").

    Args:
        logits: float array (pictures, classes), of pictures that were not trained on.
        labels: int array (pictures,), indices of the true classes.

    Returns:
        A positive number; above 1 it lowers confidences.
    """

    def loss(log_temperature: float) -> float:
        confidences = softmax(logits, np.exp(log_temperature))
        return log_loss(labels, confidences, labels=range(logits.shape[1]))

    return float(np.exp(minimize_scalar(loss, bounds=(-3, 3), method="bounded").x))


def find_confidence_threshold(confidences: np.ndarray, labels: np.ndarray) -> float:
    """The highest confidence below which answers are right ``REJECTED_ACCURACY`` of the time at most.

    Args:
        confidences: float array (pictures, classes), calibrated, of pictures that were not trained
            on.
        labels: int array (pictures,), indices of the true classes.

    Returns:
        0 to 1, in hundredths; 0 where there is no such confidence.
    """
    top = confidences.max(axis=1)
    right = confidences.argmax(axis=1) == labels
    hundredths = np.arange(1, 101) / 100
    below = top < hundredths[:, None]
    accuracy = (below & right).sum(axis=1) / np.maximum(below.sum(axis=1), 1)
    low = below.any(axis=1) & (accuracy <= REJECTED_ACCURACY)
    return float(hundredths[low].max(initial=0.0))
