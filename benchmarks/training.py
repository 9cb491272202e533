"""A training step: how much of it is the network and how much the input pipeline."""

import argparse
import itertools

import keras

from benchmarks.rows import timed
from tests.helpers.running_app import EXAMPLES
from train.data.batches import training_batches
from train.data.dataset import LabelledImage, read_dataset
from train.networks import NETWORKS, input_size
from train.recipes import load_recipe

STEPS = 12
PREFETCHED = 3  # Batches that the input pipeline makes ahead and that would seem to cost nothing.


def measure(options: argparse.Namespace) -> dict[str, list[float]]:
    """Time the network and whole training steps by turns, in seconds per image."""
    recipe = load_recipe("efficientnet_lite0")
    images = [LabelledImage(file, label, label) for label, file in EXAMPLES.items()]
    images = read_dataset(options.data)["train"] if options.data else images
    network = NETWORKS[recipe.network]()
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    network.compile("adam", loss, metrics=["accuracy"])

    def batches(count):
        iterator = iter(training_batches(images, recipe, input_size(network), epoch=0, skip=0))
        for _ in range(PREFETCHED):
            next(iterator)
        return itertools.islice(iterator, count)

    def train(batches):
        for batch in batches:
            network.train_on_batch(*batch)

    fixed = list(batches(1))
    train(fixed)  # Compiles the network.
    series = {"network": [], "step": []}
    for _ in range(options.rounds):
        for name, data in (("network", fixed * STEPS), ("step", batches(STEPS))):
            series[name].append(timed(train, data) / STEPS / recipe.batch_size)
    return series
