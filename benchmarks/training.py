"""A training step: what of it is the network, and what a whole recipe takes."""

import argparse
import statistics

from benchmarks.processes import Worker
from benchmarks.rounds import Row, compare

STEPS = 12

ORIGINAL_SECONDS = 0.066
"""Per picture and step, as the original project's author reports of his machine."""


def measure(options: argparse.Namespace) -> list[Row]:
    """The released network's recipe, step by step."""
    with Worker("training", options.data, str(STEPS)) as worker:
        rounds = [worker.call() for _ in range(options.rounds)]
        batch, pictures = worker.facts["batch"], worker.facts["pictures"]
    seconds = {name: [measured[name] / STEPS / batch for measured in rounds] for name in rounds[0]}
    hours = pictures * statistics.median(seconds["step"]) / 3600
    return [
        compare(
            "training step per picture: the network alone",
            seconds["network"],
            "with its input pipeline",
            seconds["step"],
            at_least=0.85,
        ),
        compare(
            "input pipeline alone, per picture",
            seconds["batches"],
            "with the network",
            seconds["step"],
        ),
        compare(
            f"training step per picture ({pictures:,} of them: {hours:.1f} hours)",
            seconds["step"],
            "the original network on its author's machine",
            [ORIGINAL_SECONDS] * options.rounds,
        ),
    ]
