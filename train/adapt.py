"""Adapt the last layer of the released network to a small folder of images, in minutes."""

import numpy as np

from model.classifier import softmax

STEPS = 60
"""Steps of Adam on all features at once, few enough to stay close to the released network."""

NEW_LAYER_STEPS = 300
"""The same for a new last layer, which has nothing to stay close to."""

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
    start = np.concatenate([kernel, bias[None]])
    layer, mean, square = start.copy(), np.zeros_like(start), np.zeros_like(start)
    inputs = np.concatenate([features, np.ones((len(features), 1))], axis=1).astype(np.float32)
    for step in range(1, steps + 1):
        errors = (softmax(inputs @ layer, 1) - targets) * weights[:, None]
        gradient = inputs.T @ errors.astype(np.float32) + DECAY * (layer - start)
        # Adam, Kingma and Ba 2015.
        mean = 0.9 * mean + 0.1 * gradient
        square = 0.999 * square + 0.001 * gradient**2
        scale = np.sqrt(square / (1 - 0.999**step)) + 1e-8
        layer = layer - LEARNING_RATE * (mean / (1 - 0.9**step)) / scale
    return layer[:-1], layer[-1]
