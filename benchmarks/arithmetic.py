"""How many floating-point operations a network takes."""

import math

import keras


def floating_point_operations(network: keras.Model) -> int:
    """Multiplications and additions of the convolutions and dense layers for one picture.

    Args:
        network: a Keras network.
    """
    return sum(2 * _multiplications(layer) for layer in network.layers)


def _multiplications(layer) -> int:
    match layer:
        case keras.layers.Dense():
            return math.prod(layer.kernel.shape)
        case keras.layers.DepthwiseConv2D() | keras.layers.Conv2D():
            # Each weight meets every place of the output.
            return math.prod(layer.kernel.shape) * math.prod(layer.output.shape[1:3])
        case _:
            return 0
