"""Load released weights or those of a run, and predict many images with them."""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from tqdm import tqdm

from model.classifier import Classifier, load_classifier, softmax
from model.imaging import network_input, read_image
from model.release import Release, ReleaseError, read_release
from train.data.dataset import LabelledImage, Transform
from train.errors import UserError


def load_release(weights: Path) -> Release:
    """Load the release of a run or of ``model``.

    Args:
        weights: the folder, its release.json, or the .tflite file that this names.

    Raises:
        ReleaseError: there is no usable release file, or it names other weights.
    """
    file = weights if weights.suffix == ".json" else weights / "release.json"
    if file.is_file():
        return read_release(file)
    # A release file lies beside its weights, or one folder above.
    for folder in weights.absolute().parents[:2]:
        if (folder / "release.json").is_file():
            release = read_release(folder / "release.json")
            if release.weights_file.resolve() == weights.resolve():
                return release
    raise ReleaseError(
        f"no release.json in or beside {weights} names it; give the folder that train fit wrote"
    )


def load_by_name(weights: Iterable[Path]) -> dict[str, tuple[Release, Classifier]]:
    """Load several releases and their classifiers, by the name of their results folders.

    Args:
        weights: paths as ``load_release`` takes them.

    Raises:
        UserError: two results folders have the same name.
        ReleaseError: some weights cannot be used.
    """
    loaded = {}
    for release in map(load_release, weights):
        name = release.results_folder.resolve().name
        if name in loaded:
            raise UserError(f"two of the weights have folders named {name}; rename one")
        loaded[name] = release, load_classifier(release)
    return loaded


def require_same_labels(releases: Iterable[Release]) -> None:
    """Check that releases have the same labels.

    Raises:
        UserError: they have different labels.
    """
    if len({release.labels for release in releases}) > 1:
        raise UserError("the weights have different labels; give weights with the same")


def predict_confidences(
    classifier: Classifier, images: list[LabelledImage], title: str
) -> np.ndarray:
    """Predict calibrated confidences: float64 array (images, labels), rows summing to 1.

    The arguments are those of ``predict_logits``.
    """
    return softmax(predict_logits(classifier, images, title), classifier.temperature)


def predict_logits(classifier: Classifier, images: list[LabelledImage], title: str) -> np.ndarray:
    """Predict the logits of readable images: float64 array (images, labels).

    Args:
        classifier: predicts.
        images: the images.
        title: text beside the progress bar.
    """
    return transformed_logits([classifier], images, title, lambda image, rng: image)[0]


def transformed_logits(
    classifiers: Iterable[Classifier],
    images: list[LabelledImage],
    title: str,
    transform: Transform,
) -> np.ndarray:
    """Transform readable images and predict their logits with several classifiers.

    Args:
        classifiers: predict the same transformed images.
        images: the images.
        title: text beside the progress bar.
        transform: called on each image with a generator seeded by the image's index.

    Returns:
        float64 array (classifiers, images, labels).
    """

    def predict(index: int) -> list[np.ndarray]:
        image = transform(read_image(images[index].path), np.random.default_rng(index))
        return [
            classifier.logits(network_input(image, classifier.input_size)[None])[0]
            for classifier in classifiers
        ]

    with ThreadPoolExecutor() as pool:
        logits = pool.map(predict, range(len(images)))
        return np.array(list(tqdm(logits, title, len(images), unit=" images"))).swapaxes(0, 1)
