"""The start: seconds until the page opens and until it can predict, and the memory then."""

import argparse
import contextlib
import socket
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

WARM_PREDICTIONS = 15


def measure(options: argparse.Namespace) -> dict[str, list[float]]:
    """Start a bare Interface, the app with a hanging Hub, and the app, once in each round."""
    series = defaultdict(list)
    with tempfile.TemporaryDirectory() as folder, socket.create_server(("127.0.0.1", 0)) as silent:
        # A Hub that accepts connections and never replies is the worst case for a start.
        hub = f"http://127.0.0.1:{silent.getsockname()[1]}"
        hanging = {"HF_HUB_OFFLINE": "0", "HF_ENDPOINT": hub, "HF_HOME": folder}
        for _ in range(options.rounds):
            for prefix, checkout, environment in (
                ("bare ", REFERENCE, {}),
                ("hanging ", ROOT, hanging),
                ("", ROOT, {}),
            ):
                for name, value in _start(checkout, folder, **environment).items():
                    series[prefix + name].append(value)
    return series


def _start(checkout: Path, folder: str, **environment) -> dict[str, float]:
    start = time.perf_counter()
    with running_app(checkout, Path(folder), wait=False, **environment) as app:
        page = b""
        while not page:
            time.sleep(0.01)
            with contextlib.suppress(urllib.error.URLError):
                page = urllib.request.urlopen(app.url).read()
        measured = {"page": time.perf_counter() - start}
        app.wait()
        measured["ready"] = time.perf_counter() - start
        client, image = HttpClient(app.url), EXAMPLES["brain"].read_bytes()
        measured["first prediction"] = timed(client.predict_by_gradio, image)
        warm = [timed(client.predict_by_gradio, image) for _ in range(WARM_PREDICTIONS)]
        measured["warm prediction"] = statistics.median(warm)
        measured["memory"] = memory(app.process.pid)
        client.close()
        return measured
