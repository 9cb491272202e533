"""Many clients at once: predictions per second, waits, errors, memory and uploads left behind."""

import argparse
import itertools
import random
import statistics
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import ExitStack
from http.client import HTTPException
from multiprocessing import get_context
from pathlib import Path

from benchmarks.http_client import HttpClient
from benchmarks.processes import FAST_EXPIRY, REFERENCE, memory, running_app
from benchmarks.rows import timed
from model.batch_predict import bundled_classifier, predict_file
from tests.helpers.running_app import EXAMPLES

WAYS = {"Gradio": HttpClient.predict_by_gradio, "POST": HttpClient.predict_by_post}
CLIENTS = 64
SECONDS = 12  # Of each target in a round.
PREDICTIONS = 10_000  # Between two looks at memory.
CORES = 2  # Those of a Space.
EXPIRY_SECONDS = 30  # The app in FAST_EXPIRY keeps uploads for less.


def generate_load(
    url: str, predict: Callable, clients: int = CLIENTS, seconds=900, predictions=float("inf")
) -> tuple[list[float], list[str], float]:
    """Let clients request one prediction after another until the time or the number is reached.

    Returns:
        The seconds of each prediction, the errors, and the predictions per second.
    """
    waits, errors, start = [], [], time.perf_counter()
    images = itertools.cycle([file.read_bytes() for file in EXAMPLES.values()])

    def visit(client: HttpClient):
        for image in images:
            begin = time.perf_counter()
            try:
                # Gradio takes each for a new file; decoders ignore what follows the image.
                predict(client, image + random.randbytes(16))
                waits.append(time.perf_counter() - begin)
            except (RuntimeError, HTTPException, OSError) as error:
                errors.append(repr(error))
                client.close()
                time.sleep(0.1)
            if time.perf_counter() > start + seconds or len(waits) >= predictions:
                break
        client.close()

    with ThreadPoolExecutor(clients) as threads:
        list(threads.map(visit, [HttpClient(url) for _ in range(clients)]))
    return waits, errors, len(waits) / (time.perf_counter() - start)


def measure(options: argparse.Namespace) -> dict[str, list[float]]:
    """Load the app in both ways and the references by turns; then look at the app's memory."""
    series, errors = defaultdict(list), defaultdict(list)
    with ExitStack() as stack:
        uploads = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        app = stack.enter_context(running_app(FAST_EXPIRY, uploads / "app"))
        bare = stack.enter_context(running_app(REFERENCE, uploads / "bare"))
        processes = stack.enter_context(ProcessPoolExecutor(CORES, get_context("spawn")))
        targets = {way: (app.url, predict) for way, predict in WAYS.items()}
        targets["bare"] = bare.url, HttpClient.predict_by_gradio

        def load(target: str, **amount) -> tuple[float, float]:
            waits, new_errors, rate = generate_load(*targets[target], **amount)
            errors[target] += new_errors
            return rate, statistics.median(waits)

        def upper_bound() -> float:
            return sum(processes.map(_predictions_per_second, range(CORES)))

        def median_memory(way: str) -> float:
            looks = ((load(way, predictions=250), memory(app.process.pid)) for _ in range(10))
            return statistics.median(megabytes for _, megabytes in looks)

        upper_bound()  # Starts the processes.
        for target in targets:
            load(target, predictions=CLIENTS)
        for _ in range(options.rounds):
            for target in targets:
                rate, wait = load(target, seconds=SECONDS)
                series[f"{target} rate"].append(rate)
                series[f"{target} wait"].append(wait)
                series[f"{target} fair wait"].append(CLIENTS / rate)
            series["upper bound"].append(upper_bound())
        for way in WAYS:
            # The heap grows over the first thousands of predictions and then stays.
            load(way, predictions=PREDICTIONS // 2)
            series[f"{way} memory before"] = [median_memory(way)]
            load(way, predictions=PREDICTIONS)
            series[f"{way} memory after"] = [median_memory(way)]
            series[f"{way} errors"] = [len(errors[way])]
            print(*sorted(set(errors[way])), sep="\n", end="")
        time.sleep(EXPIRY_SECONDS)
        left = sum(file.is_file() for file in (uploads / "app").rglob("*"))
    return series | {"uploads left": [left], "none": [0]}


def _predictions_per_second(_) -> float:
    images = list(EXAMPLES.values()) * 100
    bundled_classifier()
    return len(images) / timed(lambda: [predict_file(image) for image in images])
