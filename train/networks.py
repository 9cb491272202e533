"""Keras architectures, one function each, from RGB pixels 0 to 255 to one logit per label."""

import os

# Keras and TensorFlow read these when they are imported.
os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras
import numpy as np
import tensorflow as tf
from keras import layers

from model.release import LABELS, Release, ReleaseError
from train.files import keras_weights


def original(outputs: int = len(LABELS)) -> keras.Model:
    """Build the network of the project that this one continues, a CNN of 261,619 parameters.

    Input (batch, 200, 200, 3), values 0 to 255. Output (batch, outputs): logits. The original ended
    in a softmax layer and was trained with ``from_logits=True``, which applied the softmax twice.
    Here the loss and the classifier apply it once.
    """
    stack = [keras.Input((200, 200, 3)), layers.Rescaling(1 / 255)]
    for filters in (128, 64, 32, 16):
        stack += [layers.Conv2D(filters, 4, activation="relu"), layers.MaxPooling2D()]
    stack += [layers.Flatten(), layers.Dense(64, activation="relu"), layers.Dense(outputs)]
    return keras.Sequential(stack, name="original")


def efficientnet_lite0(outputs: int = len(LABELS)) -> keras.Model:
    """Build EfficientNet-Lite0, with 3,374,851 trainable parameters for three outputs.

    Input (batch, 160, 160, 3), values 0 to 255; the reference uses 224 x 224 pixels, at twice the
    cost. Output (batch, outputs): logits.
    """
    return _efficientnet_lite0(160, outputs, "efficientnet_lite0")


def efficientnet_lite0_224(outputs: int = len(LABELS)) -> keras.Model:
    """Build ``efficientnet_lite0``, whose weights fit it, for inputs of 224 x 224 pixels."""
    return _efficientnet_lite0(224, outputs, "efficientnet_lite0_224")


def _efficientnet_lite0(size: int, outputs: int, name: str) -> keras.Model:
    inputs = keras.Input((size, size, 3))
    features = layers.Dropout(0.2)(efficientnet_lite0_features(inputs))
    return keras.Model(inputs, layers.Dense(outputs)(features), name=name)


def efficientnet_lite0_features(inputs: keras.KerasTensor) -> keras.KerasTensor:
    """Build EfficientNet-Lite0 up to its global average pooling: 3,371,008 trainable parameters.

    This is EfficientNet-B0 (Tan and Le 2019, "EfficientNet: Rethinking Model Scaling for
    Convolutional Neural Networks") without squeeze-and-excitation and with ReLU6 instead of swish.
    The blocks, the constants and the input scaling, (pixel - 127) / 128, follow the reference:
    github.com/tensorflow/tpu, models/official/efficientnet/lite/efficientnet_lite_builder.py.

    Args:
        inputs: (batch, height, width, 3), values 0 to 255.

    Returns:
        (batch, 1280), values 0 to 6.
    """
    # Do not fold this into the first convolution, whose zero padding then would not mean 127.
    x = layers.Rescaling(1 / 128, offset=-127 / 128)(inputs)
    x = _relu6(_normalize(layers.Conv2D(32, 3, strides=2, padding="same", use_bias=False)(x)))
    for repeats, kernel, stride, expansion, filters in (
        (1, 3, 1, 1, 16),
        (2, 3, 2, 6, 24),
        (2, 5, 2, 6, 40),
        (3, 3, 2, 6, 80),
        (3, 5, 1, 6, 112),
        (4, 5, 2, 6, 192),
        (1, 3, 1, 6, 320),
    ):
        x = _inverted_bottleneck(x, kernel, stride, expansion, filters)
        for _ in range(repeats - 1):
            x = layers.Add()([x, _inverted_bottleneck(x, kernel, 1, expansion, filters)])
    x = _relu6(_normalize(layers.Conv2D(1280, 1, use_bias=False)(x)))
    return layers.GlobalAveragePooling2D()(x)


def _inverted_bottleneck(x, kernel, stride, expansion, filters):
    if expansion > 1:
        x = _relu6(_normalize(layers.Conv2D(expansion * x.shape[-1], 1, use_bias=False)(x)))
    x = layers.DepthwiseConv2D(kernel, strides=stride, padding="same", use_bias=False)(x)
    x = _relu6(_normalize(x))
    return _normalize(layers.Conv2D(filters, 1, use_bias=False)(x))


def _relu6(x):
    return layers.Activation("relu6")(x)


def _normalize(x):
    return FusedBatchNormalization(momentum=0.99, epsilon=1e-3)(x)


class FusedBatchNormalization(layers.BatchNormalization):
    """Batch normalization with TensorFlow's fused kernel.

    Keras composes it of operations that each pass over the whole tensor, which makes a training
    step of EfficientNet-Lite0 on the CPU 1.6 times slower.
    """

    def call(self, inputs, training=None):
        """Normalize float32 inputs (batch, height, width, channels) along the last axis."""
        training = bool(training) and self.trainable
        outputs, mean, variance = tf.compat.v1.nn.fused_batch_norm(
            inputs,
            self.gamma,
            self.beta,
            self.moving_mean,
            self.moving_variance,
            epsilon=self.epsilon,
            is_training=training,
            exponential_avg_factor=1 - self.momentum if training else 1,
        )
        if training:
            self.moving_mean.assign(mean)
            self.moving_variance.assign(variance)
        return outputs


NETWORKS = {
    "original": original,
    "efficientnet_lite0": efficientnet_lite0,
    "efficientnet_lite0_224": efficientnet_lite0_224,
}
"""The architectures that a release or a recipe may name; each takes its number of outputs."""


def load_network(release: Release) -> keras.Model:
    """Load the Keras network of a release with its weights.

    Raises:
        ReleaseError: the network is unknown, or the weights are missing, are not those that the
            release names, do not fit the network, or are not finite.
    """
    if release.network not in NETWORKS:
        raise ReleaseError(
            f"release.json names the network {release.network!r}; "
            f"train/networks.py has: {', '.join(NETWORKS)}"
        )
    network = NETWORKS[release.network](len(release.labels))
    file = keras_weights(release)
    # Keras raises a dozen types of exception for a damaged or foreign file.
    try:
        network.load_weights(file)
    except Exception as error:
        raise ReleaseError(
            f"{file.name} does not fit the network {release.network!r}; "
            "release weights that were trained for it: python -m train release"
        ) from error
    # Check the weights, not outputs: max pooling turns NaN into a large finite number.
    if not all(np.isfinite(weights).all() for weights in network.get_weights()):
        raise ReleaseError(f"{file.name} is not finite; release working weights")
    return network


def input_size(network: keras.Model) -> int:
    """Return the side of a network's square input, in pixels."""
    return network.input_shape[1]
