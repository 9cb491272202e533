"""Adapt the last layer of the released network to a small folder of images, in minutes."""

import keras
import numpy as np

from model.classifier import softmax

STEPS = 60
"""Number of full-batch Adam steps, low enough to stay close to the released network."""

NEW_LAYER_STEPS = 300
"""Number of steps for a new last layer."""

LEARNING_RATE = 0.002

DECAY = 0.001
"""Weight of the squared distance from the weights at the start."""


def adapt_last_layer(
    kernel: np.ndarray,
    bias: np.ndarray,
    features: np.ndarray,
    labels: np.ndarray,
    replayed: np.ndarray | None,
    replay_fraction: float,
) -> tuple[np.ndarray, np.ndarray]:
    """Train a last layer on features of new images and keep its predictions for earlier ones.

    The predictions before training are the targets for the earlier images (Li and Hoiem 2016,
    "Learning without Forgetting").

    Args:
        kernel: float array (features, labels) to start from.
        bias: float array (labels,) to start from.
        features: float array (images, features) of the new images.
        labels: int array (images,), their true labels.
        replayed: float array (images, features) of earlier images; None for a new layer.
        replay_fraction: share of the loss on the earlier images, 0 to 1.

    Returns:
        The trained kernel and bias.
    """
    targets = np.eye(len(bias))[labels]
    weights = np.full(len(features), 1 / len(features))
    steps = NEW_LAYER_STEPS
    if replayed is not None:
        targets = np.concatenate([targets, softmax(replayed @ kernel + bias, 1)])
        weights = np.concatenate(
            [
                weights * (1 - replay_fraction),
                np.full(len(replayed), replay_fraction / len(replayed)),
            ]
        )
        features = np.concatenate([features, replayed])
        steps = STEPS
    layer = _dense(kernel, bias)
    layer.compile(
        optimizer=keras.optimizers.Adam(LEARNING_RATE),
        loss=keras.losses.CategoricalCrossentropy(from_logits=True, reduction="sum"),
    )
    for _ in range(steps):
        layer.train_on_batch(features, targets, weights)
    return tuple(layer.get_weights())


def _dense(kernel: np.ndarray, bias: np.ndarray) -> keras.Model:
    """Build a dense layer that is penalised for its distance from the given weights."""

    def distance_from(start):
        start = start.astype(np.float32)
        return lambda weights: DECAY / 2 * keras.ops.sum((weights - start) ** 2)

    dense = keras.layers.Dense(
        len(bias), kernel_regularizer=distance_from(kernel), bias_regularizer=distance_from(bias)
    )
    layer = keras.Sequential([keras.Input((len(kernel),)), dense])
    layer.set_weights([kernel, bias])
    return layer
