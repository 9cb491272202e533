"""The start: seconds until the page answers and until a picture can be, and the memory then."""

import argparse
import socket
import statistics
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

from benchmarks.http import Caller
from benchmarks.processes import REFERENCE, App, Worker
from benchmarks.rounds import Row, compare
from tests.helpers.running_app import EXAMPLES, ROOT

WARM_CALLS = 15


def measure(options: argparse.Namespace) -> list[Row]:
    """One start of everything per round."""
    seen = {}
    with tempfile.TemporaryDirectory() as folder, socket.create_server(("127.0.0.1", 0)) as silent:
        # A Hub that takes connections and says nothing is the worst that can happen to a start.
        hub = f"http://127.0.0.1:{silent.getsockname()[1]}"
        for _ in range(options.rounds):
            measured = {
                "bare page": _until_page(REFERENCE, folder),
                "page without a Hub": _until_page(
                    ROOT, folder, HF_HUB_OFFLINE="0", HF_ENDPOINT=hub, HF_HOME=folder
                ),
                **_start(folder),
            }
            with Worker("imports") as both:
                measured |= {f"imports {name}": value for name, value in both.facts.items()}
            for name, value in measured.items():
                seen.setdefault(name, []).append(value)
    return [
        compare(
            "start to page",
            seen["page"],
            "start of a bare Interface to its page",
            seen["bare page"],
            at_most=1.25,
        ),
        compare(
            "start to page while the Hub hangs",
            seen["page without a Hub"],
            "start of a bare Interface to its page",
            seen["bare page"],
            at_most=1.25,
        ),
        compare(
            "start to ready to predict",
            seen["ready"],
            "import of gradio and tensorflow in two threads",
            seen["imports seconds"],
            at_most=1.2,
        ),
        compare("first answer", seen["first"], "a warm one", seen["warm"], at_most=2),
        compare(
            "memory after the first answers",
            seen["megabytes"],
            "gradio, tensorflow and the weights",
            seen["imports megabytes"],
            unit="MB",
            at_most=1.15,
        ),
    ]


def _start(folder: str) -> dict[str, float]:
    picture = EXAMPLES["brain"].read_bytes()
    start = time.perf_counter()
    with App(ROOT, Path(folder)) as app:
        _wait_for_page(app)
        page = time.perf_counter() - start
        app.wait()
        ready = time.perf_counter() - start
        with Caller(app.url, picture) as ask:
            first = ask()
            warm = statistics.median(ask() for _ in range(WARM_CALLS))
        return {
            "page": page,
            "ready": ready,
            "first": first,
            "warm": warm,
            "megabytes": app.memory(),
        }


def _until_page(checkout: Path, folder: str, **environment: str) -> float:
    start = time.perf_counter()
    with App(checkout, Path(folder), **environment) as app:
        _wait_for_page(app)
        return time.perf_counter() - start


def _wait_for_page(app: App) -> None:
    while True:
        try:
            with urllib.request.urlopen(app.url) as page:
                page.read()
                return
        except urllib.error.URLError:
            time.sleep(0.01)
