"""How answers hold under corruption and unconventional presentation: networks side by side."""

import json
from pathlib import Path

import numpy as np

from model.classifier import softmax
from model.release import LABELS
from train.data.dataset import drop_unreadable, read_tree, require_split
from train.eval.corruptions import CORRUPTIONS
from train.eval.inference import find_release, load_side_by_side, make_folder, transformed_logits
from train.eval.metrics import summary_metrics
from train.eval.plots import plot_robustness
from train.eval.tables import robustness_report


def robustness(weights: list[Path], data: Path, split: str, out: Path | None) -> None:
    """Measure every network on every corruption of one split.

    Writes robustness.json, robustness.md and robustness.png to ``out`` (by default the results
    folder of the first weights). Every network sees the same corrupted pictures.

    Raises:
        UserError: the folder of pictures or ``out`` cannot be used.
        ReleaseError: some weights cannot be used.
    """
    candidates = load_side_by_side(weights)
    classifiers = {name: classifier for name, (_, classifier) in candidates.items()}
    pictures, _ = drop_unreadable(require_split(read_tree(data), split, data), split)
    out = out or find_release(weights[0]).results_folder
    make_folder(out)
    labels = np.array([LABELS.index(picture.label) for picture in pictures])
    sources = np.array([picture.source for picture in pictures])
    measured = {name: {} for name in classifiers}
    suite = {"as it is": lambda picture, rng: picture, **CORRUPTIONS}
    for corruption, corrupt in suite.items():
        logits = transformed_logits(classifiers.values(), pictures, corruption, corrupt)
        for (name, classifier), of_network in zip(classifiers.items(), logits, strict=True):
            confidences = softmax(of_network, classifier.temperature)
            measured[name][corruption] = summary_metrics(confidences, labels, sources)
    figures = {
        "split": split,
        "images": len(pictures),
        "sources": len({(picture.label, picture.source) for picture in pictures}),
        "sha256": {name: release.sha256 for name, (release, _) in candidates.items()},
        "networks": measured,
    }
    (out / "robustness.json").write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    text = robustness_report(figures)
    (out / "robustness.md").write_text(text, encoding="utf-8")
    plot_robustness(figures, out / "robustness.png")
    print(f"\n{text}\nwrote {out}: robustness.json, robustness.md, robustness.png")
