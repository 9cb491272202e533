"""Heat maps of what in an image speaks for its prediction. Importing this loads TensorFlow."""

import functools
import threading

import keras
import numpy as np
import tensorflow as tf
from PIL import Image

from model.imaging import network_input
from model.networks import input_size, load_network
from model.release import Release

_one_at_a_time = threading.Lock()


def explain(release: Release, image: Image.Image) -> np.ndarray:
    """Compute what in an image speaks for the label that the released network predicts.

    Args:
        release: names the network and its Keras weights, which are loaded by the first call.
        image: RGB, any size, from ``imaging.read_image``.

    Returns:
        The heat of ``Attribution.heat``: float32 array (cells, cells), 0 to 1, to be stretched over
        the whole image.

    Raises:
        ReleaseError: the release's Keras weights cannot be used.
    """
    with _one_at_a_time:
        attribution = _attribution(release)
        return attribution.heat(network_input(image, attribution.input_size))


@functools.lru_cache(maxsize=1)
def _attribution(release: Release) -> "Attribution":
    return Attribution(load_network(release))


class Attribution:
    """Heat maps that say where a network found what it answered.

    HiResCAM (Draelos and Carin 2020, "Use HiResCAM instead of Grad-CAM for faithful explanations
    of convolutional neural networks", arXiv:2011.08891) multiplies each value of a layer by its
    gradient, adds up the channels and keeps what is positive. It is taken at two scales, the last
    activation of each of the network's two smallest sizes: the smaller one knows best what is
    there, the larger one where. Their product keeps the places both name, as Poly-CAM does with
    other maps (Englebert, Cornu and De Vleeschouwer 2022, "Poly-CAM: High resolution class
    activation map for convolutional neural networks", arXiv:2204.13359).

    Args:
        network: a Keras network of pixels 0 to 255 -> logits, whose weights it shares.
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
        # Layer by layer it would take a second where a graph takes a few hundredths.
        self._maps = tf.function(self._maps)

    def heat(self, inputs: np.ndarray) -> np.ndarray:
        """What speaks for the answered label of one picture, whichever label that is.

        Args:
            inputs: uint8 array (size, size, 3), an ``imaging.network_input`` picture.

        Returns:
            float32 array (cells, cells), rows from the top, over the whole picture; 0 where nothing
            speaks for the label, 1 where the most does. All 0 where nothing does anywhere.
        """
        fine, coarse = (heat.numpy() for heat in self._maps(inputs[None]))
        size = fine.shape[::-1]
        heat = fine * np.asarray(Image.fromarray(coarse).resize(size, Image.Resampling.BILINEAR))
        return heat / (heat.max() or 1)

    def _maps(self, inputs):
        """HiResCAM of the two layers for the answered label: (cells, cells) each."""
        with tf.GradientTape() as tape:
            *layers, logits = self._network(tf.cast(inputs, tf.float32), training=False)
            odds = _log_odds(logits[0])
        return [
            tf.nn.relu(tf.reduce_sum(layer * gradient, axis=-1))[0]
            for layer, gradient in zip(layers, tape.gradient(odds, layers), strict=True)
        ]


def _log_odds(logits: tf.Tensor) -> tf.Tensor:
    """How far the first label is ahead of all others together: unlike its logit alone it changes
    where the others do, and unlike its confidence it does not level out."""
    ranked = tf.sort(logits, direction="DESCENDING")
    return ranked[0] - tf.reduce_logsumexp(ranked[1:])
