"""A training step: how much of it is the network and how much the input pipeline."""

import argparse
import itertools
from collections import defaultdict

import keras

from benchmarks.rows import timed
from model.release import LABELS, read_release
from tests.helpers.running_app import EXAMPLES
from train.data.batches import BATCHES_AHEAD, training_batches
from train.data.dataset import LabelledImage
from train.fit import initial_network
from train.networks import input_size
from train.recipes import load_recipe

STEPS = 12


def measure(options: argparse.Namespace) -> dict[str, list[float]]:
    """Time the network and whole training steps by turns, in seconds per image."""
    recipe = load_recipe("finetuned")
    images = [LabelledImage(file, label, label) for label, file in EXAMPLES.items()]
    network = initial_network(recipe, LABELS, read_release())
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    network.compile("adam", loss, metrics=["accuracy"])

    def batches(count):
        iterator = iter(training_batches(images, recipe, input_size(network), epoch=0, skip=0))
        # They are made before the timing starts, and would seem to cost nothing.
        list(itertools.islice(iterator, BATCHES_AHEAD))
        return itertools.islice(iterator, count)

    def seconds_per_image(batches):
        steps = itertools.starmap(network.train_on_batch, batches)
        return timed(list, steps) / STEPS / recipe.batch_size

    fixed = list(batches(1))
    seconds_per_image(fixed)  # Compiles the network.
    series = defaultdict(list)
    for _ in range(options.rounds):
        series["network"].append(seconds_per_image(fixed * STEPS))
        # Made only now, because its threads work from its start to its end.
        series["step"].append(seconds_per_image(batches(STEPS)))
    return series
