"""A trained network -> what a run ends with: its weights, compiled and for Keras, and a release."""

from pathlib import Path

import h5py
import keras
import numpy as np

from model.classifier import Classifier, softmax
from model.release import LABELS, Release
from model.weights import sha256_of
from train.data.augment import augment
from train.data.dataset import LabelledImage
from train.eval.calibration import find_confidence_threshold, fit_temperature
from train.eval.inference import predict_logits, transformed_logits
from train.export.tflite import convert_to_tflite, describe_network
from train.progress import write_json

UNPUBLISHED = {"repository": "Victorouledi/brain-lung-other", "revision": "main"}
"""What a release file names until ``python -m train publish`` writes where the weights went."""

LARGE = 3000
"""Arrays of more values than this are kept in half precision."""


def export_run(
    network: keras.Model, name: str, out: Path, val: list[LabelledImage], varied: bool
) -> None:
    """Write the weights, network.json and a calibrated release.json to a folder.

    Args:
        network: trained, with logits as its output.
        name: which of ``model.networks`` it is.
        out: the folder.
        val: what confidences are calibrated on.
        varied: calibrate them on variations of these pictures too.
    """
    keras_weights = out / f"{name}.weights.h5"
    save_half_precision(network, keras_weights)
    weights = out / f"{name}.tflite"
    weights.write_bytes(convert_to_tflite(network))
    write_json(out / "network.json", describe_network(network))
    classifier = Classifier(weights, LABELS, temperature=1.0)
    logits = [predict_logits(classifier, val, "val")]
    if varied:
        # Confidences shall hold for unconventional pictures too, of which val has few.
        logits.extend(transformed_logits([classifier], val, "val, varied", augment))
    labels = np.array([LABELS.index(picture.label) for picture in val] * len(logits))
    temperature = round(fit_temperature(np.concatenate(logits), labels), 4)
    confidences = softmax(np.concatenate(logits), temperature)
    Release(
        folder=out,
        network=name,
        labels=LABELS,
        temperature=temperature,
        confidence_threshold=find_confidence_threshold(confidences, labels),
        weights=weights.name,
        sha256=sha256_of(weights),
        keras_weights=keras_weights.name,
        keras_sha256=sha256_of(keras_weights),
        results=".",
        **UNPUBLISHED,
    ).write(out / "release.json")
    print(f"wrote {out}: {weights.name}, {keras_weights.name}, network.json, release.json")


def save_half_precision(network: keras.Model, file: Path) -> None:
    """Write weights, the many of large arrays as float16: Keras reads them as float32 again.

    In small ones, such as kernels of depthwise convolutions, each value counts for a whole channel;
    rounding them would move logits ten times as far as rounding all others.
    """
    full = file.with_name(f"full-{file.name}")
    network.save_weights(full)
    with h5py.File(full) as exact, h5py.File(file, "w") as rounded:

        def copy(name, item):
            if name.startswith("optimizer"):
                return
            if isinstance(item, h5py.Dataset):
                rounded[name] = item[()].astype(np.float16 if item.size > LARGE else item.dtype)
            else:
                rounded.require_group(name)
            rounded[name].attrs.update(item.attrs)

        exact.visititems(copy)
    full.unlink()
