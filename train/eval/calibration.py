"""Calibrate confidences with a temperature, and choose the threshold of unsure predictions."""

import numpy as np
from scipy.optimize import minimize_scalar
from sklearn.metrics import log_loss

from model.classifier import softmax

REJECTED_ACCURACY = 2 / 3
"""Highest accuracy of the predictions below the threshold: at least one in three is wrong."""


def fit_temperature(logits: np.ndarray, labels: np.ndarray) -> float:
    """Find the temperature with the lowest log loss.

    Guo et al. 2017, "On Calibration of Modern Neural Networks".

    Args:
        logits: float array (images, labels), of images that were not trained on.
        labels: int array (images,), true labels.

    Returns:
        A positive number; above 1 it lowers confidences.
    """

    def loss(log_temperature: float) -> float:
        confidences = softmax(logits, np.exp(log_temperature))
        return log_loss(labels, confidences, labels=range(logits.shape[1]))

    return float(np.exp(minimize_scalar(loss, bounds=(-3, 3), method="bounded").x))


def find_confidence_threshold(confidences: np.ndarray, labels: np.ndarray) -> float:
    """Find the highest threshold at which the rejected accuracy is at most ``REJECTED_ACCURACY``.

    Args:
        confidences: float array (images, labels), calibrated, of images that were not trained on.
        labels: int array (images,), true labels.

    Returns:
        0 to 1, in hundredths; 0 if there is no such threshold.
    """
    top = confidences.max(axis=1)
    correct = confidences.argmax(axis=1) == labels
    hundredths = np.arange(1, 101) / 100
    rejected = top < hundredths[:, None]
    accuracy = (rejected & correct).sum(axis=1) / np.maximum(rejected.sum(axis=1), 1)
    low = rejected.any(axis=1) & (accuracy <= REJECTED_ACCURACY)
    return float(hundredths[low].max(initial=0.0))
