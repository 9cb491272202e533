"""Whole kinds of source left out of training, one at a time: what the next origin may bring."""

import json
from pathlib import Path

import numpy as np

from model.classifier import softmax
from model.release import LABELS
from train.data.dataset import drop_unreadable, read_tree, require_split
from train.errors import UserError
from train.eval.inference import find_release, load_classifier, make_folder, predict_logits
from train.eval.metrics import expected_calibration_error, intervals
from train.eval.tables import leave_one_group_out_table
from train.fit import fit
from train.recipes import Recipe
from train.studies.ablations import one_pass


def leave_one_group_out(
    recipe_name: str, recipe: Recipe, data: Path, kinds: Path, out: Path
) -> None:
    """For each kind train one pass without its sources, then measure on all of their pictures.

    Each fold is a run in a folder of its own in ``out``, which is not trained again when it is
    there. Writes leave_one_group_out.json and leave_one_group_out.md to ``out``.

    Args:
        recipe_name: what the runs are called.
        recipe: how they are trained, but for one pass of as many pictures as there are.
        data: the folder of pictures.
        kinds: a JSON file, {"kind": ["class/source", …], …}.
        out: the folder for runs and figures.

    Raises:
        UserError: the folder of pictures, ``kinds`` or ``out`` cannot be used.
    """
    tree = read_tree(data)
    pictures = require_split(tree, "train", data) + require_split(tree, "val", data)
    pictures, _ = drop_unreadable(pictures, "train and val")
    left_out = _read_kinds(kinds, {f"{p.label}/{p.source}" for p in pictures})
    make_folder(out)
    short = one_pass(recipe, len(tree["train"]))
    figures = {"samples_per_epoch": short.samples_per_epoch, "groups": {}}
    for kind, sources in left_out.items():
        run = out / kind.replace(" ", "-")
        if not (run / "release.json").is_file():
            print(f"\nwithout {kind}")
            fit(recipe_name, short, data, run, leave_out=sources)
        classifier = load_classifier(find_release(run))
        of_kind = [p for p in pictures if f"{p.label}/{p.source}" in sources]
        confidences = softmax(predict_logits(classifier, of_kind, kind), classifier.temperature)
        figures["groups"][kind] = _measure(confidences, of_kind)
    (out / "leave_one_group_out.json").write_text(
        json.dumps(figures, indent=1) + "\n", encoding="utf-8"
    )
    text = leave_one_group_out_table(figures)
    (out / "leave_one_group_out.md").write_text(text, encoding="utf-8")
    print(f"\n{text}\nwrote {out}: leave_one_group_out.json, leave_one_group_out.md")


def _measure(confidences, pictures) -> dict:
    labels = np.array([LABELS.index(picture.label) for picture in pictures])
    sources = np.array([picture.source for picture in pictures])
    right = confidences.argmax(axis=1) == labels

    def scalars(weights):
        recalls = {
            LABELS[label]: np.average(right[labels == label], weights=weights[labels == label])
            for label in np.unique(labels)
        }
        return recalls | {"error": expected_calibration_error(confidences, labels, weights)}

    figures = intervals(scalars, labels, sources)
    return {
        "sources": sorted({f"{picture.label}/{picture.source}" for picture in pictures}),
        "expected_calibration_error": figures.pop("error"),
        "classes": {
            label: {
                "images": int((labels == LABELS.index(label)).sum()),
                "sources": len(set(sources[labels == LABELS.index(label)])),
                "recall": recall,
            }
            for label, recall in figures.items()
        },
    }


def _read_kinds(file: Path, known: set[str]) -> dict[str, set[str]]:
    try:
        kinds = json.loads(file.read_text(encoding="utf-8"))
        kinds = {str(kind): set(sources) for kind, sources in kinds.items()}
    except (OSError, ValueError, AttributeError, TypeError) as error:
        raise UserError(
            f'{file} cannot be read; write JSON like {{"kind": ["class/source"]}}'
        ) from error
    for kind, sources in kinds.items():
        if unknown := sources - known:
            raise UserError(f"{file} names {min(unknown)} in {kind!r}, which the pictures have not")
        if not sources:
            raise UserError(f"{file} names no source in {kind!r}; name some, as class/source")
    return kinds
