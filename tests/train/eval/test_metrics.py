import itertools
from pathlib import Path

import numpy as np
import pytest

from model.release import LABELS
from train.data.dataset import LabelledImage
from train.eval import metrics
from train.eval.metrics import (
    brier_score,
    evaluate_split,
    expected_calibration_error,
    intervals,
    reliability,
    selective_metrics,
    summary_metrics,
)
from train.eval.split import Split

BRAIN, LUNG, OTHER = range(3)


@pytest.fixture(autouse=True, scope="module")
def fewer_resamples():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(metrics, "RESAMPLES", 20)
        yield


def split_of(labels, sources):
    """Return a split of images that need not exist."""
    pairs = zip(labels, sources, strict=True)
    return Split([LabelledImage(Path(), LABELS[label], str(source)) for label, source in pairs])


def predictions(*predicted, confidence=0.8):
    """Return confidences with the given top labels."""
    rest = (1 - confidence) / 2
    return np.array([[confidence if i == top else rest for i in range(3)] for top in predicted])


def values(figures):
    return {
        name: figure["value"]
        for name, figure in figures.items()
        if isinstance(figure, dict) and "value" in figure
    }


CONFIDENCES = np.array(
    [
        [0.9, 0.1, 0.0],
        [0.6, 0.3, 0.1],
        [0.2, 0.7, 0.1],  # wrong: brain predicted as lung
        [0.5, 0.1, 0.4],
        [0.1, 0.8, 0.1],
        [0.3, 0.2, 0.5],  # wrong: lung predicted as other
        [0.1, 0.1, 0.8],
        [0.0, 0.0, 1.0],
        [0.55, 0.0, 0.45],  # wrong: other predicted as brain
        [0.2, 0.2, 0.6],
    ]
)
TRUTH = np.array([BRAIN] * 4 + [LUNG] * 2 + [OTHER] * 4)
SOURCES = np.array(["a", "a", "b", "b", "a", "a", "c", "c", "c", "d"])


@pytest.fixture(scope="module")
def figures():
    return evaluate_split(CONFIDENCES, split_of(TRUTH, SOURCES))


def test_figures_of_ten_images_are_those_counted_by_hand(figures):
    assert values(figures) == {
        "accuracy": 0.7,
        "balanced_accuracy": pytest.approx((3 / 4 + 1 / 2 + 3 / 4) / 3, abs=1e-4),
        "expected_calibration_error": pytest.approx(hand_counted_calibration_error(), abs=2e-4),
        "brier_score": pytest.approx(hand_counted_brier_score(), abs=1e-4),
        "auroc_other": pytest.approx(hand_counted_auroc(), abs=1e-4),
    }
    assert figures["confusion_matrix"] == [[3, 1, 0], [0, 1, 1], [1, 0, 3]]
    assert (figures["images"], figures["sources"]) == (10, 5)


def hand_counted_calibration_error():
    # Bins: 7 has 0.5 (correct) and 0.5 (wrong); 8 has 0.55; 9: 0.6, 0.6; 10: 0.7; 12: 0.8,
    # 0.8; 13: 0.9; 14: 1.0.
    gaps = [2 * (0.5 - 0.5), 0.55, 2 * (1 - 0.6), 0.7, 2 * (1 - 0.8), 1 - 0.9, 1 - 1.0]
    return sum(gaps) / 10


def hand_counted_brier_score():
    total = 0.0
    for row, label in zip(CONFIDENCES, TRUTH, strict=True):
        for i in range(3):
            total += (row[i] - (1.0 if i == label else 0.0)) ** 2
    return total / 10


def hand_counted_auroc():
    """Return the share of pairs in which the image of "other" has the higher confidence in it."""
    others, rest = CONFIDENCES[TRUTH == OTHER, 2], CONFIDENCES[TRUTH != OTHER, 2]
    pairs = [(a > b) + (a == b) / 2 for a, b in itertools.product(others, rest)]
    return sum(pairs) / len(pairs)


def test_each_class_has_its_own_figures(figures):
    expected = {  # correct, true and predicted images of each class
        "brain": (3, 4, 4),
        "lung": (1, 2, 2),
        "other": (3, 4, 4),
    }
    assert list(figures["classes"]) == list(LABELS)
    for label, (correct, true, predicted) in expected.items():
        measured = figures["classes"][label]
        assert values(measured) == {
            "recall": correct / true,
            "precision": correct / predicted,
            "f1": pytest.approx(2 * correct / (true + predicted), abs=1e-4),
        }
        assert measured["images"] == true
    assert [figures["classes"][label]["sources"] for label in LABELS] == [2, 1, 2]


def test_sources_of_the_same_name_in_two_classes_are_different_sources(figures):
    assert figures["recall_per_source"] == {
        "brain/a": {"images": 2, "recall": 1.0},
        "brain/b": {"images": 2, "recall": 0.5},
        "lung/a": {"images": 2, "recall": 0.5},
        "other/c": {"images": 3, "recall": pytest.approx(2 / 3, abs=1e-4)},
        "other/d": {"images": 1, "recall": 1.0},
    }


def test_precision_and_recall_differ_by_the_kind_of_mistake():
    # Every brain is predicted as brain, and so is half of the lungs.
    confidences = predictions(BRAIN, BRAIN, BRAIN, LUNG, OTHER)
    figures = evaluate_split(confidences, split_of([BRAIN, BRAIN, LUNG, LUNG, OTHER], "sssss"))
    brain, lung = figures["classes"]["brain"], figures["classes"]["lung"]
    assert (brain["recall"]["value"], lung["recall"]["value"]) == (1, 0.5)
    assert brain["precision"]["value"] == pytest.approx(2 / 3, abs=1e-4)
    assert lung["precision"]["value"] == 1


def test_balanced_accuracy_weights_classes_equally():
    labels = np.array([BRAIN] * 97 + [LUNG, LUNG, OTHER])
    figures = evaluate_split(predictions(*[BRAIN] * 100), split_of(labels, "s" * 100))
    assert figures["accuracy"]["value"] == 0.97
    assert figures["balanced_accuracy"]["value"] == pytest.approx(1 / 3, abs=1e-4)
    assert figures["classes"]["lung"]["precision"]["value"] == 0  # never predicted


def test_perfect_predictions_have_perfect_figures_and_no_interval():
    labels = np.array([BRAIN, BRAIN, LUNG, LUNG, OTHER, OTHER])
    figures = evaluate_split(predictions(*labels, confidence=1.0), split_of(labels, "ababab"))
    for name, best in {
        "accuracy": 1,
        "balanced_accuracy": 1,
        "auroc_other": 1,
        "brier_score": 0,
        "expected_calibration_error": 0,
    }.items():
        assert figures[name] == {"value": best, "low": best, "high": best}


def predicted_split(recalls, images=20):
    """Return confidences and a split: sources of brain with these recalls, all others correct."""
    predicted, labels, sources = [], [], []
    for i, recall in enumerate(recalls):
        correct = round(recall * images)
        predicted += [BRAIN] * correct + [OTHER] * (images - correct)
        labels += [BRAIN] * images
        sources += [f"source {i}"] * images
    for label in (LUNG, OTHER):
        predicted += [label] * images
        labels += [label] * images
        sources += ["only"] * images
    return predictions(*predicted), split_of(labels, sources)


def brain_recall(confidences, split):
    correct, brain = confidences.argmax(axis=1) == split.targets, split.targets == BRAIN

    def recall(weights):
        return {"recall": np.average(correct[brain], weights=weights[brain])}

    return intervals(recall, split)["recall"]


def test_the_interval_is_that_of_resampling_sources():
    # Resampling two sources gives the recalls 0, 1/2 and 1 with shares 1/4, 1/2 and 1/4.
    assert brain_recall(*predicted_split([0, 1])) == {"value": 0.5, "low": 0, "high": 1}


def test_sources_with_equal_recall_have_no_interval():
    assert brain_recall(*predicted_split([0.75] * 6)) == {"value": 0.75, "low": 0.75, "high": 0.75}


def test_the_interval_narrows_with_the_number_of_sources_not_of_images(monkeypatch):
    monkeypatch.setattr(metrics, "RESAMPLES", 1000)

    def width(recalls, images=20):
        recall = brain_recall(*predicted_split(recalls, images))
        assert recall["low"] <= recall["value"] <= recall["high"]
        return recall["high"] - recall["low"]

    few, more = width([0.5, 0.9] * 2), width([0.5, 0.9] * 20)
    assert 0 < more < few / 2
    assert width([0.5, 0.9] * 2, images=200) == few
    # The mean of 40 draws of 0.5 or 0.9 has a standard deviation of 0.2 / sqrt(40).
    assert more == pytest.approx(2 * 1.96 * 0.2 / np.sqrt(40), rel=0.1)


def test_each_class_resamples_its_own_sources():
    figures = evaluate_split(*predicted_split([0, 1]))
    # Only brain varies, a third of the mean: lung and other have one source, always correct.
    assert figures["balanced_accuracy"] == {
        "value": pytest.approx(2.5 / 3, abs=1e-4),
        "low": pytest.approx(2 / 3, abs=1e-4),
        "high": 1,
    }


def test_intervals_are_reproducible():
    arguments = predicted_split([0.1, 0.5, 0.6, 0.95])
    assert evaluate_split(*arguments) == evaluate_split(*arguments)


def test_summary_metrics_are_a_part_of_all_figures():
    arguments = predicted_split([0.1, 0.5, 0.6, 0.95])
    figures = evaluate_split(*arguments)
    assert summary_metrics(*arguments) == {
        name: figures[name] for name in ("balanced_accuracy", "expected_calibration_error")
    }


def test_reliability_bins_predictions_by_their_confidence():
    confidences = np.concatenate([predictions(*[BRAIN] * 4, confidence=c) for c in (0.45, 0.99)])
    labels = np.array([BRAIN, OTHER, OTHER, LUNG, BRAIN, BRAIN, BRAIN, OTHER])
    bins = reliability(confidences, labels, np.ones(8))
    assert {len(numbers) for numbers in bins.values()} == {metrics.BINS} == {15}
    rows = zip(bins["share"], bins["confidence"], bins["accuracy"], strict=True)
    for i, numbers in enumerate(rows):
        expected = {6: (0.5, 0.45, 0.25), 14: (0.5, 0.99, 0.75)}.get(i, (0, 0, 0))
        assert numbers == pytest.approx(expected, abs=1e-3)


def test_a_weight_of_two_counts_like_two_images():
    rng = np.random.default_rng(0)
    confidences = rng.dirichlet((1, 1, 1), 40)
    labels, weights = rng.integers(0, 3, 40), rng.integers(0, 4, 40)
    repeated = confidences.repeat(weights, axis=0), labels.repeat(weights)
    ones = np.ones(weights.sum())
    for figure in (expected_calibration_error, brier_score):
        assert figure(confidences, labels, weights) == pytest.approx(
            figure(*repeated, ones), abs=1e-9
        )


def test_confident_mistakes_have_the_worst_figures():
    confidences, labels = predictions(BRAIN, LUNG, confidence=1.0), np.array([LUNG, OTHER])
    assert expected_calibration_error(confidences, labels, np.ones(2)) == 1
    assert brier_score(confidences, labels, np.ones(2)) == 2


def test_selective_metrics_separate_predictions_at_the_threshold():
    confidences = np.array([[0.9, 0.1, 0], [0.8, 0.2, 0], [0.6, 0.4, 0], [0.4, 0.5, 0.1]])
    split = split_of([BRAIN, BRAIN, LUNG, LUNG], "abab")
    figures = selective_metrics(confidences, split, 0.7)
    assert (figures["threshold"], figures["coverage"]) == (0.7, 0.5)
    assert figures["selective_accuracy"]["value"] == 1
    assert figures["rejected_accuracy"] == {"value": 0.5, "low": 0, "high": 1}
    assert selective_metrics(confidences, split, 0.0)["rejected_accuracy"] is None
