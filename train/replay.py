"""Store features of training images, so that adapting to other images does not forget them."""

from collections.abc import Collection, Iterable
from pathlib import Path

import keras
import numpy as np

from model.release import Release
from train.data.batches import ordered_batches, sampling_weights
from train.data.dataset import Dataset, drop_unreadable
from train.errors import UserError
from train.eval.inference import load_release
from train.networks import input_size, load_network

FILE = "replay.npz"
"""Name of the file beside the Keras weights."""

IMAGES = 6000
"""Maximum number of images whose features are stored."""

BATCH_SIZE = 32
"""Number of images in a forward pass."""


def replay(weights: Path, data: Dataset, leave_out: Collection[str] = ()) -> None:
    """Write replay.npz beside weights: features of training images, drawn evenly over sources.

    Args:
        weights: path as ``load_release`` takes it.
        data: the dataset that the weights were trained on.
        leave_out: sources, as "class/source", that they were not trained on.

    Raises:
        UserError: the dataset cannot be used.
        ReleaseError: the weights cannot be used.
    """
    release = load_release(weights)
    network = load_network(release)
    images = [
        image for image in data.require("train") if f"{image.label}/{image.source}" not in leave_out
    ]
    chosen = np.random.default_rng(0).choice(
        len(images), min(IMAGES, len(images)), replace=False, p=sampling_weights(images, 0.5)
    )
    images, _ = drop_unreadable([images[i] for i in chosen], "train")
    batches = ordered_batches(images, input_size(network), BATCH_SIZE, release.labels)
    features, _ = compute_features(network, batches)
    write_features(release, features)


def compute_features(
    network: keras.Model, batches: Iterable[tuple[np.ndarray, np.ndarray]]
) -> tuple[np.ndarray, np.ndarray]:
    """Compute the inputs of a network's last layer for images.

    Args:
        network: ends in a dense layer.
        batches: pairs of inputs and label indices.

    Returns:
        float32 array (images, features), and the label indices (images,).
    """
    extract = keras.Model(network.inputs, network.layers[-1].input)
    features, labels = [], []
    for inputs, indices in batches:
        features.append(extract(inputs.astype(np.float32), training=False).numpy())
        labels.append(indices)
    return np.concatenate(features), np.concatenate(labels)


def features_file(release: Release) -> Path:
    """Return the file with the features for the weights of a release."""
    return release.keras_weights_file.with_name(FILE)


def write_features(release: Release, features: np.ndarray) -> None:
    """Write features in 8 bits, with the sha256 of the weights that they belong to."""
    lowest = np.float32(min(features.min(), 0))
    scale = np.float32(max(features.max() - lowest, 1e-6) / 255)
    levels = np.round((features - lowest) / scale).astype(np.uint8)
    np.savez_compressed(
        features_file(release),
        levels=levels,
        scale=scale,
        lowest=lowest,
        sha256=release.keras_sha256,
    )
    print(f"wrote {features_file(release)}: the features of {len(features):,} images")


def read_features(release: Release) -> np.ndarray:
    """Read the features that are stored for a release: float32 array (images, features).

    Raises:
        UserError: there are none, or they belong to other weights.
    """
    try:
        with np.load(features_file(release)) as file:
            if str(file["sha256"]) == release.keras_sha256:
                # Older files have no lowest feature, because none was below 0.
                return file["levels"] * file["scale"] + file.get("lowest", np.float32(0))
    except (OSError, ValueError, KeyError):
        pass
    raise UserError(
        "the released network has no features of earlier training images, and would forget them; "
        "first store them: python -m train replay --weights model --data DIR"
    )
