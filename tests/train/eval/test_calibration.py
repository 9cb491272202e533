import numpy as np
import pytest

from model.classifier import softmax
from train.eval.calibration import MAX_SELECTIVE_ERROR, find_confidence_threshold, fit_temperature


@pytest.mark.parametrize("temperature", [0.4, 1.0, 2.5])
def test_the_temperature_that_generated_the_labels_is_recovered(temperature):
    rng = np.random.default_rng(0)
    logits = rng.normal(0, 4, (4000, 3))
    cumulative = softmax(logits, temperature).cumsum(axis=1)
    labels = (rng.random((4000, 1)) > cumulative[:, :2]).sum(axis=1)
    assert fit_temperature(logits, labels) == pytest.approx(temperature, rel=0.1)


def test_few_predictions_above_the_confidence_threshold_are_wrong():
    rng = np.random.default_rng(0)
    top = rng.uniform(0.34, 1, 200_000)
    confidences = np.stack([top, (1 - top) / 2, (1 - top) / 2], axis=1)
    # A fifth as many errors as calibrated confidences have.
    labels = np.where(rng.random(len(top)) < 1 - (1 - top) / 5, 0, 1)
    threshold = find_confidence_threshold(confidences, labels)
    wrong = labels != 0
    assert wrong[top >= threshold].mean() <= MAX_SELECTIVE_ERROR
    assert wrong[top >= threshold - 0.01].mean() > MAX_SELECTIVE_ERROR
    # Of confidences spread evenly from t to 1, (1 - t) / 10 are wrong.
    assert threshold == pytest.approx(1 - 10 * MAX_SELECTIVE_ERROR, abs=0.02)


def test_the_confidence_threshold_is_lowest_if_every_prediction_is_correct():
    confidences = np.array([[0.5, 0.3, 0.2], [0.9, 0.1, 0.0]])
    assert find_confidence_threshold(confidences, np.array([0, 0])) == 0.5


def test_the_confidence_threshold_rejects_everything_if_every_prediction_is_wrong():
    confidences = np.array([[0.5, 0.3, 0.2], [0.9, 0.1, 0.0]])
    assert find_confidence_threshold(confidences, np.array([1, 1])) > 0.9
