"""Measure weights on a folder of pictures: figures as JSON and Markdown, plots as PNG."""

import json
from pathlib import Path

import numpy as np

from model.classifier import softmax
from model.release import LABELS
from train.data.dataset import drop_unreadable, read_tree, require_split
from train.eval.inference import find_release, load_classifier, make_folder, predict_logits
from train.eval.metrics import evaluate_split, selective_metrics
from train.eval.plots import plot_confusion, plot_mistakes, plot_reliability
from train.eval.tables import report


def evaluate(weights: Path, data: Path, split: str, out: Path | None) -> None:
    """Measure on one split, with ``val`` beside it where the folder has one.

    Writes figures.json, figures.md, confusion.png, reliability.png and, for the split asked for,
    mistakes.png to ``out`` (by default the results folder that the release of these weights names).

    Raises:
        UserError: the folder of pictures or ``out`` cannot be used.
        ReleaseError: the weights cannot be used.
    """
    release = find_release(weights)
    classifier = load_classifier(release)
    tree = read_tree(data)
    require_split(tree, split, data)
    out = out or release.results_folder
    make_folder(out)
    figures = {
        "network": release.network,
        "sha256": release.sha256,
        "temperature": release.temperature,
        "splits": {},
    }
    for name in dict.fromkeys(("val", split)):
        if name not in tree:
            continue
        pictures, _ = drop_unreadable(tree[name], name)
        confidences = softmax(predict_logits(classifier, pictures, name), release.temperature)
        labels = np.array([LABELS.index(picture.label) for picture in pictures])
        sources = np.array([picture.source for picture in pictures])
        figures["splits"][name] = evaluate_split(confidences, labels, sources)
        figures["splits"][name]["selective"] = selective_metrics(
            confidences, labels, sources, release.confidence_threshold
        )
    plot_mistakes(pictures, confidences, out / "mistakes.png")
    (out / "figures.json").write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    plot_confusion(figures["splits"], out / "confusion.png")
    plot_reliability(figures["splits"], out / "reliability.png")
    text = report(figures)
    (out / "figures.md").write_text(text, encoding="utf-8")
    print(
        f"\n{text}\nwrote {out}: figures.json, figures.md, confusion, reliability, mistakes (png)"
    )
