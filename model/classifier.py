"""Pixels -> calibrated confidences, with a network that is loaded once."""

import functools
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf
from PIL import Image

from model.attribution import Attribution
from model.imaging import network_input
from model.networks import NETWORKS, input_size
from model.release import Release, ReleaseError


class Classifier:
    """A network with its weights and calibration, compiled and warmed up.

    Args:
        release: names the network, its labels and its temperature.
        weights_file: the weights, already checked against the release's sha256.

    Attributes:
        release: the release.
        input_size: side of the network's input, in pixels.
        network: the Keras network, for those who look inside.

    Raises:
        ReleaseError: the network is unknown, the weights do not fit it, or they or its logits are
            not finite numbers.
    """

    def __init__(self, release: Release, weights_file: Path):
        if release.network not in NETWORKS:
            raise ReleaseError(
                f"release.json names the network {release.network!r}; "
                f"model/networks.py has: {', '.join(NETWORKS)}"
            )
        network = NETWORKS[release.network]()
        # Keras reports a damaged or foreign file by a dozen kinds of exception.
        try:
            network.load_weights(weights_file)
        except Exception as error:
            raise ReleaseError(
                f"{weights_file.name} does not fit the network {release.network!r}; "
                "release weights that were trained for it: python -m train release"
            ) from error
        # Pooling turns a weight that is no number into a huge one, so that outputs do not show it.
        if not all(np.isfinite(weights).all() for weights in network.get_weights()):
            raise ReleaseError(f"{weights_file.name} is not finite; release working weights")
        self.release = release
        self.input_size = input_size(network)
        self.network = network
        self._forward = _compile(network, self.input_size)
        self.logits(np.zeros((1, self.input_size, self.input_size, 3), np.uint8))

    def logits(self, inputs: np.ndarray) -> np.ndarray:
        """The network's raw output.

        Args:
            inputs: uint8 array (pictures, size, size, 3) of ``imaging.network_input`` pictures.

        Returns:
            float64 array (pictures, labels).

        Raises:
            ReleaseError: an output is not a finite number, so the weights are broken.
        """
        logits = self._forward(inputs).numpy().astype(np.float64)
        if not np.isfinite(logits).all():
            raise ReleaseError("the network's output is not finite; release working weights")
        return logits

    def classify(self, picture: Image.Image) -> dict[str, float]:
        """Confidence of every label, in the release's order: 0 to 1 each, summing to 1.

        Args:
            picture: an RGB picture of any size, from ``imaging.read_picture``.
        """
        logits = self.logits(network_input(picture, self.input_size)[None])
        confidences = softmax(logits, self.release.temperature)[0]
        return dict(zip(self.release.labels, confidences.tolist(), strict=True))

    def explain(self, picture: Image.Image) -> np.ndarray:
        """What in a picture speaks for the label that ``classify`` puts first.

        Args:
            picture: an RGB picture of any size, from ``imaging.read_picture``.

        Returns:
            The heat of ``attribution.Attribution``: float32 array (cells, cells), 0 to 1, to be
            stretched over the whole picture.
        """
        return self._attribution.heat(network_input(picture, self.input_size))

    @functools.cached_property
    def _attribution(self) -> Attribution:
        """Made by the first explanation that is asked for: most visitors ask for none."""
        return Attribution(self.network)


def _compile(network: keras.Model, size: int):
    """A graph of the network with its weights as constants, which TensorFlow merges with the
    normalisation into the convolutions; held in variables, they would stay apart."""
    trainable = [variable.numpy() for variable in network.trainable_variables]
    state = [variable.numpy() for variable in network.non_trainable_variables]

    @tf.function(input_signature=[tf.TensorSpec((None, size, size, 3), tf.uint8)])
    def forward(inputs):
        inputs = tf.cast(inputs, tf.float32)
        return network.stateless_call(trainable, state, inputs, training=False)[0]

    return forward


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
