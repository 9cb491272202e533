"""Evaluate a network on a split of a dataset, with the validation split beside it."""

from pathlib import Path

from train.eval.inference import load_classifier, load_release, predict_confidences
from train.eval.metrics import evaluate_split, selective_metrics
from train.eval.plots import plot_confusion, plot_mistakes, plot_reliability
from train.eval.report import write_report
from train.eval.split import load_splits
from train.eval.tables import evaluation_report
from train.files import make_folder


def evaluate(weights: Path, data: list[Path], split: str, out: Path | None) -> None:
    """Evaluate on one split, and on ``val`` if the dataset has it.

    Writes figures.json, confusion.png, reliability.png and, about ``split``, mistakes.png.

    Args:
        weights: path as ``load_release`` takes it.
        data: folders of the dataset.
        split: name of the split.
        out: folder to write to; by default the results folder of the weights.

    Raises:
        UserError: the dataset or ``out`` cannot be used.
        ReleaseError: the weights cannot be used.
    """
    release = load_release(weights)
    classifier = load_classifier(release)
    out = make_folder(out or release.results_folder)
    figures = {
        "network": release.network,
        "sha256": release.sha256,
        "temperature": release.temperature,
        "splits": {},
    }
    splits = load_splits(data, [split], if_present=["val"])
    confidences = {
        name: predict_confidences(classifier, loaded.images, name)
        for name, loaded in splits.items()
    }
    for name, loaded in splits.items():
        figures["splits"][name] = evaluate_split(confidences[name], loaded)
        figures["splits"][name]["selective"] = selective_metrics(
            confidences[name], loaded, release.confidence_threshold
        )

    def plot_mistakes_of_split(_, file):
        plot_mistakes(splits[split].images, confidences[split], file)

    plots = {
        "confusion": plot_confusion,
        "reliability": plot_reliability,
        "mistakes": plot_mistakes_of_split,
    }
    write_report(out, "figures", figures, evaluation_report(figures), plots)
