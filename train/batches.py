"""Labelled pictures -> batches of network inputs, in an order that a seed fixes."""

import numpy as np
import tensorflow as tf

from model.imaging import network_input, read_picture
from model.release import LABELS
from train.folders import LabelledPicture


def training_batches(
    pictures: list[LabelledPicture], size: int, batch: int, *, seed: int, epoch: int, skip: int
) -> tf.data.Dataset:
    """Every picture once, shuffled; the order depends on the seed and the epoch alone.

    Args:
        pictures: what to train on.
        size: side of the network's input, in pixels.
        batch: pictures per batch; the last batch may be smaller.
        seed: of the whole run.
        epoch: counted from 0.
        skip: batches of this epoch that an interrupted run has already done.

    Returns:
        Pairs of pictures, uint8 (batch, size, size, 3), and label indices, int32 (batch,).
    """
    order = np.random.default_rng([seed, epoch]).permutation(len(pictures))
    return _batches([pictures[i] for i in order[skip * batch :]], size, batch)


def ordered_batches(pictures: list[LabelledPicture], size: int, batch: int) -> tf.data.Dataset:
    """Every picture once, in the order given; the same pairs as ``training_batches``."""
    return _batches(pictures, size, batch)


def _batches(pictures: list[LabelledPicture], size: int, batch: int) -> tf.data.Dataset:
    def load(path: bytes) -> np.ndarray:
        return network_input(read_picture(path.decode()), size)

    def load_tensor(path, label):
        pixels = tf.numpy_function(load, [path], tf.uint8, stateful=False)
        return tf.ensure_shape(pixels, (size, size, 3)), label

    paths = [str(picture.path) for picture in pictures]
    labels = np.array([LABELS.index(picture.label) for picture in pictures], np.int32)
    return (
        tf.data.Dataset.from_tensor_slices((paths, labels))
        .map(load_tensor, num_parallel_calls=2)
        .batch(batch)
        .prefetch(2)
    )
