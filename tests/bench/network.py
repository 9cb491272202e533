"""The forward pass beside the processor's peak and beside another engine; all on one core."""

import argparse
from contextlib import ExitStack

from tests.bench.processes import Worker
from tests.bench.rounds import Row, compare, interleave

BATCH = 8
CALLS_PER_ROUND = 40


def measure(options: argparse.Namespace) -> list[Row]:
    """Forward passes, matrix products and convolutions in turn."""
    tasks = {
        "one": ("forward",),
        "batch": ("forward", str(BATCH)),
        "lite": ("lite_forward",),
        "dense": ("dense_convolutions",),
        "peak": ("matrix_product",),
    }
    with ExitStack() as stack:
        workers = {name: stack.enter_context(Worker(*task)) for name, task in tasks.items()}
        calls = {name: worker.call for name, worker in workers.items()}
        seconds = interleave(calls, options.rounds, CALLS_PER_ROUND)
        speed = {
            name: [worker.facts["flop"] / taken / 1e9 for taken in seconds[name]]
            for name, worker in workers.items()
            if "flop" in worker.facts
        }
    peak = ("a float32 matrix product", speed["peak"], "GFLOP/s")
    each = [taken / BATCH for taken in seconds["batch"]]
    return [
        compare(
            "forward pass",
            seconds["one"],
            "TensorFlow Lite (XNNPACK), same network",
            seconds["lite"],
            at_most=1.25,
        ),
        compare("speed of the dense convolutions", speed["dense"], *peak, at_least=0.4),
        compare("speed of the whole forward pass", speed["one"], *peak),
        compare(
            f"forward pass per picture in a batch of {BATCH}", each, "on its own", seconds["one"]
        ),
    ]
