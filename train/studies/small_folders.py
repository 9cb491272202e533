"""Measure how adapting a network to small folders of unseen sources changes it."""

import dataclasses
import os
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from sklearn.metrics import balanced_accuracy_score

from model.classifier import Classifier, load_classifier
from train.data.dataset import Dataset, LabelledImage, read_dataset
from train.errors import UserError
from train.eval.inference import load_release, predict_confidences
from train.eval.metrics import intervals
from train.eval.report import write_report
from train.eval.split import Split, load_splits
from train.files import make_folder
from train.fit import fit
from train.recipes import Recipe, load_recipe
from train.replay import features_file, replay
from train.studies.groups import read_groups
from train.studies.tables import small_folders_table

EPOCHS = 3
"""Number of epochs of the network that is adapted."""

MAX_SHARE = 0.6
"""Maximum share of a source's images in a small folder; the others are for evaluation."""

ADAPTED = "adapted"
"""Recipe that adapts the network to a small folder."""


def small_folders(recipe_name: str, recipe: Recipe, data: Dataset, groups: Path, out: Path) -> None:
    """Train a network without the sources of all groups, and adapt it to a folder of each group.

    It is evaluated, before and after, on images of the group's sources that are not in the folder,
    and on the split external, whose sources are in no folder. A folder has at most ``MAX_SHARE`` of
    a source, and otherwise as many images of each. The first network is a run in ``out``; if that
    is finished, it is not trained again. Writes small_folders.json to ``out``.

    Args:
        recipe_name: name of the first network's run.
        recipe: how to train it, except for the number of epochs.
        data: the dataset.
        groups: a JSON file, {"number of images": ["class/source", …], …}.
        out: folder of the runs and the figures.

    Raises:
        UserError: the dataset, ``groups`` or ``out`` cannot be used.
    """
    splits = load_splits(data, ["train", "val", "external"])
    own, others = Split(splits["train"].images + splits["val"].images), splits["external"]
    sources = read_groups(groups, set(own.sources))
    if wrong := [group for group in sources if not group.isdecimal()]:
        raise UserError(f"{groups}: {wrong[0]!r} is not a number of images")
    make_folder(out)
    run = out / "before"
    unseen = sorted(set().union(*sources.values()))
    longer = dataclasses.replace(recipe, epochs=EPOCHS)
    fit(recipe_name, longer, data, run, leave_out=unseen)
    start = load_release(run)
    if not features_file(start).is_file():
        replay(run, data, leave_out=unseen)
    classifier = load_classifier(start)
    others_before = _predict(classifier, others)
    figures = {"cores": os.cpu_count(), "environment_bytes": _size(Path(sys.prefix)), "groups": {}}
    for group in sources:
        print(f"\n{group} images")
        split = own.select(np.isin(own.sources, sorted(sources[group])))
        drawn = _draw(split, int(group))
        rest = split.select(~drawn)
        with tempfile.TemporaryDirectory() as folder:
            images, adapted = Path(folder, "images"), Path(folder, "run")
            _link(split.select(drawn).images, images)
            started = time.perf_counter()
            fit(ADAPTED, load_recipe(ADAPTED), read_dataset([images]), adapted, start=start)
            seconds = time.perf_counter() - started
            after = load_classifier(load_release(adapted))
            figures["groups"][group] = {
                "sources": sorted(sources[group]),
                "images": int(drawn.sum()),
                "seconds": round(seconds),
                "bytes": _size(adapted),
                "own": _compare(rest, _predict(classifier, rest), _predict(after, rest)),
                "others": _compare(others, others_before, _predict(after, others)),
            }
    write_report(out, "small_folders", figures, small_folders_table(figures))


def _draw(split: Split, images: int) -> np.ndarray:
    """Draw some images, as evenly over sources as ``MAX_SHARE`` allows: bool array (images,)."""
    rng = np.random.default_rng(0)
    drawn = np.zeros(len(split.images), bool)
    sizes = dict(zip(*np.unique(split.sources, return_counts=True), strict=True))
    for done, source in enumerate(sorted(sizes, key=sizes.get)):
        even = (images - drawn.sum()) // (len(sizes) - done)
        members = np.flatnonzero(split.sources == source)
        chosen = rng.permutation(members)[: min(even, int(MAX_SHARE * len(members)))]
        drawn[chosen] = True
    return drawn


def _link(images: list[LabelledImage], folder: Path) -> None:
    for number, image in enumerate(images):
        link = folder / image.label / image.source / f"{number}{image.path.suffix}"
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(image.path.resolve())


def _predict(classifier: Classifier, split: Split) -> np.ndarray:
    """Predict the index of a label for every image: int array (images,)."""
    return predict_confidences(classifier, split.images, "evaluating").argmax(axis=1)


def _compare(split: Split, before: np.ndarray, after: np.ndarray) -> dict:
    """Compute the balanced accuracy of two predictions, and the gain of the second."""

    def scalars(weights):
        accuracies = [
            balanced_accuracy_score(split.targets, predicted, sample_weight=weights)
            for predicted in (before, after)
        ]
        names = ("before", "after", "gain")
        return dict(zip(names, (*accuracies, accuracies[1] - accuracies[0]), strict=True))

    return split.counts | intervals(scalars, split)


def _size(folder: Path) -> int:
    """Return the bytes of all files in a folder."""
    return sum(file.lstat().st_size for file in folder.rglob("*") if file.is_file())
