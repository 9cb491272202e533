"""Evaluate a network on a split of a dataset, with the validation split beside it."""

import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from model.classifier import load_classifier
from model.release import Release, ReleaseError
from model.weights import bundled_weights
from train.data.dataset import Dataset
from train.eval.inference import load_release, predict_confidences
from train.eval.metrics import evaluate_split, selective_metrics, summary_metrics
from train.eval.plots import plot_confusion, plot_mistakes, plot_reliability
from train.eval.report import write_report
from train.eval.split import Split, load_splits
from train.eval.tables import evaluation_report
from train.files import make_folder, read_released

TEST_SPLITS = ("test", "external")
"""Splits that are evaluated on by default, the first that the dataset has; otherwise val."""


def evaluate(weights: Path, data: Dataset, split: str | None, out: Path | None) -> None:
    """Evaluate on one split, and on ``val`` if the dataset has it.

    Writes figures.json, confusion.png, reliability.png and, about ``split``, mistakes.png. With
    several folders, figures of ``split`` are also written for each folder with images of every
    class. Other weights than the released ones are compared with these on the same images, if they
    have the same labels.

    Args:
        weights: path as ``load_release`` takes it.
        data: the dataset.
        split: name of the split; by default one of ``TEST_SPLITS``, or else "val".
        out: folder to write to; by default the results folder of the weights.

    Raises:
        UserError: the dataset lacks a split or ``out`` cannot be used.
        ReleaseError: the weights cannot be used.
    """
    release = load_release(weights)
    classifier = load_classifier(release)
    out = make_folder(out or release.results_folder)
    figures = {
        "network": release.network,
        "sha256": release.sha256,
        "temperature": release.temperature,
        "splits": {},
    }
    split = split or _default_split(data)
    splits = load_splits(data, [split], ["val"])
    confidences = {
        name: predict_confidences(classifier, loaded.images, name)
        for name, loaded in splits.items()
    }
    for name, loaded in splits.items():
        figures["splits"][name] = _measure(confidences[name], loaded, release)
    folders = _measure_folders(confidences[split], splits[split], data.folders, release)
    if len(data.folders) > 1 and folders:
        figures["folders"] = folders

    released = _released_other_than(release)
    if released:
        figures["released"] = _summaries(released, splits)

    def plot_mistakes_of_split(_, file):
        plot_mistakes(splits[split], confidences[split], file)

    plots = {
        "confusion": plot_confusion,
        "reliability": plot_reliability,
        "mistakes": plot_mistakes_of_split,
    }
    write_report(out, "figures", figures, evaluation_report(figures), plots)


def _measure(confidences: np.ndarray, split: Split, release: Release) -> dict:
    selective = selective_metrics(confidences, split, release.confidence_threshold)
    return evaluate_split(confidences, split) | {"selective": selective}


def _measure_folders(
    confidences: np.ndarray, split: Split, folders: Sequence[Path], release: Release
) -> dict[str, dict]:
    """Measure the images of each folder that has every class, by the folder's name."""
    folders = [Path(os.path.abspath(folder)) for folder in folders]
    names = [folder.name for folder in folders]
    figures = {}
    for folder in folders:
        members = np.array(
            [Path(os.path.abspath(image.path)).is_relative_to(folder) for image in split.images]
        )
        chosen = split.select(members)
        if len(np.unique(chosen.targets)) == len(split.labels):
            measured = _measure(confidences[members], chosen, release)
            figures[folder.name if names.count(folder.name) == 1 else str(folder)] = {
                name: value
                for name, value in measured.items()
                if name not in ("confusion_matrix", "reliability", "recall_per_source")
            }
    return figures


def _default_split(data: Dataset) -> str:
    return next((name for name in TEST_SPLITS if name in data), "val")


def _released_other_than(release: Release) -> Release | None:
    """Return the current release if it works, is another one, and has the same labels."""
    released = read_released()
    if not released or released.sha256 == release.sha256 or released.labels != release.labels:
        return None
    try:
        bundled_weights(released)
    except ReleaseError:
        return None
    return released


def _summaries(release: Release, splits: dict[str, Split]) -> dict:
    classifier = load_classifier(release)
    return {
        "sha256": release.sha256,
        "splits": {
            name: summary_metrics(
                predict_confidences(classifier, split.images, f"{name}, released network"), split
            )
            for name, split in splits.items()
        },
    }
