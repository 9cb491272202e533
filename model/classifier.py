"""Predict calibrated confidences with a compiled network."""

import queue
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from ai_edge_litert.interpreter import Interpreter
from PIL import Image

from model.imaging import network_input
from model.release import Release, ReleaseError
from model.weights import bundled_weights

CORES = 2
"""Number of images that the network predicts at the same time: a Space has two cores."""


class Classifier:
    """A network with its weights and calibration; all methods may be called from any thread.

    It runs in LiteRT, the successor of TensorFlow Lite, which takes a tenth of TensorFlow's import
    time and half of its time per prediction.

    Args:
        weights_file: compiled network with its weights, a .tflite file whose sha256 was verified.
        labels: names of the network's outputs, in their order.
        temperature: positive number that divides the logits before the softmax.

    Attributes:
        labels: as given.
        temperature: as given.
        input_size: side of the network's square input, in pixels.

    Raises:
        ReleaseError: the file does not contain a network, the network has other inputs or another
            number of labels, or its logits are not finite.
    """

    def __init__(self, weights_file: Path, labels: Sequence[str], temperature: float):
        try:
            # Kept, because the file may change before a second interpreter is opened.
            self._weights = weights_file.read_bytes()
            interpreter = self._open()
        except (OSError, ValueError, RuntimeError) as error:
            raise ReleaseError(
                f"{weights_file.name} does not contain a network; release one: "
                "python -m train release"
            ) from error
        [self._input] = interpreter.get_input_details()
        [self._output] = interpreter.get_output_details()
        size = self._input["shape"][1]
        if (
            self._input["dtype"] is not np.uint8
            or tuple(self._input["shape"]) != (1, size, size, 3)
            or tuple(self._output["shape"]) != (1, len(labels))
        ):
            raise ReleaseError(
                f"{weights_file.name} contains a network with other inputs or other labels; "
                "release one of this project: python -m train release"
            )
        self.labels = tuple(labels)
        self.temperature = temperature
        self.input_size = int(size)
        # Last in, first out: a second interpreter is opened only when two images overlap.
        self._idle = queue.LifoQueue()
        for idle in (*[None] * (CORES - 1), interpreter):
            self._idle.put(idle)
        self.logits(np.zeros((1, size, size, 3), np.uint8))  # Raises if weights are not finite.

    def logits(self, inputs: np.ndarray) -> np.ndarray:
        """Compute the raw outputs of the network, for several images on all cores.

        Args:
            inputs: uint8 array (images, size, size, 3) of ``imaging.network_input`` arrays.

        Returns:
            float64 array (images, labels).

        Raises:
            ReleaseError: an output is not finite, so the weights are broken.
        """
        with ThreadPoolExecutor(CORES) as pool:
            rows = (map if len(inputs) == 1 else pool.map)(self._row, inputs)
            logits = np.array(list(rows), np.float64)
        if not np.isfinite(logits).all():
            raise ReleaseError("the network's output is not finite; release working weights")
        return logits

    def _open(self) -> Interpreter:
        # One thread per image, so that the second core is free for another visitor.
        interpreter = Interpreter(model_content=self._weights, num_threads=1)
        interpreter.allocate_tensors()
        return interpreter

    def _row(self, pixels: np.ndarray) -> np.ndarray:
        interpreter = self._idle.get()
        try:
            interpreter = interpreter or self._open()
            interpreter.set_tensor(self._input["index"], pixels[None])
            interpreter.invoke()
            return interpreter.get_tensor(self._output["index"])[0]
        finally:
            self._idle.put(interpreter)

    def classify(self, image: Image.Image) -> dict[str, float]:
        """Predict the confidence of every label, in the order of ``labels``.

        Args:
            image: RGB, any size, from ``imaging.read_image``.

        Returns:
            Confidences 0 to 1 that sum to 1, by label.
        """
        confidences, _ = self.classify_frames([image])
        return confidences

    def classify_frames(self, images: Sequence[Image.Image]) -> tuple[dict[str, float], int]:
        """Predict the confidence of every label for several images of one object.

        Args:
            images: RGB, any size, one or more, from ``imaging.read_frames``.

        Returns:
            Confidences 0 to 1 that sum to 1, by label, from the mean logits of the images; and the
            index of the image with the highest confidence in the top label.
        """
        logits = self.logits(np.stack([network_input(image, self.input_size) for image in images]))
        confidences = softmax(logits.mean(axis=0), self.temperature)
        top = confidences.argmax()
        most_confident = softmax(logits, self.temperature)[:, top].argmax()
        return dict(zip(self.labels, confidences.tolist(), strict=True)), int(most_confident)


def load_classifier(release: Release, weights_file: Path | None = None) -> Classifier:
    """Load the network of a release.

    Args:
        release: names the labels and the temperature.
        weights_file: verified weights; by default the bundled ones, which are verified here.

    Raises:
        ReleaseError: the weights cannot be used.
    """
    weights_file = weights_file or bundled_weights(release)
    return Classifier(weights_file, release.labels, release.temperature)


def softmax(logits: np.ndarray, temperature: float) -> np.ndarray:
    """Compute confidences from logits divided by a temperature, along the last axis.

    Args:
        logits: float array (..., labels).
        temperature: a positive number; 1 leaves the logits as they are.

    Returns:
        float array of the same shape, values 0 to 1, summing to 1 along the last axis.
    """
    scaled = logits / temperature
    powers = np.exp(scaled - scaled.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)
