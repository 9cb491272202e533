"""The start: seconds until the page opens and until it can predict, and the memory then."""

import argparse
import contextlib
import itertools
import statistics
import tempfile
import time
import urllib.error
import urllib.request
from collections import defaultdict
from pathlib import Path

from benchmarks.http_client import HttpClient
from benchmarks.processes import REFERENCE, memory, running_app
from benchmarks.rows import timed
from tests.helpers.running_app import EXAMPLES, ROOT


def measure(options: argparse.Namespace) -> dict[str, list[float]]:
    """Start a bare Interface and the app once in each round."""
    series = defaultdict(list)
    with tempfile.TemporaryDirectory() as folder:
        starts = itertools.product(range(options.rounds), (("bare ", REFERENCE), ("", ROOT)))
        for _, (prefix, checkout) in starts:
            for name, value in _start(checkout, Path(folder)).items():
                series[prefix + name].append(value)
    return series


def _start(checkout: Path, uploads: Path) -> dict[str, float]:
    start, page = time.perf_counter(), b""
    app = running_app(checkout, uploads)
    while not page and app.process.poll() is None:
        time.sleep(0.01)
        with contextlib.suppress(urllib.error.URLError):
            page = urllib.request.urlopen(app.url).read()
    measured = {"page": time.perf_counter() - start}
    with app:
        measured["ready"] = time.perf_counter() - start
        client, image = HttpClient(app.url), EXAMPLES["brain"].read_bytes()
        first, *warm = (timed(client.predict_by_gradio, image) for _ in range(16))
        measured |= {"first prediction": first, "warm prediction": statistics.median(warm)}
        client.close()
        return measured | {"memory": memory(app.process.pid)}
