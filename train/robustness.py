"""How answers hold under corruption and unconventional presentation: networks side by side."""

import json
from pathlib import Path

import numpy as np

from model.classifier import softmax
from model.release import LABELS
from train.candidates import find_release, load_side_by_side, logits_of_changed, make_folder
from train.corruptions import CORRUPTIONS
from train.folders import drop_unreadable, read_tree, require_split
from train.metrics import headline
from train.plots import plot_robustness
from train.report import robustness_report


def robustness(weights: list[Path], data: Path, split: str, out: Path | None) -> None:
    """Measure every network on every corruption of one split.

    Writes robustness.json, robustness.md and robustness.png to ``out`` (by default the results
    folder of the first weights). Every network sees the same corrupted pictures.

    Raises:
        UserError: the folder of pictures or ``out`` cannot be used.
        ReleaseError: some weights cannot be used.
    """
    classifiers = load_side_by_side(weights)
    pictures, _ = drop_unreadable(require_split(read_tree(data), split, data), split)
    out = out or find_release(weights[0]).results_folder
    make_folder(out)
    labels = np.array([LABELS.index(picture.label) for picture in pictures])
    sources = np.array([picture.source for picture in pictures])
    measured = {name: {} for name in classifiers}
    suite = {"as it is": lambda picture, rng: picture, **CORRUPTIONS}
    for corruption, corrupt in suite.items():
        logits = logits_of_changed(classifiers.values(), pictures, corruption, corrupt)
        for (name, classifier), of_network in zip(classifiers.items(), logits, strict=True):
            confidences = softmax(of_network, classifier.release.temperature)
            measured[name][corruption] = headline(confidences, labels, sources)
    figures = {
        "split": split,
        "pictures": len(pictures),
        "sources": len({(picture.label, picture.source) for picture in pictures}),
        "sha256": {name: classifier.release.sha256 for name, classifier in classifiers.items()},
        "networks": measured,
    }
    (out / "robustness.json").write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    text = robustness_report(figures)
    (out / "robustness.md").write_text(text, encoding="utf-8")
    plot_robustness(figures, out / "robustness.png")
    print(f"\n{text}\nwrote {out}: robustness.json, robustness.md, robustness.png")
