"""Pixels -> calibrated confidences, with a network that is loaded once."""

import threading
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from ai_edge_litert.interpreter import Interpreter
from PIL import Image

from model.imaging import network_input
from model.release import ReleaseError


class Classifier:
    """A network with its weights and calibration, ready to answer.

    LiteRT runs it (TensorFlow Lite's successor), which takes a tenth of TensorFlow's time to import
    and half of its time for an answer.

    Args:
        weights_file: compiled network with its weights, a .tflite file whose sha256 was verified.
        labels: names of the network's outputs, in their order.
        temperature: positive number that divides the logits before the softmax.

    Attributes:
        labels: as given.
        temperature: as given.
        input_size: side of the network's square input, in pixels.

    Raises:
        ReleaseError: the file holds no network, or one for other pictures or labels, or its logits
            are not finite numbers.
    """

    def __init__(self, weights_file: Path, labels: Sequence[str], temperature: float):
        try:
            # One core: a second one is better spent on a second visitor.
            self._interpreter = Interpreter(str(weights_file), num_threads=1)
            self._interpreter.allocate_tensors()
        except (ValueError, RuntimeError) as error:
            raise ReleaseError(
                f"{weights_file.name} holds no network; release one: python -m train release"
            ) from error
        [self._input] = self._interpreter.get_input_details()
        [self._output] = self._interpreter.get_output_details()
        size = self._input["shape"][1]
        if (
            self._input["dtype"] is not np.uint8
            or tuple(self._input["shape"]) != (1, size, size, 3)
            or tuple(self._output["shape"]) != (1, len(labels))
        ):
            raise ReleaseError(
                f"{weights_file.name} holds a network for other pictures or other labels; "
                "release one of this project: python -m train release"
            )
        self.labels = tuple(labels)
        self.temperature = temperature
        self.input_size = int(size)
        self._one_at_a_time = threading.Lock()
        self.logits(np.zeros((1, size, size, 3), np.uint8))

    def logits(self, inputs: np.ndarray) -> np.ndarray:
        """The network's raw output.

        Args:
            inputs: uint8 array (pictures, size, size, 3) of ``imaging.network_input`` pictures.

        Returns:
            float64 array (pictures, labels).

        Raises:
            ReleaseError: an output is not a finite number, so the weights are broken.
        """
        logits = np.empty((len(inputs), len(self.labels)))
        for row, picture in zip(logits, inputs, strict=True):
            with self._one_at_a_time:
                self._interpreter.set_tensor(self._input["index"], picture[None])
                self._interpreter.invoke()
                row[:] = self._interpreter.get_tensor(self._output["index"])[0]
        if not np.isfinite(logits).all():
            raise ReleaseError("the network's output is not finite; release working weights")
        return logits

    def classify(self, picture: Image.Image) -> dict[str, float]:
        """Confidence of every label, in the release's order: 0 to 1 each, summing to 1.

        Args:
            picture: an RGB picture of any size, from ``imaging.read_image``.
        """
        logits = self.logits(network_input(picture, self.input_size)[None])
        confidences = softmax(logits, self.temperature)[0]
        return dict(zip(self.labels, confidences.tolist(), strict=True))


def softmax(logits: np.ndarray, temperature: float) -> np.ndarray:
    """Confidences from logits divided by a temperature, along the last axis.

    Args:
        logits: float array (..., labels).
        temperature: a positive number; 1 leaves the logits as they are.

    Returns:
        float array of the same shape, values 0 to 1, summing to 1 along the last axis.
    """
    scaled = logits / temperature
    powers = np.exp(scaled - scaled.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)
