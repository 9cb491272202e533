"""What each part of a recipe contributes: short runs that differ in that part alone."""

import dataclasses
import json
from pathlib import Path

import numpy as np

from model.classifier import softmax
from model.release import LABELS
from train.candidates import find_release, load_classifier, logits_of, make_folder
from train.fit import fit
from train.folders import drop_unreadable, read_tree, require_split
from train.metrics import headline
from train.recipes import Recipe
from train.report import ablations_report

SPLITS = ("val", "external")

ABLATIONS = {
    "as it is": {},
    "without augmentation": {"augmented": False},
    "without even draws over sources": {"draws": None},
    "from scratch": {"start": "random"},
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
    figures = {"draws": short.draws, "splits": {}, "variants": {}}
    splits = {name: drop_unreadable(require_split(tree, name, data), name)[0] for name in SPLITS}
    for name, pictures in splits.items():
        sources = {(picture.label, picture.source) for picture in pictures}
        figures["splits"][name] = {"pictures": len(pictures), "sources": len(sources)}
    for title, changes in ABLATIONS.items():
        run = out / title.replace(" ", "-")
        if not (run / "release.json").is_file():
            print(f"\n{title}")
            fit(recipe_name, dataclasses.replace(short, **changes), data, run)
        classifier = load_classifier(find_release(run))
        figures["variants"][title] = {}
        for name, pictures in splits.items():
            logits = logits_of(classifier, pictures, f"{title}, {name}")
            figures["variants"][title][name] = headline(
                softmax(logits, classifier.release.temperature),
                np.array([LABELS.index(picture.label) for picture in pictures]),
                np.array([picture.source for picture in pictures]),
            )
    (out / "ablations.json").write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    text = ablations_report(figures)
    (out / "ablations.md").write_text(text, encoding="utf-8")
    print(f"\n{text}\nwrote {out}: ablations.json, ablations.md")


def one_pass(recipe: Recipe, pictures: int) -> Recipe:
    """A recipe shortened to one epoch of as many draws as there are training pictures."""
    return dataclasses.replace(recipe, epochs=1, draws=pictures)
