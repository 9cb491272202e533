"""A trained Keras network -> the file that LiteRT answers with, and what is told of its layers."""

import math

import keras
import tensorflow as tf


def convert_to_tflite(network: keras.Model) -> bytes:
    """A network with its weights as LiteRT reads them: normalisation merged into the convolutions,
    weights in half precision, which it computes with in single precision.

    Args:
        network: a Keras network of pixels 0 to 255 -> logits.

    Returns:
        The content of a .tflite file. Input: uint8 (1, size, size, 3); output: float32 (1, labels).
    """
    # Only weights that are constants of the graph can be merged.
    trainable = [variable.numpy() for variable in network.trainable_variables]
    state = [variable.numpy() for variable in network.non_trainable_variables]

    @tf.function(input_signature=[tf.TensorSpec((1, *network.input_shape[1:]), tf.uint8)])
    def forward(inputs):
        inputs = tf.cast(inputs, tf.float32)
        return network.stateless_call(trainable, state, inputs, training=False)[0]

    converter = tf.lite.TFLiteConverter.from_concrete_functions([forward.get_concrete_function()])
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    # Arithmetic in 8 bits would be faster, but it moves confidences, so that what is explained,
    # the Keras network, would not be what answered.
    converter.target_spec.supported_types = [tf.float16]
    return converter.convert()


def describe_network(network: keras.Model) -> dict:
    """What a page tells of a network: its size, and its layers from the input on.

    Returns:
        "parameters" and "trainable", their numbers, and "layers": for each its Keras class, the
        shape of its output for one picture and the number of its parameters.
    """
    return {
        "parameters": network.count_params(),
        "trainable": sum(math.prod(variable.shape) for variable in network.trainable_variables),
        "layers": [
            [type(layer).__name__, list(layer.output.shape[1:]), layer.count_params()]
            for layer in network.layers
        ],
    }
