"""Convert a Keras network to the .tflite file that LiteRT runs, and describe its layers."""

import math
import warnings

import keras
import numpy as np
import tensorflow as tf


def convert_to_tflite(network: keras.Model, inputs: np.ndarray) -> bytes:
    """Convert a network with its weights to the LiteRT format.

    Batch normalisation is folded into the convolutions, which compute with 8-bit integers, faster
    than with floating point. Dense layers stay in float32, so that logits are not rounded.

    Args:
        network: a Keras network that takes pixels 0 to 255 and returns logits.
        inputs: uint8 array (images, size, size, 3) for calibrating the ranges of the integers.

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
    converter.representative_dataset = lambda: ([image[None]] for image in inputs)
    with warnings.catch_warnings():
        # TensorFlow warns about its own calls.
        warnings.simplefilter("ignore")
        # Only the debugger can leave out an operation.
        debugger = tf.lite.experimental.QuantizationDebugger(
            converter=converter,
            debug_dataset=converter.representative_dataset,
            debug_options=tf.lite.experimental.QuantizationDebugOptions(
                denylisted_ops=["FULLY_CONNECTED"]
            ),
        )
        return debugger.get_nondebug_quantized_model()


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
