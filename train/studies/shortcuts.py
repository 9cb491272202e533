"""What size and background alone tell about the class: the shortcuts a data set offers."""

import json
from pathlib import Path

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier
from tqdm import tqdm

from model.imaging import read_image
from model.release import LABELS
from train.data.batches import sampling_weights
from train.data.dataset import drop_unreadable, read_tree, require_split
from train.eval.inference import make_folder
from train.eval.metrics import summary_metrics
from train.eval.tables import shortcuts_report

FEATURES = {
    "size": ("width", "height", "aspect ratio", "bytes per pixel"),
    "background": ("corners", "border: mean", "border: deviation", "border: colour"),
}
"""What is measured of each picture; nothing of it lies inside the border."""


def shortcuts(data: Path, splits: list[str], out: Path) -> None:
    """Train gradient-boosted trees on size, on background and on both, without the picture itself.

    A class that they recognise on other origins is one that a network may recognise without
    looking at what is pictured. Writes shortcuts.json and shortcuts.md to ``out``.

    Raises:
        UserError: the folder of pictures or ``out`` cannot be used.
    """
    tree = read_tree(data)
    make_folder(out)
    names = ("train", *splits)
    pictures = {name: drop_unreadable(require_split(tree, name, data), name)[0] for name in names}
    measured = {
        name: np.array([describe(p.path) for p in tqdm(of_split, desc=name, unit=" picture")])
        for name, of_split in pictures.items()
    }
    labels = {name: np.array([LABELS.index(p.label) for p in pictures[name]]) for name in names}
    figures = {
        "splits": {
            name: {
                "images": len(pictures[name]),
                "sources": len({(p.label, p.source) for p in pictures[name]}),
            }
            for name in splits
        },
        "features": {},
    }
    first = len(FEATURES["size"])
    columns = {
        "size": slice(None, first),
        "background": slice(first, None),
        "size and background": slice(None),
    }
    for title, chosen in columns.items():
        trees = HistGradientBoostingClassifier(random_state=0)
        weights = sampling_weights(pictures["train"])
        trees.fit(measured["train"][:, chosen], labels["train"], sample_weight=weights)
        figures["features"][title] = {
            name: summary_metrics(
                trees.predict_proba(measured[name][:, chosen]),
                labels[name],
                np.array([picture.source for picture in pictures[name]]),
            )["balanced_accuracy"]
            for name in splits
        }
    (out / "shortcuts.json").write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    text = shortcuts_report(figures)
    (out / "shortcuts.md").write_text(text, encoding="utf-8")
    print(f"\n{text}\nwrote {out}: shortcuts.json, shortcuts.md")


def describe(file: Path) -> np.ndarray:
    """Size and background of a picture file: float array, in the order of ``FEATURES``.

    The border is the outermost twentieth of the picture; grey values are 0 to 255.
    """
    picture = read_image(file)
    pixels = np.asarray(picture, dtype=np.float64)
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
