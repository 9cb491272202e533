"""Measure how well an image's size and background predict its class."""

from pathlib import Path

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier
from tqdm import tqdm

from model.imaging import read_image
from train.data.batches import sampling_weights
from train.data.dataset import Dataset
from train.eval.metrics import summary_metrics
from train.eval.report import write_report
from train.eval.split import load_splits
from train.files import make_folder
from train.studies.tables import shortcuts_table

FEATURES = {
    "size": ("width", "height", "aspect ratio", "bytes per pixel"),
    "background": ("corners", "border: mean", "border: deviation", "border: colour"),
}
"""Features of an image, which do not depend on what is inside the border."""


def shortcuts(data: Dataset, splits: list[str], out: Path) -> None:
    """Train gradient-boosted trees only on size, on background and on both, and evaluate them.

    If they recognise a class from other sources, a network may use the same shortcuts instead of
    what the image shows (Geirhos et al. 2020, "Shortcut Learning in Deep Neural Networks"). Writes
    shortcuts.json to ``out``.

    Args:
        data: the dataset.
        splits: names of the splits to evaluate on.
        out: folder to write to.

    Raises:
        UserError: the dataset lacks a split or ``out`` cannot be used.
    """
    make_folder(out)
    loaded = load_splits(data, ["train", *splits])
    features = {
        name: np.array([describe(image.path) for image in tqdm(split.images, name, unit=" images")])
        for name, split in loaded.items()
    }
    figures = {"splits": {name: loaded[name].counts for name in splits}, "features": {}}
    first = len(FEATURES["size"])
    columns = {
        "size": slice(None, first),
        "background": slice(first, None),
        "size and background": slice(None),
    }
    for title, chosen in columns.items():
        trees = HistGradientBoostingClassifier(random_state=0)
        trees.fit(
            features["train"][:, chosen],
            loaded["train"].targets,
            sample_weight=sampling_weights(loaded["train"].images, 0.5),
        )
        figures["features"][title] = {
            name: summary_metrics(trees.predict_proba(features[name][:, chosen]), loaded[name])[
                "balanced_accuracy"
            ]
            for name in splits
        }
    write_report(out, "shortcuts", figures, shortcuts_table(figures))


def describe(file: Path) -> np.ndarray:
    """Compute the features of an image file: float array, in the order of ``FEATURES``.

    The border is the outermost twentieth of the image; grey values are 0 to 255.
    """
    pixels = np.asarray(read_image(file), dtype=np.float64)
    height, width = pixels.shape[:2]
    margin = max(1, min(height, width) // 20)
    inner = np.zeros((height, width), bool)
    inner[margin : height - margin, margin : width - margin] = True
    border = pixels[~inner]
    corners = pixels[[0, 0, -1, -1], [0, -1, 0, -1]]
    return np.array(
        [
            width,
            height,
            width / height,
            file.stat().st_size / (width * height),
            corners.mean(),
            border.mean(),
            border.mean(axis=1).std(),
            np.ptp(border, axis=1).mean(),
        ]
    )
