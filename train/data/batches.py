"""Labelled pictures -> batches of network inputs, in an order that a seed fixes."""

import numpy as np
import tensorflow as tf

from model.imaging import network_input, read_image
from model.release import LABELS
from train.data.augment import augment
from train.data.dataset import LabelledImage
from train.data.synthetic_negatives import nothing
from train.recipes import Recipe


def training_batches(
    pictures: list[LabelledImage], recipe: Recipe, size: int, epoch: int, skip: int
) -> tf.data.Dataset:
    """The batches of one epoch; they depend on the recipe (with its seed) and the epoch alone.

    Args:
        pictures: what to train on.
        recipe: says what to draw and whether to vary it.
        size: side of the network's input, in pixels.
        epoch: counted from 0.
        skip: batches of this epoch that an interrupted run has already done.

    Returns:
        Pairs of pictures, uint8 (batch, size, size, 3), and label indices, int32 (batch,); the
        last batch may be smaller.
    """
    rng = np.random.default_rng([recipe.seed, epoch])
    drawn = [pictures[i] for i in _draw(pictures, recipe, rng)]
    made_up = rng.random(len(drawn)) < recipe.negative_fraction

    def load(position: int) -> np.ndarray:
        rng = np.random.default_rng([recipe.seed, epoch, position])
        picture = nothing(rng) if made_up[position] else read_image(drawn[position].path)
        if recipe.augmented:
            # Variations cost by the pixel, and the network sees only so many of them.
            picture.thumbnail((2 * size, 2 * size))
            picture = augment(picture, rng)
        return network_input(picture, size)

    labels = [
        "other" if none else picture.label for none, picture in zip(made_up, drawn, strict=True)
    ]
    return _batches(load, labels, size, recipe.batch_size, skip)


def ordered_batches(pictures: list[LabelledImage], size: int, batch: int) -> tf.data.Dataset:
    """Every picture once, in the order given; the same pairs as ``training_batches``."""

    def load(position: int) -> np.ndarray:
        return network_input(read_image(pictures[position].path), size)

    return _batches(load, [picture.label for picture in pictures], size, batch)


def steps_per_epoch(pictures: list[LabelledImage], recipe: Recipe) -> int:
    """Number of batches of one epoch."""
    return -(-(recipe.samples_per_epoch or len(pictures)) // recipe.batch_size)


def _draw(pictures: list[LabelledImage], recipe: Recipe, rng: np.random.Generator) -> np.ndarray:
    """Indices of the pictures of one epoch, shuffled.

    Without ``recipe.samples_per_epoch`` that is every picture once. With it, as many are drawn, by
    ``draw_weights``.
    """
    if recipe.samples_per_epoch is None:
        return rng.permutation(len(pictures))
    return rng.choice(len(pictures), recipe.samples_per_epoch, p=draw_weights(pictures))


def draw_weights(pictures: list[LabelledImage]) -> np.ndarray:
    """How probably each picture is drawn: float array (pictures,), summing to 1.

    The class is drawn first, evenly; then the source, by the square root of its size, so that
    neither the largest nor the smallest sources rule; then a picture.
    """
    groups = [(picture.label, picture.source) for picture in pictures]
    names, members, sizes = np.unique(groups, axis=0, return_inverse=True, return_counts=True)
    source_weights = np.sqrt(sizes)
    for label in LABELS:
        of_class = names[:, 0] == label
        source_weights[of_class] /= source_weights[of_class].sum()
    weights = (source_weights / sizes)[members]
    return weights / weights.sum()


def _batches(load, labels, size, batch, skip=0) -> tf.data.Dataset:
    def load_tensor(position, label):
        pixels = tf.numpy_function(load, [position], tf.uint8, stateful=False)
        return tf.ensure_shape(pixels, (size, size, 3)), label

    positions = np.arange(len(labels))[skip * batch :]
    indices = np.array([LABELS.index(label) for label in labels], np.int32)[positions]
    return (
        tf.data.Dataset.from_tensor_slices((positions, indices))
        .map(load_tensor, num_parallel_calls=2)
        .batch(batch)
        .prefetch(2)
    )
