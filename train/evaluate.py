"""Measure weights on a folder of pictures: figures as JSON and Markdown, plots as PNG."""

import json
from pathlib import Path

import numpy as np
from tqdm import tqdm

from model.classifier import Classifier, softmax
from model.imaging import network_input, read_picture
from model.release import LABELS, Release, ReleaseError, read_release
from model.weights import sha256_of
from train.errors import UserError
from train.folders import LabelledPicture, drop_unreadable, read_tree, require_split
from train.metrics import measure
from train.plots import plot_confusion, plot_mistakes, plot_reliability
from train.report import report

BATCH = 32


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
        confidences = softmax(logits_of(classifier, pictures, name), release.temperature)
        labels = np.array([LABELS.index(picture.label) for picture in pictures])
        sources = np.array([picture.source for picture in pictures])
        figures["splits"][name] = measure(confidences, labels, sources)
    plot_mistakes(pictures, confidences, out / "mistakes.png")
    (out / "figures.json").write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    plot_confusion(figures["splits"], out / "confusion.png")
    plot_reliability(figures["splits"], out / "reliability.png")
    text = report(figures)
    (out / "figures.md").write_text(text, encoding="utf-8")
    print(
        f"\n{text}\nwrote {out}: figures.json, figures.md, confusion, reliability, mistakes (png)"
    )


def find_release(weights: Path) -> Release:
    """The release that a path stands for: its JSON file, its folder, or its weights file.

    Raises:
        ReleaseError: there is no release file there.
    """
    nearby = (weights, weights / "release.json", *(up / "release.json" for up in weights.parents))
    for file in nearby[:4]:
        if file.name.endswith(".json") and file.is_file():
            return read_release(file)
    raise ReleaseError(
        f"{weights} has no release.json in or beside it; give the folder that train fit wrote"
    )


def load_classifier(release: Release) -> Classifier:
    """The classifier with the local weights of a release, once their sha256 is checked.

    Raises:
        ReleaseError: the weights are missing, or are not those that the release names.
    """
    file = release.weights_file
    if not file.is_file() or sha256_of(file) != release.sha256:
        raise ReleaseError(f"{file} is missing or not what its release.json names; train it again")
    return Classifier(release, file)


def logits_of(classifier: Classifier, pictures: list[LabelledPicture], title: str) -> np.ndarray:
    """The network's logits for readable pictures: float64 array (pictures, labels)."""
    logits = []
    for start in tqdm(range(0, len(pictures), BATCH), desc=f"classifying {title}", unit=" batch"):
        batch = pictures[start : start + BATCH]
        inputs = [network_input(read_picture(p.path), classifier.input_size) for p in batch]
        logits.append(classifier.logits(np.stack(inputs)))
    return np.concatenate(logits)


def make_folder(out: Path) -> None:
    """Create an output folder.

    Raises:
        UserError: it cannot be created or written.
    """
    try:
        out.mkdir(parents=True, exist_ok=True)
        probe = out / ".writable"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise UserError(
            f"{out} cannot be written ({error.strerror}); give another --out"
        ) from error
