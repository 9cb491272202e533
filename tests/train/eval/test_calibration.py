import numpy as np
import pytest

from model.classifier import softmax
from train.eval.calibration import REJECTED_ACCURACY, find_confidence_threshold, fit_temperature


@pytest.mark.parametrize("temperature", [0.4, 1.0, 2.5])
def test_the_temperature_that_generated_the_labels_is_recovered(temperature):
    rng = np.random.default_rng(0)
    logits = rng.normal(0, 4, (4000, 3))
    cumulative = softmax(logits, temperature).cumsum(axis=1)
    labels = (rng.random((4000, 1)) > cumulative[:, :2]).sum(axis=1)
    assert fit_temperature(logits, labels) == pytest.approx(temperature, rel=0.1)


def test_the_confidence_threshold_reaches_the_rejected_accuracy():
    rng = np.random.default_rng(0)
    top = rng.uniform(0.34, 1, 20_000)
    confidences = np.stack([top, (1 - top) / 2, (1 - top) / 2], axis=1)
    labels = np.where(rng.random(len(top)) < top, 0, 1)
    threshold = find_confidence_threshold(confidences, labels)
    correct = labels == 0
    assert correct[top < threshold].mean() <= REJECTED_ACCURACY
    assert correct[top < threshold + 0.02].mean() > REJECTED_ACCURACY
    # Of calibrated confidences spread evenly from 0.34 to t, (0.34 + t) / 2 are correct.
    assert threshold == pytest.approx(2 * REJECTED_ACCURACY - 0.34, abs=0.03)


def test_the_confidence_threshold_is_zero_if_every_prediction_is_correct():
    confidences = np.array([[0.5, 0.3, 0.2], [0.9, 0.1, 0.0]])
    assert find_confidence_threshold(confidences, np.array([0, 0])) == 0
