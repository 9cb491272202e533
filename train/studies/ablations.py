"""What each part of a recipe contributes: short runs that differ in that part alone."""

import dataclasses
import json
from pathlib import Path

import numpy as np

from model.classifier import softmax
from model.release import LABELS
from train.data.dataset import drop_unreadable, read_tree, require_split
from train.eval.inference import find_release, load_classifier, make_folder, predict_logits
from train.eval.metrics import summary_metrics
from train.eval.tables import ablations_report
from train.fit import fit
from train.recipes import Recipe

SPLITS = ("val", "external")

ABLATIONS = {
    "as it is": {},
    "without augmentation": {"augmented": False},
    "without even draws over sources": {"samples_per_epoch": None},
    "from scratch": {"initial_weights": "random"},
}
"""What is changed in a recipe that is otherwise as it is."""


def ablate(recipe_name: str, recipe: Recipe, data: Path, out: Path) -> None:
    """Train every variant for one pass of as many pictures as there are, and measure it.

    Each variant is a run in a folder of its own in ``out``, which is not trained again when it is
    there. Writes ablations.json and ablations.md to ``out``.

    Raises:
        UserError: the folder of pictures or ``out`` cannot be used.
    """
    tree = read_tree(data)
    make_folder(out)
    short = one_pass(recipe, len(require_split(tree, "train", data)))
    figures = {"samples_per_epoch": short.samples_per_epoch, "splits": {}, "variants": {}}
    splits = {name: drop_unreadable(require_split(tree, name, data), name)[0] for name in SPLITS}
    for name, pictures in splits.items():
        sources = {(picture.label, picture.source) for picture in pictures}
        figures["splits"][name] = {"images": len(pictures), "sources": len(sources)}
    for title, changes in ABLATIONS.items():
        run = out / title.replace(" ", "-")
        if not (run / "release.json").is_file():
            print(f"\n{title}")
            fit(recipe_name, dataclasses.replace(short, **changes), data, run)
        classifier = load_classifier(find_release(run))
        figures["variants"][title] = {}
        for name, pictures in splits.items():
            logits = predict_logits(classifier, pictures, f"{title}, {name}")
            figures["variants"][title][name] = summary_metrics(
                softmax(logits, classifier.temperature),
                np.array([LABELS.index(picture.label) for picture in pictures]),
                np.array([picture.source for picture in pictures]),
            )
    (out / "ablations.json").write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    text = ablations_report(figures)
    (out / "ablations.md").write_text(text, encoding="utf-8")
    print(f"\n{text}\nwrote {out}: ablations.json, ablations.md")


def one_pass(recipe: Recipe, pictures: int) -> Recipe:
    """A recipe shortened to one epoch of as many draws as there are training pictures."""
    return dataclasses.replace(recipe, epochs=1, samples_per_epoch=pictures)
