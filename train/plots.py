"""Figures as PNG files."""

from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt


def plot_curves(history: list[dict[str, float]], file: Path) -> None:
    """Loss and accuracy by epoch, training and validation."""
    epochs = range(1, len(history) + 1)
    figure, axes = plt.subplots(1, 2, figsize=(9, 3.5), layout="constrained")
    for axis, name in zip(axes, ("loss", "accuracy"), strict=True):
        axis.plot(epochs, [logs[name] for logs in history], "o-", label="train (running mean)")
        axis.plot(epochs, [logs[f"val_{name}"] for logs in history], "s-", label="val")
        axis.set(xlabel="epoch", ylabel=name, xticks=epochs)
        axis.legend()
    _save(figure, file)


def _save(figure, file: Path) -> None:
    figure.savefig(file, dpi=110)
    plt.close(figure)
