"""Figures as PNG files."""

from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np

from model.imaging import read_image
from model.release import LABELS
from train.data.dataset import LabelledImage

MISTAKES_SHOWN = 40


def plot_curves(history: list[dict[str, float]], file: Path) -> None:
    """Loss and accuracy by epoch, training and validation."""
    epochs = range(1, len(history) + 1)
    figure, axes = plt.subplots(1, 2, figsize=(9, 3.5), layout="constrained")
    for axis, name in zip(axes, ("loss", "accuracy"), strict=True):
        axis.plot(epochs, [logs[name] for logs in history], "o-", label="train (running mean)")
        axis.plot(epochs, [logs[f"val_{name}"] for logs in history], "s-", label="val")
        axis.set(xlabel="epoch", ylabel=name)
        axis.xaxis.get_major_locator().set_params(integer=True)
        axis.legend()
    _save(figure, file)


def plot_confusion(splits: dict[str, dict], file: Path) -> None:
    """Confusion matrices side by side: counts, shaded by share of the true class."""
    figure, axes = _one_axis_per_split(splits)
    for axis, (name, split) in zip(axes, splits.items(), strict=True):
        counts = np.array(split["confusion_matrix"])
        shares = counts / counts.sum(axis=1, keepdims=True)
        axis.imshow(shares, cmap="Blues", vmin=0, vmax=1)
        for (row, column), count in np.ndenumerate(counts):
            colour = "white" if shares[row, column] > 0.5 else "black"
            text = f"{count}\n{shares[row, column]:.1%}"
            axis.text(column, row, text, ha="center", va="center", color=colour)
        axis.set(title=_title(name, split), xlabel="answer", ylabel="truth")
        axis.set_xticks(range(len(LABELS)), LABELS)
        axis.set_yticks(range(len(LABELS)), LABELS)
    _save(figure, file)


def plot_reliability(splits: dict[str, dict], file: Path) -> None:
    """Accuracy against confidence, with the share of pictures of each bin below."""
    figure, axes = _one_axis_per_split(splits)
    for axis, (name, split) in zip(axes, splits.items(), strict=True):
        bins = {key: np.array(values) for key, values in split["reliability"].items()}
        filled = bins["share"] > 0
        width = 1 / len(filled)
        centres = (np.arange(len(filled)) + 0.5) * width
        axis.bar(centres, bins["share"], width, color="lightgrey", label="share of pictures")
        axis.plot([0, 1], [0, 1], ":", color="grey", label="perfect")
        axis.plot(bins["confidence"][filled], bins["accuracy"][filled], "o-", label="measured")
        error = split["expected_calibration_error"]["value"]
        axis.set(
            title=f"{_title(name, split)}\nexpected calibration error {error:.3f}",
            xlabel="confidence of the answer",
            ylabel="how often it is right",
            xlim=(0, 1),
            ylim=(0, 1),
            aspect="equal",
        )
        axis.legend(loc="upper left")
    _save(figure, file)


def plot_robustness(figures: dict, file: Path) -> None:
    """Balanced accuracy under each corruption with its interval, networks side by side."""
    names = list(next(iter(figures["networks"].values())))
    height = 0.3 * len(names) + 1.2
    figure, axis = plt.subplots(figsize=(7.5, height), layout="constrained")
    for i, (network, measured) in enumerate(figures["networks"].items()):
        scores = [measured[name]["balanced_accuracy"] for name in names]
        values = np.array([score["value"] for score in scores])
        reach = [
            values - [score["low"] for score in scores],
            [score["high"] for score in scores] - values,
        ]
        rows = np.arange(len(names)) + 0.18 * (i - (len(figures["networks"]) - 1) / 2)
        axis.errorbar(values, rows, xerr=np.abs(reach), fmt="o", capsize=2, label=network)
    axis.set_yticks(range(len(names)), names)
    axis.invert_yaxis()
    axis.grid(axis="x", alpha=0.4)
    axis.set(
        xlim=(0.3, 1.01),
        xlabel="balanced accuracy",
        title=f"{_title(figures['split'], figures)}",
    )
    figure.legend(loc="outside lower center", ncols=len(figures["networks"]))
    _save(figure, file)


def plot_ood(figures: dict, file: Path) -> None:
    """Confidence in brain or lung on pictures that show neither: median to highest, by kind."""
    kinds = figures["kinds"]
    figure, axis = plt.subplots(figsize=(7, 2.8), layout="constrained")
    for row, measured in enumerate(kinds.values()):
        median, ninth, ninety_ninth, highest = measured["quantiles"]
        axis.plot([median, highest], [row, row], color="lightgrey", zorder=1)
        for value, marker in ((median, "o"), (ninth, "s"), (ninety_ninth, "D"), (highest, "x")):
            axis.scatter(value, row, marker=marker, color="tab:blue", zorder=2)
    axis.axvline(0.5, linestyle=":", color="grey")
    axis.set_yticks(range(len(kinds)), kinds)
    axis.invert_yaxis()
    axis.set(
        xlim=(0, 1),
        xlabel="confidence in brain or lung: median o, 90 % square, 99 % diamond, highest x",
        title=f"{figures['network']}: pictures made on the spot",
    )
    _save(figure, file)


def plot_mistakes(pictures: list[LabelledImage], confidences: np.ndarray, file: Path) -> None:
    """Contact sheet of the wrong answers, most confident first.

    Args:
        pictures: what was classified.
        confidences: float array (pictures, labels).
        file: where to write.
    """
    truth = np.array([LABELS.index(picture.label) for picture in pictures])
    answers, tops = confidences.argmax(axis=1), confidences.max(axis=1)
    wrong = np.flatnonzero(answers != truth)
    worst = wrong[np.argsort(-tops[wrong])][:MISTAKES_SHOWN]
    columns = 8
    rows = max(1, -(-len(worst) // columns))
    figure, axes = plt.subplots(rows, columns, figsize=(16, 2.5 * rows + 0.6), squeeze=False)
    figure.suptitle(f"{len(worst)} of {len(wrong)} wrong answers, most confident first")
    for axis in axes.flat:
        axis.axis("off")
    for axis, i in zip(axes.flat, worst, strict=False):
        axis.imshow(read_image(pictures[i].path))
        answer = f"{LABELS[answers[i]]} {tops[i]:.1%}"
        axis.set_title(f"{pictures[i].label}, not {answer}\n{pictures[i].source}", fontsize=7)
    figure.tight_layout()
    _save(figure, file)


def _one_axis_per_split(splits: dict):
    count = len(splits)
    figure, axes = plt.subplots(
        1, count, figsize=(4.6 * count, 4.6), squeeze=False, layout="constrained"
    )
    return figure, axes[0]


def _title(name: str, split: dict) -> str:
    return f"{name}: {split['images']} pictures, {split['sources']} sources"


def _save(figure, file: Path) -> None:
    figure.savefig(file, dpi=110)
    plt.close(figure)
