"""Temperature scaling: the one number that makes confidences match how often they are right."""

import numpy as np
from scipy.optimize import minimize_scalar
from sklearn.metrics import log_loss

from model.classifier import softmax


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
