"""Draw figures to PNG files."""

from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np

from model.imaging import read_image
from train.eval.markdown import split_heading
from train.eval.split import Split

MISTAKES_SHOWN = 40
"""Number of mistakes on the contact sheet."""


def plot_curves(history: list[dict[str, float]], file: Path) -> None:
    """Draw loss and accuracy by epoch, of training and validation."""
    epochs = range(1, len(history) + 1)
    figure, axes = plt.subplots(1, 2, figsize=(9, 3.5), layout="constrained")
    for axis, name in zip(axes, ("loss", "accuracy"), strict=True):
        axis.plot(epochs, [logs[name] for logs in history], "o-", label="train (running mean)")
        axis.plot(epochs, [logs[f"val_{name}"] for logs in history], "s-", label="val")
        axis.set(xlabel="epoch", ylabel=name)
        axis.xaxis.get_major_locator().set_params(integer=True)
        axis.legend()
    _save(figure, file)


def plot_confusion(figures: dict, file: Path) -> None:
    """Draw the confusion matrices of figures.json: counts, and shares of each true label."""
    figure, axes = _split_axes(figures)
    for axis, split in axes:
        counts = np.array(split["confusion_matrix"])
        shares = counts / counts.sum(axis=1, keepdims=True)
        axis.imshow(shares, cmap="Blues", vmin=0, vmax=1)
        for (row, column), count in np.ndenumerate(counts):
            colour = "white" if shares[row, column] > 0.5 else "black"
            text = f"{count}\n{shares[row, column]:.1%}"
            axis.text(column, row, text, ha="center", va="center", color=colour)
        axis.set(xlabel="predicted", ylabel="true")
        labels = list(split["classes"])
        axis.set_xticks(range(len(labels)), labels)
        axis.set_yticks(range(len(labels)), labels)
    _save(figure, file)


def plot_reliability(figures: dict, file: Path) -> None:
    """Draw the reliability diagrams of figures.json, with the share of images in each bin."""
    figure, axes = _split_axes(figures)
    for axis, split in axes:
        bins = {key: np.array(values) for key, values in split["reliability"].items()}
        filled = bins["share"] > 0
        width = 1 / len(filled)
        centres = (np.arange(len(filled)) + 0.5) * width
        axis.bar(centres, bins["share"], width, color="lightgrey", label="share of images")
        axis.plot([0, 1], [0, 1], ":", color="grey", label="perfect calibration")
        axis.plot(bins["confidence"][filled], bins["accuracy"][filled], "o-", label="measured")
        error = split["expected_calibration_error"]["value"]
        axis.set(
            title=f"{axis.get_title()}\nexpected calibration error {error:.3f}",
            xlabel="confidence",
            ylabel="accuracy",
            xlim=(0, 1),
            ylim=(0, 1),
            aspect="equal",
        )
        axis.legend(loc="upper left")
    _save(figure, file)


def plot_robustness(figures: dict, file: Path) -> None:
    """Draw the balanced accuracies of robustness.json, with their intervals."""
    networks = figures["networks"]
    names = list(next(iter(networks.values())))
    figure, axis = plt.subplots(figsize=(7.5, 0.3 * len(names) + 1.2), layout="constrained")
    for i, (network, measured) in enumerate(networks.items()):
        scores = [measured[name]["balanced_accuracy"] for name in names]
        values = np.array([score["value"] for score in scores])
        reach = [
            values - [score["low"] for score in scores],
            [score["high"] for score in scores] - values,
        ]
        rows = np.arange(len(names)) + 0.18 * (i - (len(networks) - 1) / 2)
        axis.errorbar(values, rows, xerr=np.abs(reach), fmt="o", capsize=2, label=network)
    axis.set_yticks(range(len(names)), names)
    axis.invert_yaxis()
    axis.grid(axis="x", alpha=0.4)
    axis.set(
        xlim=(0.3, 1.01), xlabel="balanced accuracy", title=split_heading(figures["split"], figures)
    )
    figure.legend(loc="outside lower center", ncols=len(networks))
    _save(figure, file)


def plot_ood(figures: dict, file: Path) -> None:
    """Draw the quantiles of ood.json: median to maximum of the confidence in brain or lung."""
    kinds = figures["kinds"]
    figure, axis = plt.subplots(figsize=(7, 2.8), layout="constrained")
    for row, measured in enumerate(kinds.values()):
        median, *_, highest = measured["quantiles"]
        axis.plot([median, highest], [row, row], color="lightgrey", zorder=1)
        for value, marker in zip(measured["quantiles"], "osDx", strict=True):
            axis.scatter(value, row, marker=marker, color="tab:blue", zorder=2)
    axis.axvline(0.5, linestyle=":", color="grey")
    axis.set_yticks(range(len(kinds)), kinds)
    axis.invert_yaxis()
    axis.set(
        xlim=(0, 1),
        xlabel="confidence in brain or lung: median o, 90 % square, 99 % diamond, maximum x",
        title=f"{figures['network']}: synthetic out-of-distribution images",
    )
    _save(figure, file)


def plot_mistakes(split: Split, confidences: np.ndarray, file: Path) -> None:
    """Draw a contact sheet of the wrong predictions, most confident first.

    Args:
        split: the images.
        confidences: float array (images, labels), rows summing to 1.
        file: the PNG file.
    """
    images = split.images
    predicted, top = confidences.argmax(axis=1), confidences.max(axis=1)
    wrong = np.flatnonzero(predicted != split.targets)
    worst = wrong[np.argsort(-top[wrong])][:MISTAKES_SHOWN]
    columns = 8
    rows = max(1, -(-len(worst) // columns))
    figure, axes = plt.subplots(rows, columns, figsize=(16, 2.5 * rows + 0.6), squeeze=False)
    figure.suptitle(f"{len(worst)} of {len(wrong)} wrong predictions, most confident first")
    for axis in axes.flat:
        axis.axis("off")
    for axis, i in zip(axes.flat, worst, strict=False):
        axis.imshow(read_image(images[i].path))
        prediction = f"{split.labels[predicted[i]]} {top[i]:.1%}"
        axis.set_title(f"{images[i].label}, not {prediction}\n{images[i].source}", fontsize=7)
    figure.tight_layout()
    _save(figure, file)


def _split_axes(figures: dict) -> tuple:
    """Return a plot with titled axes side by side, and each axis with the figures of its split."""
    splits = figures["splits"]
    size = (4.6 * len(splits), 4.6)
    figure, axes = plt.subplots(1, len(splits), figsize=size, squeeze=False, layout="constrained")
    for axis, (name, split) in zip(axes[0], splits.items(), strict=True):
        axis.set_title(split_heading(name, split))
    return figure, list(zip(axes[0], splits.values(), strict=True))


def _save(figure, file: Path) -> None:
    figure.savefig(file, dpi=110)
    plt.close(figure)
