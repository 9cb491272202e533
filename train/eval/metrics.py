"""Compute figures from confidences and true labels, with bootstrap intervals over sources."""

from collections.abc import Callable

import numpy as np
from sklearn.metrics import (
    balanced_accuracy_score,
    confusion_matrix,
    precision_recall_fscore_support,
    roc_auc_score,
)

from train.eval.split import Split

RESAMPLES = 1000
"""Number of bootstrap resamples."""

BINS = 15
"""Number of bins of equal width in a reliability diagram."""


def evaluate_split(confidences: np.ndarray, split: Split) -> dict:
    """Compute all figures of one split, as figures.json has them.

    Args:
        confidences: float array (images, labels), rows summing to 1.
        split: the images.

    Returns:
        The counts of images and sources; accuracy, balanced accuracy, expected calibration error,
        Brier score and AUROC of "other", if it is a class; for every class its counts, precision,
        recall and F1; the confusion matrix (rows: true labels), the reliability diagram and the
        recall per source. Scalars are as ``intervals`` returns them.
    """
    predicted = confidences.argmax(axis=1)
    names, members = np.unique(split.sources, return_inverse=True)
    figures = {**split.counts, "classes": {}}
    scalars = intervals(lambda weights: _scalars(confidences, split, weights), split)
    for name, interval in scalars.items():
        label, _, metric = name.rpartition(".")
        target = figures["classes"].setdefault(label, {}) if label else figures
        target[metric] = interval
    for index, label in enumerate(split.labels):
        figures["classes"][label].update(split.select(split.targets == index).counts)
    figures["confusion_matrix"] = confusion_matrix(
        split.targets, predicted, labels=range(len(split.labels))
    ).tolist()
    figures["reliability"] = reliability(confidences, split.targets, np.ones(len(predicted)))
    figures["recall_per_source"] = {
        str(name): {
            "images": int((members == i).sum()),
            "recall": round(float((predicted == split.targets)[members == i].mean()), 4),
        }
        for i, name in enumerate(names)
    }
    return figures


def summary_metrics(confidences: np.ndarray, split: Split) -> dict:
    """Compute balanced accuracy and expected calibration error with their intervals.

    Args:
        confidences: float array (images, labels), rows summing to 1.
        split: the images.
    """

    def scalars(weights):
        predicted = confidences.argmax(axis=1)
        return {
            "balanced_accuracy": balanced_accuracy_score(
                split.targets, predicted, sample_weight=weights
            ),
            "expected_calibration_error": expected_calibration_error(
                confidences, split.targets, weights
            ),
        }

    return intervals(scalars, split)


def selective_metrics(confidences: np.ndarray, split: Split, threshold: float) -> dict:
    """Compute coverage and accuracy of selective classification at a confidence threshold.

    El-Yaniv and Wiener 2010, "On the Foundations of Noise-free Selective Classification".

    Args:
        confidences: float array (images, labels), rows summing to 1.
        split: the images.
        threshold: confidence, 0 to 1, below which a prediction is rejected.

    Returns:
        "threshold", "coverage" (share of accepted predictions, 0 to 1), "selective_accuracy" of
        the accepted and "rejected_accuracy" of the other predictions. The accuracies are as
        ``intervals`` returns them, or None if there are no such predictions.
    """
    correct = confidences.argmax(axis=1) == split.targets
    accepted = confidences.max(axis=1) >= threshold
    figures = {"threshold": threshold, "coverage": round(float(accepted.mean()), 4)}
    for name, chosen in (("selective_accuracy", accepted), ("rejected_accuracy", ~accepted)):
        figures[name] = None
        if chosen.any():
            figures[name] = intervals(
                lambda weights, hits=correct[chosen]: {"": np.average(hits, weights=weights)},
                split.select(chosen),
            )[""]
    return figures


def intervals(
    scalars: Callable[[np.ndarray], dict[str, float]], split: Split
) -> dict[str, dict[str, float]]:
    """Compute figures with their 95 % percentile intervals of a bootstrap over sources.

    Images of one source resemble each other, so the resampling draws whole sources with
    replacement, class by class (cluster bootstrap: Field and Welsh 2007, "Bootstrapping clustered
    data"). Width depends on the number of sources, not of images.

    Args:
        scalars: computes the figures from weights, a float array (images,). It may leave out
            figures that are not defined for them.
        split: the images.

    Returns:
        {"value", "low", "high"} for each figure that is defined for the whole split.
    """
    names, members = np.unique(split.sources, return_inverse=True)
    samples = [
        scalars(_resampled_weights(names, rng)[members])
        for rng in np.random.default_rng(0).spawn(RESAMPLES)
    ]
    figures = {}
    for name, value in scalars(np.ones(len(members))).items():
        low, high = np.percentile([s[name] for s in samples if name in s], (2.5, 97.5))
        figures[name] = {
            "value": round(float(value), 4),
            "low": round(float(low), 4),
            "high": round(float(high), 4),
        }
    return figures


def reliability(confidences: np.ndarray, targets: np.ndarray, weights: np.ndarray) -> dict:
    """Compute a reliability diagram: accuracy by confidence, in ``BINS`` bins of equal width.

    Args:
        confidences: float array (images, labels), rows summing to 1.
        targets: int array (images,), indices of the true labels.
        weights: float array (images,).

    Returns:
        "share" of the images, mean "confidence" and "accuracy", each a list with a number per bin;
        the numbers of an empty bin are 0.
    """
    top = confidences.max(axis=1)
    correct = confidences.argmax(axis=1) == targets
    bins = np.minimum((top * BINS).astype(int), BINS - 1)
    share, confidence, accuracy = (
        np.bincount(bins, weights * values, BINS) for values in (np.ones_like(top), top, correct)
    )
    filled = np.maximum(share, 1e-12)
    return {
        "share": (share / weights.sum()).round(4).tolist(),
        "confidence": (confidence / filled).round(4).tolist(),
        "accuracy": (accuracy / filled).round(4).tolist(),
    }


def expected_calibration_error(
    confidences: np.ndarray, targets: np.ndarray, weights: np.ndarray
) -> float:
    """Compute the mean gap between confidence and accuracy over all bins, 0 to 1.

    Naeini et al. 2015, "Obtaining Well Calibrated Probabilities Using Bayesian Binning". The
    arguments are those of ``reliability``.
    """
    bins = reliability(confidences, targets, weights)
    gaps = np.abs(np.subtract(bins["confidence"], bins["accuracy"]))
    return float(np.dot(bins["share"], gaps))


def brier_score(confidences: np.ndarray, targets: np.ndarray, weights: np.ndarray) -> float:
    """Compute the mean squared error summed over labels, 0 to 2 (Brier 1950).

    The arguments are those of ``reliability``.
    """
    truth = np.eye(confidences.shape[1])[targets]
    return float(np.average(((confidences - truth) ** 2).sum(axis=1), weights=weights))


def _scalars(confidences: np.ndarray, split: Split, weights: np.ndarray) -> dict[str, float]:
    targets, predicted = split.targets, confidences.argmax(axis=1)
    scalars = {
        "accuracy": np.average(predicted == targets, weights=weights),
        "balanced_accuracy": balanced_accuracy_score(targets, predicted, sample_weight=weights),
        "expected_calibration_error": expected_calibration_error(confidences, targets, weights),
        "brier_score": brier_score(confidences, targets, weights),
    }
    if "other" in split.labels:
        other = split.labels.index("other")
        scalars["auroc_other"] = roc_auc_score(
            targets == other, confidences[:, other], sample_weight=weights
        )
    by_class = precision_recall_fscore_support(
        targets,
        predicted,
        labels=range(len(split.labels)),
        sample_weight=weights,
        zero_division=0.0,
    )
    for name, values in zip(("precision", "recall", "f1"), by_class, strict=False):
        for label, value in zip(split.labels, values, strict=True):
            scalars[f"{label}.{name}"] = value
    return {name: float(value) for name, value in scalars.items()}


def _resampled_weights(names: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Draw as many sources of each class as it has; return how often each was drawn."""
    classes = np.array([name.partition("/")[0] for name in names])
    weights = np.zeros(len(names))
    for label in np.unique(classes):
        indices = np.flatnonzero(classes == label)
        drawn = rng.choice(indices, len(indices))
        weights += np.bincount(drawn, minlength=len(names))
    return weights
