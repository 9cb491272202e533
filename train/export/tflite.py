"""Convert a Keras network to the .tflite file that LiteRT runs, and describe its layers."""

import math

import keras
import tensorflow as tf


def convert_to_tflite(network: keras.Model) -> bytes:
    """Convert a network with its weights to the LiteRT format.

    Batch normalisation is folded into the convolutions. Weights are stored as float16 and computed
    with as float32.

    Args:
        network: a Keras network that takes pixels 0 to 255 and returns logits.

    Returns:
        Content of a .tflite file. Input: uint8 (1, size, size, 3); output: float32 (1, labels).
    """
    # Only weights that are constants of the graph can be folded.
    trainable = [variable.numpy() for variable in network.trainable_variables]
    non_trainable = [variable.numpy() for variable in network.non_trainable_variables]

    @tf.function(input_signature=[tf.TensorSpec((1, *network.input_shape[1:]), tf.uint8)])
    def forward(inputs):
        inputs = tf.cast(inputs, tf.float32)
        return network.stateless_call(trainable, non_trainable, inputs, training=False)[0]

    converter = tf.lite.TFLiteConverter.from_concrete_functions([forward.get_concrete_function()])
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    # 8-bit arithmetic is faster, but its confidences differ from those of the Keras network.
    converter.target_spec.supported_types = [tf.float16]
    return converter.convert()


def describe_network(network: keras.Model) -> dict:
    """Describe the size of a network and its layers, as the page shows them.

    Returns:
        "parameters" and "trainable": numbers of parameters; "layers": from the input on, for each
        layer its Keras class, its output shape for one image and its number of parameters.
    """
    return {
        "parameters": network.count_params(),
        "trainable": sum(math.prod(variable.shape) for variable in network.trainable_variables),
        "layers": [
            [type(layer).__name__, list(layer.output.shape[1:]), layer.count_params()]
            for layer in network.layers
        ],
    }
