"""How many floating-point operations a network takes."""

import math

import keras


def floating_point_operations(network: keras.Model, dense_only: bool = False) -> int:
    """Multiplications and additions of the convolutions and dense layers for one picture.

    Args:
        network: a Keras network.
        dense_only: count only the convolutions in which every input channel meets every filter.
    """
    layers = dense_layers(network) if dense_only else network.layers
    return sum(2 * _multiplications(layer) for layer in layers)


def dense_layers(network: keras.Model) -> list[keras.layers.Layer]:
    """The convolutions of a network that are not depthwise."""
    return [layer for layer in network.layers if isinstance(layer, keras.layers.Conv2D)]


def _multiplications(layer) -> int:
    match layer:
        case keras.layers.Dense():
            return math.prod(layer.kernel.shape)
        case keras.layers.DepthwiseConv2D() | keras.layers.Conv2D():
            # Each weight meets every place of the output.
            return math.prod(layer.kernel.shape) * math.prod(layer.output.shape[1:3])
        case _:
            return 0
