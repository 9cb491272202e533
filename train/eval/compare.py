"""Compare networks on the same images: figures, file size and time per image."""

import time
from pathlib import Path

import numpy as np

from model.classifier import Classifier
from train.data.dataset import Dataset
from train.eval.inference import load_by_name, predict_confidences, require_same_labels
from train.eval.metrics import evaluate_split
from train.eval.report import write_report
from train.eval.split import load_splits
from train.eval.tables import comparison_table
from train.files import make_folder

TIMED_ROUNDS = 50
"""Number of forward passes whose median is the time of a network."""


def compare(weights: list[Path], data: Dataset, splits: list[str], out: Path | None) -> None:
    """Evaluate several networks on the same splits and write comparison.json.

    Args:
        weights: paths as ``load_release`` takes them.
        data: the dataset.
        splits: names of the splits.
        out: folder to write to; by default the results folder of the first weights.

    Raises:
        UserError: the dataset lacks a split, ``out`` cannot be used, or two networks have the same
            name or different labels.
        ReleaseError: some weights cannot be used.
    """
    loaded = load_by_name(weights)
    releases, classifiers = zip(*loaded.values(), strict=True)
    out = make_folder(out or releases[0].results_folder)
    require_same_labels(releases)
    images = load_splits(data, splits)
    times = forward_milliseconds(classifiers)
    networks = {
        name: {
            "sha256": release.sha256,
            "bytes": release.weights_file.stat().st_size,
            "milliseconds": milliseconds,
            "splits": {
                split: evaluate_split(
                    predict_confidences(classifier, loaded_split.images, f"{name}, {split}"),
                    loaded_split,
                )
                for split, loaded_split in images.items()
            },
        }
        for (name, (release, classifier)), milliseconds in zip(loaded.items(), times, strict=True)
    }
    figures = {"networks": networks}
    write_report(out, "comparison", figures, comparison_table(figures))


def forward_milliseconds(classifiers: tuple[Classifier, ...]) -> list[float]:
    """Measure the median time of a forward pass of one image, with the networks taking turns."""
    inputs = [
        np.random.default_rng(0).integers(0, 256, (1, c.input_size, c.input_size, 3), np.uint8)
        for c in classifiers
    ]
    times = [[] for _ in classifiers]
    for _ in range(TIMED_ROUNDS):
        for classifier, image, seconds in zip(classifiers, inputs, times, strict=True):
            start = time.perf_counter()
            classifier.logits(image)
            seconds.append(time.perf_counter() - start)
    return [round(1000 * float(np.median(seconds)), 2) for seconds in times]
