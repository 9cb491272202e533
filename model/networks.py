"""The Keras architectures, one function each: RGB pixels 0 to 255 in, one logit per label out."""

import keras
from keras import layers

from model.release import LABELS


def original() -> keras.Model:
    """The network of the project this one continues: a plain CNN of 261,619 parameters.

    Input (batch, 200, 200, 3), values 0 to 255. Output (batch, 3): logits. The author's softmax
    output is left to the loss and to the classifier: his training applied
    it twice (a softmax layer and a loss told ``from_logits=True``), here it is applied once.
    """
    stack = [keras.Input((200, 200, 3)), layers.Rescaling(1 / 255)]
    for filters in (128, 64, 32, 16):
        stack += [layers.Conv2D(filters, 4, activation="relu"), layers.MaxPooling2D()]
    stack += [layers.Flatten(), layers.Dense(64, activation="relu"), layers.Dense(len(LABELS))]
    return keras.Sequential(stack, name="original")


def efficientnet_lite0(size: int = 192) -> keras.Model:
    """EfficientNet-Lite0 with one output per label: 3,374,851 trainable parameters.

    Input (batch, size, size, 3), values 0 to 255. Output (batch, 3): logits.

    Args:
        size: side of the pictures, in pixels; a multiple of 32 keeps every padding the same.
    """
    inputs = keras.Input((size, size, 3))
    features = layers.Dropout(0.2)(efficientnet_lite0_features(inputs))
    return keras.Model(inputs, layers.Dense(len(LABELS))(features), name="efficientnet_lite0")


def efficientnet_lite0_features(inputs: keras.KerasTensor) -> keras.KerasTensor:
    """EfficientNet-Lite0 up to its global average pooling: 3,371,008 trainable parameters.

    EfficientNet-B0 (Tan and Le 2019, "EfficientNet: Rethinking Model Scaling for Convolutional
    Neural Networks") without squeeze-and-excitation and with ReLU6 for swish. Blocks, constants
    and the scaling of the input, (pixel - 127) / 128, are those of the reference: tensorflow/tpu,
    models/official/efficientnet/lite/efficientnet_lite_builder.py.

    Args:
        inputs: (batch, height, width, 3), values 0 to 255.

    Returns:
        (batch, 1280), values 0 to 6.
    """
    # Not folded into the first convolution, whose zero padding stands for the grey value 127.
    x = layers.Rescaling(1 / 128, offset=-127 / 128)(inputs)
    x = _relu6(_normalised(layers.Conv2D(32, 3, 2, padding="same", use_bias=False)(x)))
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
    x = _relu6(_normalised(layers.Conv2D(1280, 1, use_bias=False)(x)))
    return layers.GlobalAveragePooling2D()(x)


def _inverted_bottleneck(x, kernel, stride, expansion, filters):
    if expansion > 1:
        x = layers.Conv2D(expansion * x.shape[-1], 1, use_bias=False)(x)
        x = _relu6(_normalised(x))
    x = layers.DepthwiseConv2D(kernel, stride, padding="same", use_bias=False)(x)
    x = _relu6(_normalised(x))
    return _normalised(layers.Conv2D(filters, 1, use_bias=False)(x))


def _normalised(x):
    return layers.BatchNormalization(momentum=0.99, epsilon=1e-3)(x)


def _relu6(x):
    return layers.Activation("relu6")(x)


NETWORKS = {"original": original, "efficientnet_lite0": efficientnet_lite0}


def input_size(network: keras.Model) -> int:
    """Side in pixels of the square pictures a network takes."""
    return network.input_shape[1]
