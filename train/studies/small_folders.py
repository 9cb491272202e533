"""Measure what the released network gains and loses when it is adapted to small folders."""

import os
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from sklearn.metrics import balanced_accuracy_score

from model.classifier import Classifier
from model.release import read_release
from train.data.dataset import LabelledImage
from train.eval.inference import load_classifier, load_release, predict_confidences
from train.eval.metrics import intervals
from train.eval.report import write_report
from train.eval.split import Split, load_splits
from train.files import make_folder
from train.fit import fit
from train.recipes import Recipe
from train.studies.groups import read_groups
from train.studies.tables import small_folders_table

SPLIT = "external"
"""Split of sources that the released network was not trained on."""

TRAINING_SHARE = 0.6
"""Share of the images of a source that are in a small folder; the others evaluate it."""


def small_folders(
    recipe_name: str, recipe: Recipe, data: list[Path], groups: Path, out: Path
) -> None:
    """Adapt the released network to a folder of each group of sources, and evaluate it.

    It is evaluated on the other images of these sources, and on all other sources of the split.
    Writes small_folders.json to ``out``.

    Args:
        recipe_name: name of the runs.
        recipe: how to train.
        data: folders of the dataset.
        groups: a JSON file, {"group": ["class/source", …], …}, of sources of ``SPLIT``.
        out: folder of the figures.

    Raises:
        UserError: the dataset, ``groups`` or ``out`` cannot be used.
        ReleaseError: the released network cannot be used.
    """
    split = load_splits(data, [SPLIT])[SPLIT]
    sources_of_groups = read_groups(groups, set(split.sources))
    make_folder(out)
    before = _predict(load_classifier(read_release()), split)
    figures = {"cores": os.cpu_count(), "environment_bytes": _size(Path(sys.prefix)), "groups": {}}
    for group, sources in sources_of_groups.items():
        print(f"\n{group}")
        in_group = np.isin(split.sources, sorted(sources))
        in_training = in_group & _drawn(split)
        with tempfile.TemporaryDirectory() as folder:
            images, run = Path(folder, "images"), Path(folder, "run")
            _link(split.select(in_training).images, images)
            start = time.perf_counter()
            fit(recipe_name, recipe, [images], run)
            seconds = time.perf_counter() - start
            after = _predict(load_classifier(load_release(run)), split)
            figures["groups"][group] = {
                "sources": sorted(sources),
                "images": int(in_training.sum()),
                "seconds": round(seconds),
                "bytes": _size(run),
                "own": _compare(before, after, split, in_group & ~in_training),
                "others": _compare(before, after, split, ~in_group),
            }
    write_report(out, "small_folders", figures, small_folders_table(figures))


def _drawn(split: Split) -> np.ndarray:
    """Draw the training images evenly over each source: bool array (images,)."""
    places = np.zeros(len(split.images))
    for source in set(split.sources):
        members = np.flatnonzero(split.sources == source)
        order = np.random.default_rng(0).permutation(len(members))
        places[members] = order / len(members)
    return places < TRAINING_SHARE


def _link(images: list[LabelledImage], folder: Path) -> None:
    for number, image in enumerate(images):
        link = folder / image.label / image.source / f"{number}{image.path.suffix}"
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(image.path.resolve())


def _predict(classifier: Classifier, split: Split) -> np.ndarray:
    """Predict the index of a label for every image: int array (images,)."""
    return predict_confidences(classifier, split.images, SPLIT).argmax(axis=1)


def _compare(before: np.ndarray, after: np.ndarray, split: Split, chosen: np.ndarray) -> dict:
    """Compute the balanced accuracy before and after on some images, and its gain."""
    part = split.select(chosen)

    def scalars(weights):
        accuracies = [
            balanced_accuracy_score(part.labels, predicted[chosen], sample_weight=weights)
            for predicted in (before, after)
        ]
        names = ("before", "after", "gain")
        return dict(zip(names, (*accuracies, accuracies[1] - accuracies[0]), strict=True))

    return part.counts | intervals(scalars, part)


def _size(folder: Path) -> int:
    """Return the bytes of all files in a folder."""
    return sum(file.lstat().st_size for file in folder.rglob("*") if file.is_file())
