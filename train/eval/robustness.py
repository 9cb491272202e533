"""Measure the robustness of networks to corruptions and unconventional presentation."""

from pathlib import Path

from model.classifier import softmax
from train.data.dataset import Dataset
from train.eval.corruptions import CORRUPTIONS
from train.eval.inference import load_by_name, require_same_labels, transformed_logits
from train.eval.metrics import summary_metrics
from train.eval.plots import plot_robustness
from train.eval.report import write_report
from train.eval.split import load_splits
from train.eval.tables import robustness_table
from train.files import make_folder

UNCORRUPTED = "none"
"""Name beside those of ``CORRUPTIONS`` for the images without any; it comes first."""


def robustness(weights: list[Path], data: Dataset, split: str, out: Path | None) -> None:
    """Measure several networks on every corruption of one split.

    Writes robustness.json and robustness.png. All networks see the same corrupted images.

    Args:
        weights: paths as ``load_release`` takes them.
        data: the dataset.
        split: name of the split.
        out: folder to write to; by default the results folder of the first weights.

    Raises:
        UserError: the dataset lacks a split, ``out`` cannot be used, or two networks have the same
            name or different labels.
        ReleaseError: some weights cannot be used.
    """
    loaded = load_by_name(weights)
    releases, classifiers = zip(*loaded.values(), strict=True)
    out = make_folder(out or releases[0].results_folder)
    require_same_labels(releases)
    images = load_splits(data, [split])[split]
    networks = {name: {} for name in loaded}
    for corruption, corrupt in {UNCORRUPTED: lambda image, rng: image, **CORRUPTIONS}.items():
        logits = transformed_logits(classifiers, images.images, corruption, corrupt)
        for name, classifier, of_network in zip(loaded, classifiers, logits, strict=True):
            confidences = softmax(of_network, classifier.temperature)
            networks[name][corruption] = summary_metrics(confidences, images)
    figures = {
        "split": split,
        **images.counts,
        "sha256": {name: release.sha256 for name, (release, _) in loaded.items()},
        "networks": networks,
    }
    plots = {"robustness": plot_robustness}
    write_report(out, "robustness", figures, robustness_table(figures), plots)
