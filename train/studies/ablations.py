"""Measure what each part of a recipe contributes, with short runs that differ in one setting."""

import dataclasses
from pathlib import Path

from model.classifier import load_classifier
from train.data.dataset import Dataset, LabelledImage
from train.errors import UserError
from train.eval.inference import load_release, predict_confidences
from train.eval.metrics import summary_metrics
from train.eval.report import write_report
from train.eval.split import load_splits
from train.files import make_folder
from train.fit import fit
from train.recipes import Recipe
from train.studies.tables import ablations_table

SPLITS = ("val", "external")
"""Splits that every variant is evaluated on."""

ABLATIONS = {
    "unchanged": {},
    "without augmentation": {"augmented": False},
    "without even sampling over sources": {"samples_per_epoch": None},
    "from random weights": {"initial_weights": "random"},
}
"""Changed settings of each variant of a recipe."""


def ablate(recipe_name: str, recipe: Recipe, data: Dataset, out: Path) -> None:
    """Train every variant for one epoch as large as the training split, and evaluate it.

    Each variant is a run in its own folder in ``out``; a finished run is not trained again. Writes
    ablations.json to ``out``.

    Args:
        recipe_name: name of the runs.
        recipe: how to train, except for ``ABLATIONS`` and the number of epochs.
        data: the dataset.
        out: folder of the runs and the figures.

    Raises:
        UserError: the dataset, the recipe or ``out`` cannot be used.
    """
    if recipe.replay_fraction:
        raise UserError(f"the recipe {recipe_name} has no parts to change; give another")
    short = one_epoch(recipe, data.require("train"))
    make_folder(out)
    splits = load_splits(data, SPLITS)
    figures = {
        "samples_per_epoch": short.samples_per_epoch,
        "splits": {name: split.counts for name, split in splits.items()},
        "variants": {},
    }
    for title, changes in ABLATIONS.items():
        run = out / title.replace(" ", "-")
        print(f"\n{title}")
        fit(recipe_name, dataclasses.replace(short, **changes), data, run)
        classifier = load_classifier(load_release(run))
        figures["variants"][title] = {
            name: summary_metrics(
                predict_confidences(classifier, split.images, f"{title}, {name}"), split
            )
            for name, split in splits.items()
        }
    write_report(out, "ablations", figures, ablations_table(figures))


def one_epoch(recipe: Recipe, train: list[LabelledImage]) -> Recipe:
    """Shorten a recipe to one epoch of as many samples as there are training images."""
    return dataclasses.replace(recipe, epochs=1, samples_per_epoch=len(train))
