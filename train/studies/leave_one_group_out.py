"""Measure how a recipe generalises to groups of sources that were left out of training."""

from pathlib import Path

import numpy as np

from model.classifier import load_classifier
from model.release import LABELS
from train.data.dataset import Dataset
from train.eval.inference import load_release, predict_confidences
from train.eval.metrics import expected_calibration_error, intervals
from train.eval.report import write_report
from train.eval.split import Split, load_splits
from train.files import make_folder
from train.fit import fit
from train.recipes import Recipe
from train.studies.ablations import one_epoch
from train.studies.groups import read_groups
from train.studies.rejection import compare_scores
from train.studies.tables import leave_one_group_out_table


def leave_one_group_out(
    recipe_name: str, recipe: Recipe, data: Dataset, groups: Path, out: Path
) -> None:
    """Train one epoch without the sources of each group, and evaluate on all of their images.

    Each group has a run in its own folder in ``out``; a finished run is not trained again. The
    scores of ``rejection`` are measured on it, with thresholds from the other sources of val.
    Writes leave_one_group_out.json to ``out``.

    Args:
        recipe_name: name of the runs.
        recipe: how to train, except for the number of epochs.
        data: the dataset.
        groups: a JSON file, {"group": ["class/source", …], …}.
        out: folder of the runs and the figures.

    Raises:
        UserError: the dataset, ``groups`` or ``out`` cannot be used.
    """
    train, val = (data.require(name) for name in ("train", "val"))
    short = one_epoch(recipe, train)
    left_out = read_groups(groups, {f"{image.label}/{image.source}" for image in train + val})
    make_folder(out)
    splits = load_splits(data, ["train", "val"])
    split = Split(splits["train"].images + splits["val"].images)
    figures = {"samples_per_epoch": short.samples_per_epoch, "groups": {}}
    for group, sources in left_out.items():
        run = out / group.replace(" ", "-")
        print(f"\n{group}")
        fit(recipe_name, short, data, run, leave_out=sources)
        release = load_release(run)
        members = split.select(np.isin(split.sources, sorted(sources)))
        confidences = predict_confidences(load_classifier(release), members.images, group)
        seen = [part.select(~np.isin(part.sources, sorted(sources))) for part in splits.values()]
        scores = compare_scores(release, *seen, {"left out": members})["scores"]
        figures["groups"][group] = {
            **_evaluate_group(confidences, members),
            "scores": {name: measured["left out"] for name, measured in scores.items()},
        }
    write_report(out, "leave_one_group_out", figures, leave_one_group_out_table(figures))


def _evaluate_group(confidences: np.ndarray, split: Split) -> dict:
    """Compute the calibration error, and the recall of each class that the group has."""
    correct = confidences.argmax(axis=1) == split.targets
    members = {LABELS[label]: split.targets == label for label in np.unique(split.targets)}

    def scalars(weights):
        recalls = {
            label: np.average(correct[chosen], weights=weights[chosen])
            for label, chosen in members.items()
        }
        error = expected_calibration_error(confidences, split.targets, weights)
        return {"expected_calibration_error": error, **recalls}

    figures = intervals(scalars, split)
    return {
        "sources": sorted(set(split.sources.tolist())),
        "expected_calibration_error": figures["expected_calibration_error"],
        "classes": {
            label: {**split.select(chosen).counts, "recall": figures[label]}
            for label, chosen in members.items()
        },
    }
