"""Networks side by side on one folder of pictures: figures, size and time per picture."""

import json
import time
from pathlib import Path

import numpy as np

from model.classifier import Classifier, softmax
from model.release import LABELS
from train.data.dataset import drop_unreadable, read_tree, require_split
from train.eval.inference import load_side_by_side, make_folder, predict_logits
from train.eval.metrics import evaluate_split
from train.eval.tables import comparison

TIMED_ROUNDS = 50


def compare(weights: list[Path], data: Path, splits: list[str], out: Path | None) -> None:
    """Measure several networks on the same splits and print their figures side by side.

    Writes comparison.json and comparison.md to ``out`` where it is given.

    Raises:
        UserError: the folder of pictures or ``out`` cannot be used.
        ReleaseError: some weights cannot be used.
    """
    candidates = load_side_by_side(weights)
    classifiers = {name: classifier for name, (_, classifier) in candidates.items()}
    tree = read_tree(data)
    times = forward_milliseconds(list(classifiers.values()))
    networks = {
        name: {
            "sha256": candidates[name][0].sha256,
            "bytes": candidates[name][0].weights_file.stat().st_size,
            "milliseconds": milliseconds,
            "splits": {},
        }
        for name, milliseconds in zip(classifiers, times, strict=True)
    }
    for split in splits:
        pictures, _ = drop_unreadable(require_split(tree, split, data), split)
        labels = np.array([LABELS.index(picture.label) for picture in pictures])
        sources = np.array([picture.source for picture in pictures])
        for name, classifier in classifiers.items():
            logits = predict_logits(classifier, pictures, f"{name}, {split}")
            confidences = softmax(logits, classifier.temperature)
            networks[name]["splits"][split] = evaluate_split(confidences, labels, sources)
    figures = {"networks": networks}
    text = comparison(figures)
    if out:
        make_folder(out)
        (out / "comparison.json").write_text(json.dumps(figures, indent=1) + "\n", "utf-8")
        (out / "comparison.md").write_text(text, "utf-8")
    print(f"\n{text}")


def forward_milliseconds(classifiers: list[Classifier]) -> list[float]:
    """Median time of a forward pass of one picture, the networks taking turns."""
    inputs = [
        np.random.default_rng(0).integers(0, 256, (1, c.input_size, c.input_size, 3), np.uint8)
        for c in classifiers
    ]
    times = [[] for _ in classifiers]
    for _ in range(TIMED_ROUNDS):
        for classifier, picture, taken in zip(classifiers, inputs, times, strict=True):
            start = time.perf_counter()
            classifier.logits(picture)
            taken.append(time.perf_counter() - start)
    return [round(1000 * float(np.median(taken)), 2) for taken in times]
