"""Export a trained network: weights, layers and a calibrated release."""

import functools
from collections.abc import Sequence
from pathlib import Path

import h5py
import keras
import numpy as np

from model.classifier import Classifier, softmax
from model.imaging import network_input, read_image
from model.release import Release, write_json
from model.weights import sha256_of
from train.data.augment import UNREALISTIC, augment
from train.data.dataset import LabelledImage
from train.errors import UserError
from train.eval.calibration import find_confidence_threshold, fit_temperature
from train.eval.inference import predict_logits, transformed_logits
from train.export.tflite import convert_to_tflite, describe_network
from train.files import read_released
from train.networks import input_size
from train.replay import write_features

UNPUBLISHED = {"repository": "", "revision": "main"}
"""Hub repository and revision in a release file until ``python -m train publish`` replaces them."""

MAX_FULL_PRECISION = 3000
"""Maximum number of values of a weight array that keeps its precision; others become float16."""

RANGE_IMAGES = 200
"""Number of validation images for calibrating the ranges of integers."""

MIN_CALIBRATION = 60
"""Minimum number of validation images for calibrating temperature and threshold."""


def export_network(
    network: keras.Model,
    name: str,
    out: Path,
    val: list[LabelledImage],
    augmented: bool,
    labels: Sequence[str],
    calibrated: Release | None = None,
    features: np.ndarray | None = None,
) -> None:
    """Write weights for Keras and LiteRT, network.json and, last, a calibrated release.json.

    Args:
        network: a trained network that returns logits.
        name: its name in ``train.networks.NETWORKS``.
        out: folder to write to.
        val: readable images to calibrate integers, confidences and the confidence threshold on.
        augmented: whether to calibrate on augmented copies of these images as well.
        labels: in the order of the logits.
        calibrated: a release whose temperature and threshold to keep instead of calibrating.
        features: those of training images to keep with the weights, see ``train.replay``.

    Raises:
        UserError: a weight is not finite.
    """
    # Integers would hide values that are not finite.
    if not all(np.isfinite(array).all() for array in network.get_weights()):
        raise UserError("training ended with weights that are not finite; lower the learning rate")
    keras_weights = out / f"{name}.weights.h5"
    save_half_precision(network, keras_weights)
    weights = out / f"{name}.tflite"
    weights.write_bytes(convert_to_tflite(network, _some_inputs(val, input_size(network))))
    write_json(out / "network.json", describe_network(network))
    temperature, threshold = _calibration(
        Classifier(weights, labels, 1.0), val, augmented, calibrated
    )
    release = Release(
        folder=out,
        network=name,
        labels=tuple(labels),
        temperature=temperature,
        confidence_threshold=threshold,
        weights=weights.name,
        sha256=sha256_of(weights),
        keras_weights=keras_weights.name,
        keras_sha256=sha256_of(keras_weights),
        results=".",
        **UNPUBLISHED,
    )
    if features is not None:
        write_features(release, features)
    release.write(out / "release.json")
    print(f"wrote {out}: {weights.name}, {keras_weights.name}, network.json, release.json")


def _some_inputs(images: list[LabelledImage], size: int) -> np.ndarray:
    """Return the network inputs of up to ``RANGE_IMAGES`` images: (images, size, size, 3)."""
    chosen = np.random.default_rng(0).permutation(len(images))[:RANGE_IMAGES]
    return np.stack([network_input(read_image(images[index].path), size) for index in chosen])


def _calibration(
    classifier: Classifier,
    val: list[LabelledImage],
    augmented: bool,
    calibrated: Release | None,
) -> tuple[float, float]:
    """Return the temperature and the confidence threshold for a network."""
    if len(val) < MIN_CALIBRATION:
        calibrated = calibrated or read_released()
    if calibrated:
        print(
            "keeping the temperature and threshold of the released network: calibration needs at "
            f"least {MIN_CALIBRATION} validation images, and is skipped when adapting to its labels"
        )
        return calibrated.temperature, calibrated.confidence_threshold
    logits = [predict_logits(classifier, val, "val")]
    if augmented:
        # Visitors also send unusual images, which are rare in val.
        transform = functools.partial(augment, left_out=UNREALISTIC)
        logits.extend(transformed_logits([classifier], val, "val, augmented", transform))
    targets = np.array([classifier.labels.index(image.label) for image in val] * len(logits))
    temperature = round(fit_temperature(np.concatenate(logits), targets), 4)
    confidences = softmax(np.concatenate(logits), temperature)
    return temperature, find_confidence_threshold(confidences, targets)


def save_half_precision(network: keras.Model, file: Path) -> None:
    """Write Keras weights with large arrays as float16, which Keras reads as float32.

    Small arrays keep their precision: in a depthwise kernel one value affects a whole channel, and
    rounding the small arrays would move logits ten times as far as rounding all others.
    """
    full = file.with_name(f"full-{file.name}")
    network.save_weights(full)
    with h5py.File(full) as source, h5py.File(file, "w") as target:

        def copy(name, item):
            if name.startswith("optimizer"):
                return
            if isinstance(item, h5py.Dataset):
                dtype = np.float16 if item.size > MAX_FULL_PRECISION else item.dtype
                target[name] = item[()].astype(dtype)
            else:
                target.require_group(name)
            target[name].attrs.update(item.attrs)

        source.visititems(copy)
    full.unlink()
