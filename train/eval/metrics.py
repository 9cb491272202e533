"""Confidences and true labels -> the figures a reader needs, with intervals over sources."""

from collections.abc import Callable

import numpy as np
from sklearn.metrics import (
    balanced_accuracy_score,
    confusion_matrix,
    precision_recall_fscore_support,
    roc_auc_score,
)

from model.release import LABELS

RESAMPLES = 1000
BINS = 15


def evaluate_split(confidences: np.ndarray, labels: np.ndarray, sources: np.ndarray) -> dict:
    """All figures of one split; every scalar comes with its interval, as ``intervals`` gives it.

    Args:
        confidences: float array (pictures, labels), rows summing to 1.
        labels: int array (pictures,), true indices into ``LABELS``.
        sources: str array (pictures,), the source within its class.
    """
    predicted = confidences.argmax(axis=1)
    names, members = _clusters(labels, sources)
    figures = {"images": len(labels), "sources": len(names), "classes": {}}
    scalars = intervals(lambda weights: _scalars(confidences, labels, weights), labels, sources)
    for name, interval in scalars.items():
        label, _, metric = name.rpartition(".")
        target = figures["classes"].setdefault(label, {}) if label else figures
        target[metric] = interval
    for index, label in enumerate(LABELS):
        figures["classes"][label]["images"] = int((labels == index).sum())
        figures["classes"][label]["sources"] = sum(name.startswith(f"{label}/") for name in names)
    figures["confusion_matrix"] = confusion_matrix(
        labels, predicted, labels=range(len(LABELS))
    ).tolist()
    figures["reliability"] = reliability(confidences, labels, np.ones(len(labels)))
    figures["recall_per_source"] = {
        str(name): {
            "images": int((members == i).sum()),
            "recall": round(float((predicted == labels)[members == i].mean()), 4),
        }
        for i, name in enumerate(names)
    }
    return figures


def summary_metrics(confidences: np.ndarray, labels: np.ndarray, sources: np.ndarray) -> dict:
    """Balanced accuracy and expected calibration error with their intervals.

    Args: as of ``evaluate_split``.
    """

    def scalars(weights):
        predicted = confidences.argmax(axis=1)
        return {
            "balanced_accuracy": balanced_accuracy_score(labels, predicted, sample_weight=weights),
            "expected_calibration_error": expected_calibration_error(confidences, labels, weights),
        }

    return intervals(scalars, labels, sources)


def selective_metrics(
    confidences: np.ndarray, labels: np.ndarray, sources: np.ndarray, threshold: float
) -> dict:
    """How often answers are right above and below the confidence that separates sure from unsure.

    Args:
        confidences: float array (pictures, labels), rows summing to 1.
        labels: int array (pictures,), true indices into ``LABELS``.
        sources: str array (pictures,), the source within its class.
        threshold: confidence, 0 to 1, below which a prediction is rejected (called unsure).

    Returns:
        {"threshold", "coverage" (share of accepted predictions, 0 to 1), "selective_accuracy" of
        the accepted and "rejected_accuracy" of the other predictions, as ``intervals`` gives them,
        None where there are no such predictions}.
    """
    right = confidences.argmax(axis=1) == labels
    accepted = confidences.max(axis=1) >= threshold
    figures = {"threshold": threshold, "coverage": round(float(accepted.mean()), 4)}
    for name, chosen in (("selective_accuracy", accepted), ("rejected_accuracy", ~accepted)):
        figures[name] = None
        if chosen.any():
            figures[name] = intervals(
                lambda weights, right=right[chosen]: {"right": np.average(right, weights=weights)},
                labels[chosen],
                sources[chosen],
            )["right"]
    return figures


def intervals(
    scalars: Callable[[np.ndarray], dict[str, float]], labels: np.ndarray, sources: np.ndarray
) -> dict[str, dict[str, float]]:
    """Figures with the 95 % percentile interval of a bootstrap over sources.

    It draws whole sources with replacement, class by class (cluster bootstrap: Field and Welsh
    2007, "Bootstrapping clustered data"): pictures of one source resemble each other, so that the
    number of sources, not of pictures, says how far a figure carries.

    Args:
        scalars: computes the figures from weights, a float array (pictures,).
        labels: int array (pictures,), true indices into ``LABELS``.
        sources: str array (pictures,), the source within its class.

    Returns:
        For each figure {"value", "low", "high"}.
    """
    names, members = _clusters(labels, sources)
    samples = [
        scalars(_source_weights(names, rng)[members])
        for rng in np.random.default_rng(0).spawn(RESAMPLES)
    ]
    figures = {}
    for name, value in scalars(np.ones(len(labels))).items():
        low, high = np.percentile([sample[name] for sample in samples], (2.5, 97.5))
        figures[name] = {
            "value": round(float(value), 4),
            "low": round(float(low), 4),
            "high": round(float(high), 4),
        }
    return figures


def reliability(confidences: np.ndarray, labels: np.ndarray, weights: np.ndarray) -> dict:
    """How often the top label is right, by how sure it is, in ``BINS`` bins of equal width.

    Returns:
        Lists of one number per bin: "share" of the pictures, mean "confidence", "accuracy". An
        empty bin has share 0 and zeros.
    """
    top = confidences.max(axis=1)
    right = confidences.argmax(axis=1) == labels
    bins = np.minimum((top * BINS).astype(int), BINS - 1)
    share, confidence, accuracy = (
        np.bincount(bins, weights * values, BINS) for values in (np.ones_like(top), top, right)
    )
    filled = np.maximum(share, 1e-12)
    return {
        "share": (share / weights.sum()).round(4).tolist(),
        "confidence": (confidence / filled).round(4).tolist(),
        "accuracy": (accuracy / filled).round(4).tolist(),
    }


def expected_calibration_error(
    confidences: np.ndarray, labels: np.ndarray, weights: np.ndarray
) -> float:
    """Mean gap between confidence and accuracy over ``BINS`` bins (Naeini et al. 2015), 0 to 1."""
    bins = reliability(confidences, labels, weights)
    gaps = np.abs(np.subtract(bins["confidence"], bins["accuracy"]))
    return float(np.dot(bins["share"], gaps))


def brier_score(confidences: np.ndarray, labels: np.ndarray, weights: np.ndarray) -> float:
    """Mean squared distance to the truth over all labels (Brier 1950), 0 to 2."""
    truth = np.eye(confidences.shape[1])[labels]
    return float(np.average(((confidences - truth) ** 2).sum(axis=1), weights=weights))


def _clusters(labels, sources) -> tuple[np.ndarray, np.ndarray]:
    """The names of the sources, with their class, and the index of each picture's own."""
    pairs = zip(labels, sources, strict=True)
    return np.unique([f"{LABELS[i]}/{source}" for i, source in pairs], return_inverse=True)


def _scalars(confidences, labels, weights) -> dict[str, float]:
    predicted = confidences.argmax(axis=1)
    other = LABELS.index("other")
    scalars = {
        "accuracy": np.average(predicted == labels, weights=weights),
        "balanced_accuracy": balanced_accuracy_score(labels, predicted, sample_weight=weights),
        "expected_calibration_error": expected_calibration_error(confidences, labels, weights),
        "brier_score": brier_score(confidences, labels, weights),
        "auroc_other": roc_auc_score(labels == other, confidences[:, other], sample_weight=weights),
    }
    by_class = precision_recall_fscore_support(
        labels, predicted, labels=range(len(LABELS)), sample_weight=weights, zero_division=0.0
    )
    for name, values in zip(("precision", "recall", "f1"), by_class, strict=False):
        for label, value in zip(LABELS, values, strict=True):
            scalars[f"{label}.{name}"] = value
    return {name: float(value) for name, value in scalars.items()}


def _source_weights(names: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """How often each source is drawn when every class draws as many as it has."""
    classes = np.array([name.partition("/")[0] for name in names])
    weights = np.zeros(len(names))
    for label in np.unique(classes):
        indices = np.flatnonzero(classes == label)
        drawn = rng.choice(indices, len(indices))
        weights += np.bincount(drawn, minlength=len(names))
    return weights
