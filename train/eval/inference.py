"""Weights on disk -> a classifier -> its logits for many pictures."""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from PIL import Image
from tqdm import tqdm

from model.classifier import Classifier
from model.imaging import network_input, read_image
from model.release import Release, ReleaseError, read_release
from model.weights import bundled_weights
from train.data.dataset import LabelledImage
from train.errors import UserError

Change = Callable[[Image.Image, np.random.Generator], Image.Image]
"""Takes an RGB picture and a seeded generator and returns another RGB picture."""


def find_release(weights: Path) -> Release:
    """The release that a path stands for: its JSON file, its folder, or the weights that answer.

    Raises:
        ReleaseError: there is no release file there.
    """
    file = weights if weights.suffix == ".json" else weights / "release.json"
    if file.is_file():
        return read_release(file)
    # Weights lie beside their release file, or a folder below it.
    for folder in weights.absolute().parents[:2]:
        if (folder / "release.json").is_file():
            release = read_release(folder / "release.json")
            if release.weights_file.resolve() == weights.resolve():
                return release
    raise ReleaseError(
        f"no release.json in or beside {weights} names it; give the folder that train fit wrote"
    )


def load_classifier(release: Release) -> Classifier:
    """The classifier with the local weights of a release, once their sha256 is checked.

    Raises:
        ReleaseError: the weights are missing, or are not those that the release names.
    """
    return Classifier(bundled_weights(release), release.labels, release.temperature)


def load_side_by_side(weights: list[Path]) -> dict[str, tuple[Release, Classifier]]:
    """Several releases and their classifiers, by the name of the folder of their results.

    Raises:
        UserError: two have the same name.
        ReleaseError: some weights cannot be used.
    """
    releases = [find_release(path) for path in weights]
    classifiers = {
        release.results_folder.resolve().name: (release, load_classifier(release))
        for release in releases
    }
    if len(classifiers) < len(weights):
        raise UserError("two of the weights have a folder of the same name; rename one")
    return classifiers


def predict_logits(classifier: Classifier, pictures: list[LabelledImage], title: str) -> np.ndarray:
    """The network's logits for readable pictures: float64 array (pictures, labels).

    Args:
        classifier: the network.
        pictures: what to classify.
        title: shown beside the progress bar.
    """
    return transformed_logits([classifier], pictures, title, lambda picture, rng: picture)[0]


def transformed_logits(
    classifiers: Iterable[Classifier],
    pictures: list[LabelledImage],
    title: str,
    change: Change,
) -> np.ndarray:
    """The logits of several networks for the same changed pictures.

    Args:
        classifiers: the networks.
        pictures: readable pictures.
        title: shown beside the progress bar.
        change: done to each picture, with a generator seeded by its position.

    Returns:
        float64 array (networks, pictures, labels).
    """

    def answer(position: int) -> list[np.ndarray]:
        picture = change(read_image(pictures[position].path), np.random.default_rng(position))
        return [
            classifier.logits(network_input(picture, classifier.input_size)[None])[0]
            for classifier in classifiers
        ]

    with ThreadPoolExecutor() as pool:
        answers = pool.map(answer, range(len(pictures)))
        return np.array(list(tqdm(answers, title, len(pictures), unit=" pictures"))).swapaxes(0, 1)


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
