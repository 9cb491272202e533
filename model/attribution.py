"""Compute heat maps that explain predictions. Importing this module imports TensorFlow."""

import contextlib
import functools
import threading

import numpy as np
from PIL import Image

from model.imaging import network_input
from model.networks import input_size, load_network
from model.release import Release

# isort: split
# Imported after model.networks, which sets the environment variables that they read.
import keras
import tensorflow as tf

_lock = threading.Lock()


def explain(release: Release, image: Image.Image) -> np.ndarray:
    """Compute which parts of an image support the label that the released network predicts.

    Args:
        release: names the network and its Keras weights, which are loaded by the first call.
        image: RGB, any size, from ``imaging.read_image``.

    Returns:
        The heat map of ``Attribution.heat``: float32 array (cells, cells), 0 to 1.

    Raises:
        ReleaseError: the release's Keras weights cannot be used.
    """
    with _lock:
        attribution = _attribution(release)
        return attribution.heat(network_input(image, attribution.input_size))


@functools.lru_cache(maxsize=1)
def _attribution(release: Release) -> "Attribution":
    # Its operations are so small that a second core costs more time than it saves.
    with contextlib.suppress(RuntimeError):  # TensorFlow has already run an operation.
        tf.config.threading.set_intra_op_parallelism_threads(1)
    return Attribution(load_network(release))


class Attribution:
    """Heat maps of where a network sees the label that it predicts.

    HiResCAM (Draelos and Carin 2020, "Use HiResCAM instead of Grad-CAM for faithful explanations
    of convolutional neural networks", arXiv:2011.08891) multiplies each value of a layer by its
    gradient, sums over the channels and keeps positive values. It is computed at two scales, from
    the last activation of each of the network's two smallest sizes: the coarse map is more
    class-specific, the fine map better localised. Their product keeps the places that both maps
    show, as Poly-CAM does with other maps (Englebert, Cornu and De Vleeschouwer 2022, "Poly-CAM:
    High resolution class activation map for convolutional neural networks", arXiv:2204.13359).

    Args:
        network: a Keras network from pixels, 0 to 255, to logits. Its weights are shared, not
            copied.

    Attributes:
        input_size: side of the network's square input, in pixels.
    """

    def __init__(self, network: keras.Model):
        last = {}
        for layer in network.layers:
            activation = getattr(layer, "activation", keras.activations.linear)
            if activation is not keras.activations.linear and len(layer.output.shape) == 4:
                last[layer.output.shape[1]] = layer.output
        *_, fine, coarse = last.values()
        self.input_size = input_size(network)
        self._network = keras.Model(network.inputs, [fine, coarse, *network.outputs])
        # As a graph it takes a few hundredths of a second, layer by layer a whole one.
        self._maps = tf.function(self._maps)

    def heat(self, inputs: np.ndarray) -> np.ndarray:
        """Compute the heat map of one image, for the label that is predicted for it.

        Args:
            inputs: uint8 array (size, size, 3) from ``imaging.network_input``.

        Returns:
            float32 array (cells, cells), rows from the top, which covers the whole image: 0 where
            nothing supports the label, 1 where most does. All 0 if nothing does anywhere.
        """
        fine, coarse = (heat.numpy() for heat in self._maps(inputs[None]))
        size = fine.shape[::-1]
        heat = fine * np.asarray(Image.fromarray(coarse).resize(size, Image.Resampling.BILINEAR))
        return heat / (heat.max() or 1)

    def _maps(self, inputs):
        """Compute the HiResCAM map (cells, cells) of both layers for the predicted label."""
        with tf.GradientTape() as tape:
            *layers, logits = self._network(tf.cast(inputs, tf.float32), training=False)
            log_odds = _log_odds(logits[0])
        return [
            tf.nn.relu(tf.reduce_sum(layer * gradient, axis=-1))[0]
            for layer, gradient in zip(layers, tape.gradient(log_odds, layers), strict=True)
        ]


def _log_odds(logits: tf.Tensor) -> tf.Tensor:
    """Compute the log-odds of the top label against all others together.

    Unlike its logit, they depend on the other labels; unlike its confidence, they do not saturate.
    """
    ranked = tf.sort(logits, direction="DESCENDING")
    return ranked[0] - tf.reduce_logsumexp(ranked[1:])
