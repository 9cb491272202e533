"""Compare scores for rejecting wrong predictions."""

from pathlib import Path

import keras
import numpy as np
from scipy.special import logsumexp
from sklearn.covariance import LedoitWolf
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from model.classifier import softmax
from model.release import Release
from train.data.augment import augment
from train.data.batches import number_of_batches, ordered_batches
from train.data.dataset import Dataset
from train.eval.calibration import MAX_SELECTIVE_ERROR
from train.eval.inference import load_release
from train.eval.metrics import intervals
from train.eval.report import write_report
from train.eval.split import Split, load_splits
from train.files import make_folder
from train.networks import input_size, load_network
from train.studies.tables import rejection_table

TRAINING_IMAGES = 3000
"""Number of training images to compare features with, drawn with a fixed seed."""

NEIGHBOURS = 10
"""Number of nearest training images."""

BATCH_SIZE = 64


def rejection(weights: Path, data: Dataset, splits: list[str], out: Path) -> None:
    """Measure how well several scores separate wrong predictions from right ones.

    The scores are the confidence, with one threshold and with one per label, the maximum logit and
    the energy (Liu et al. 2020, "Energy-based Out-of-distribution Detection"), the cosine
    similarity to the nearest training features (Sun et al. 2022, "Out-of-Distribution Detection
    with Deep Nearest Neighbors"), the Mahalanobis distance (Lee et al. 2018, "A Simple Unified
    Framework for Detecting Out-of-Distribution Samples and Adversarial Attacks"), and a logistic
    regression on confidence, similarity and energy. Thresholds and the regression come from
    ``val``, original and augmented. Writes rejection.json to ``out``.

    Args:
        weights: path as ``load_release`` takes it.
        data: the dataset.
        splits: names of the splits to evaluate on.
        out: folder to write to.

    Raises:
        UserError: the dataset lacks a split or ``out`` cannot be used.
        ReleaseError: the weights cannot be used.
    """
    make_folder(out)
    release = load_release(weights)
    loaded = load_splits(data, ["train", "val", *splits])
    evaluated = {name: loaded[name] for name in splits}
    figures = {
        "network": release.network,
        "sha256": release.sha256,
        **compare_scores(release, loaded["train"], loaded["val"], evaluated),
    }
    write_report(out, "rejection", figures, rejection_table(figures))


def compare_scores(release: Release, train: Split, val: Split, evaluated: dict[str, Split]) -> dict:
    """Compute how well the scores of ``rejection`` separate wrong predictions from right ones.

    Args:
        release: whose Keras network predicts.
        train: images to compare features with.
        val: images for the thresholds and the regression.
        evaluated: splits by name.

    Returns:
        ``"splits"``, the counts of each split, and ``"scores"``, the figures on each split by the
        name of the score.
    """
    network = load_network(release)
    drawn = np.random.default_rng(0).permutation(len(train.images))[:TRAINING_IMAGES]
    train_outputs = Outputs(network, Split([train.images[i] for i in drawn]), release.temperature)
    clean, augmented = (Outputs(network, val, release.temperature, t) for t in (None, augment))
    outputs = {
        name: Outputs(network, split, release.temperature) for name, split in evaluated.items()
    }
    figures = {"splits": {}, "scores": {}}
    for name, split in evaluated.items():
        wrong = int((~outputs[name].correct).sum())
        figures["splits"][name] = {**split.counts, "wrong": wrong}
    for title, score in _fit_scores(train_outputs, [clean, augmented]).items():
        threshold = _threshold(
            np.concatenate([score(clean), score(augmented)]),
            np.concatenate([clean.correct, augmented.correct]),
        )
        figures["scores"][title] = {
            name: _measure(score(measured), measured.correct, threshold, evaluated[name])
            for name, measured in outputs.items()
        }
    return figures


class Outputs:
    """Features, logits, confidences and correctness of a network on a split.

    Attributes:
        features: float32 (images, features), the input of the last layer, of unit length.
        logits: float32 (images, labels).
        confidence: float64 (images,), 0 to 1, of the prediction.
        predictions: int (images,), indices of labels.
        correct: bool (images,).
    """

    def __init__(self, network: keras.Model, split: Split, temperature: float, transform=None):
        outputs = keras.Model(network.inputs, [network.layers[-1].input, network.outputs[0]])
        batches = ordered_batches(
            split.images, input_size(network), BATCH_SIZE, transform=transform
        )
        steps = number_of_batches(len(split.images), BATCH_SIZE)
        features, self.logits = outputs.predict(batches, steps=steps, verbose=1)
        self.features = features / np.linalg.norm(features, axis=1, keepdims=True)
        self.targets = split.targets
        self.confidence = softmax(self.logits, temperature).max(axis=1)
        self.predictions = self.logits.argmax(axis=1)
        self.correct = self.predictions == split.targets


def _fit_scores(train: Outputs, validation: list[Outputs]) -> dict:
    """Return functions from ``Outputs`` to a score per image; higher is more certain."""
    means = np.stack([train.features[train.targets == k].mean(axis=0) for k in range(3)])
    precision = LedoitWolf().fit(train.features - means[train.targets]).precision_

    def similarity(outputs):
        nearest = [
            np.partition(chunk @ train.features.T, -NEIGHBOURS, axis=1)[:, -NEIGHBOURS:]
            for chunk in np.array_split(outputs.features, -(-len(outputs.features) // 256))
        ]
        return np.concatenate(nearest).mean(axis=1)

    def energy(outputs):
        return logsumexp(outputs.logits, axis=1)

    def mahalanobis(outputs):
        gaps = outputs.features[:, None] - means
        return -np.einsum("nkf,fg,nkg->nk", gaps, precision, gaps, optimize=True).min(axis=1)

    predicted, confidence, correct = (
        np.concatenate([getattr(outputs, name) for outputs in validation])
        for name in ("predictions", "confidence", "correct")
    )
    thresholds = np.array(
        [_threshold(confidence[predicted == k], correct[predicted == k]) for k in range(3)]
    ).clip(max=1)

    def describe(outputs):
        log_error = np.log(np.maximum(1 - outputs.confidence, 1e-9))
        return np.column_stack([log_error, similarity(outputs), energy(outputs)])

    regression = LogisticRegression(C=1e3, max_iter=1000).fit(
        np.concatenate([describe(outputs) for outputs in validation]), correct
    )
    return {
        "confidence": lambda outputs: outputs.confidence,
        "confidence, a threshold per label": lambda o: o.confidence - thresholds[o.predictions],
        "maximum logit": lambda outputs: outputs.logits.max(axis=1),
        "energy": energy,
        "similarity to training features": similarity,
        "Mahalanobis distance": mahalanobis,
        "confidence, similarity and energy": lambda o: regression.decision_function(describe(o)),
    }


def _threshold(scores: np.ndarray, correct: np.ndarray) -> float:
    """Find the lowest score above which at most ``MAX_SELECTIVE_ERROR`` are wrong."""
    order = np.argsort(-scores)
    errors = np.cumsum(~correct[order]) / np.arange(1, len(order) + 1)
    accepted = np.flatnonzero(errors <= MAX_SELECTIVE_ERROR)
    return float(scores[order[accepted[-1]]]) if len(accepted) else float(np.inf)


def _measure(scores: np.ndarray, correct: np.ndarray, threshold: float, split: Split) -> dict:
    """Compute the metrics of a score; undefined ones are None and have no interval."""
    accepted = scores >= threshold

    def scalars(weights):
        defined = {"coverage": np.average(accepted, weights=weights)}
        if weights[correct].any() and weights[~correct].any():
            defined["auroc"] = roc_auc_score(correct, scores, sample_weight=weights)
        if weights[accepted].any():
            wrong = np.average(~correct[accepted], weights=weights[accepted])
            defined["wrong_among_accepted"] = wrong
        return defined

    figures = intervals(scalars, split)
    return {
        name: figures[name]["value"] if name in figures else None
        for name in ("auroc", "coverage", "wrong_among_accepted")
    } | {"intervals": {name: [each["low"], each["high"]] for name, each in figures.items()}}
