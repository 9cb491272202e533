"""Batches of network inputs for training and validation, reproducible from a seed."""

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from PIL import Image

from model.imaging import network_input, read_image
from model.release import LABELS
from train.data.augment import augment
from train.data.dataset import LabelledImage, Transform
from train.data.synthetic_negatives import synthetic_negative
from train.data.synthetic_renderings import synthetic_rendering
from train.recipes import Recipe

BATCHES_AHEAD = 2
"""Number of batches that are made while the network uses the one before."""


def training_batches(
    images: list[LabelledImage],
    recipe: Recipe,
    size: int,
    epoch: int,
    skip: int,
    labels: Sequence[str] = LABELS,
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Make the batches of one epoch, which depend only on the recipe with its seed and the epoch.

    Args:
        images: the training images, all readable.
        recipe: how to sample, augment and batch them.
        size: side of the network's input, in pixels.
        epoch: index of the epoch, from 0.
        skip: number of batches that an interrupted run has already trained on.
        labels: in the order of their indices. Without "other" there are no synthetic negatives, and
            only our own labels have synthetic renderings.

    Returns:
        Iterator of pairs of inputs, uint8 (batch, size, size, 3), values 0 to 255, and label
        indices, int32 (batch,). The last batch may be smaller.
    """
    rng = np.random.default_rng([recipe.seed, epoch])
    samples = [images[i] for i in _sample_indices(images, recipe, rng)]
    is_negative = rng.random(len(samples)) < recipe.negative_fraction * ("other" in labels)
    is_rendering = rng.random(len(samples)) < recipe.rendering_fraction

    def load(position: int) -> np.ndarray:
        rng = np.random.default_rng([recipe.seed, epoch, position])
        if is_negative[position]:
            image = synthetic_negative(rng)
        elif is_rendering[position] and samples[position].label in LABELS:
            image = synthetic_rendering(samples[position].label, rng)
        else:
            image = read_image(samples[position].path)
        if recipe.augmented:
            # Augmentation takes time in proportion to the pixels, and the network sees few of them.
            image.thumbnail((2 * size, 2 * size), Image.Resampling.BILINEAR)
            image = augment(image, rng)
        return network_input(image, size)

    targets = [
        labels.index("other" if negative else image.label)
        for negative, image in zip(is_negative, samples, strict=True)
    ]
    return _batches(load, targets, recipe.batch_size, skip)


def ordered_batches(
    images: list[LabelledImage],
    size: int,
    batch_size: int,
    labels: Sequence[str] = LABELS,
    transform: Transform | None = None,
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Make batches of every image once, in the given order.

    Args:
        images: the images, all readable.
        size: side of the network's input, in pixels.
        batch_size: number of images in a batch.
        labels: in the order of their indices.
        transform: called on each image with a generator seeded by its index.

    Returns:
        Iterator of pairs like those of ``training_batches``.
    """

    def load(position: int) -> np.ndarray:
        image = read_image(images[position].path)
        if transform:
            image = transform(image, np.random.default_rng(position))
        return network_input(image, size)

    return _batches(load, [labels.index(image.label) for image in images], batch_size)


def steps_per_epoch(images: list[LabelledImage], recipe: Recipe) -> int:
    """Return the number of batches in one epoch."""
    return number_of_batches(recipe.samples_per_epoch or len(images), recipe.batch_size)


def number_of_batches(images: int, batch_size: int) -> int:
    """Return the number of batches with all images; Keras warns if it has to find out."""
    return -(-images // batch_size)


def sampling_weights(images: list[LabelledImage], source_exponent: float) -> np.ndarray:
    """Return the probability of each image to be sampled: float64 (images,), summing to 1.

    All classes are equally likely. Within a class, a source is as likely as a power of its size,
    such as the square root, so that neither the largest nor the smallest sources dominate, and
    within a source all images are equally likely.
    """
    groups = [(image.label, image.source) for image in images]
    names, members, sizes = np.unique(groups, axis=0, return_inverse=True, return_counts=True)
    source_weights = sizes**source_exponent
    for label in np.unique(names[:, 0]):
        in_class = names[:, 0] == label
        source_weights[in_class] /= source_weights[in_class].sum()
    weights = (source_weights / sizes)[members]
    return weights / weights.sum()


def _sample_indices(
    images: list[LabelledImage], recipe: Recipe, rng: np.random.Generator
) -> np.ndarray:
    if recipe.samples_per_epoch is None:
        return rng.permutation(len(images))
    weights = sampling_weights(images, recipe.source_exponent)
    return rng.choice(len(images), recipe.samples_per_epoch, p=weights)


def _batches(
    load: Callable[[int], np.ndarray], targets: Sequence[int], batch_size: int, skip: int = 0
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    pool = ThreadPoolExecutor(os.cpu_count())
    try:
        ahead = deque()
        for start in range(skip * batch_size, len(targets), batch_size):
            indices = targets[start : start + batch_size]
            ahead.append((pool.map(load, range(start, start + len(indices))), indices))
            if len(ahead) > BATCHES_AHEAD:
                yield _stacked(*ahead.popleft())
        while ahead:
            yield _stacked(*ahead.popleft())
    finally:
        pool.shutdown(cancel_futures=True)


def _stacked(inputs: Iterable[np.ndarray], indices: Sequence[int]) -> tuple[np.ndarray, np.ndarray]:
    return np.stack(list(inputs)), np.array(indices, np.int32)
