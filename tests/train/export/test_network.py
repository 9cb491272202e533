"""Export of a trained network."""

import keras
import numpy as np
import pytest
from keras import layers

from train.errors import UserError
from train.export.network import export_network


def test_weights_that_are_not_finite_are_refused(tmp_path):
    """A convolution with 8-bit integers would hide them."""
    convolution = layers.Conv2D(2, 3, bias_initializer=keras.initializers.Constant(np.nan))
    stack = [keras.Input((16, 16, 3)), convolution, layers.Flatten(), layers.Dense(2)]
    network = keras.Sequential(stack)
    with pytest.raises(UserError, match="not finite; lower the learning rate"):
        export_network(network, "tiny", tmp_path, [], False, ("a", "b"))
    assert not list(tmp_path.iterdir())
