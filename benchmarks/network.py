"""The forward pass beside the processor's peak and beside other engines; all on one core."""

import argparse
from contextlib import ExitStack

from benchmarks.processes import Worker
from benchmarks.rounds import Row, compare, interleave

CALLS_PER_ROUND = 40


def measure(options: argparse.Namespace) -> list[Row]:
    """Forward passes by three engines, and matrix products, in turn."""
    tasks = {
        "app": ("forward",),
        "lite": ("lite_forward",),
        "tensorflow": ("tensorflow_forward",),
        "peak": ("matrix_product",),
    }
    with ExitStack() as stack:
        workers = {name: stack.enter_context(Worker(*task)) for name, task in tasks.items()}
        calls = {name: worker.call for name, worker in workers.items()}
        seconds = interleave(calls, options.rounds, CALLS_PER_ROUND)
        speed = {
            name: [workers[name].facts["flop"] / taken / 1e9 for taken in seconds[name]]
            for name in ("app", "peak")
        }
    return [
        compare(
            "forward pass",
            seconds["app"],
            "a bare LiteRT interpreter, same network",
            seconds["lite"],
            at_most=1.25,
        ),
        compare("forward pass", seconds["app"], "a TensorFlow graph", seconds["tensorflow"]),
        compare(
            "speed of the whole forward pass",
            speed["app"],
            "a float32 matrix product",
            speed["peak"],
            "GFLOP/s",
            at_least=0.4,
        ),
    ]
