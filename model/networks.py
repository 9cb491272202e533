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


NETWORKS = {"original": original}


def input_size(network: keras.Model) -> int:
    """Side in pixels of the square pictures a network takes."""
    return network.input_shape[1]
