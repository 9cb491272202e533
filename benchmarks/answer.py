"""One warm answer: over HTTP, through the Python client, and in process."""

import argparse
import statistics
import tempfile
from contextlib import ExitStack
from pathlib import Path

from gradio_client import Client, handle_file

from benchmarks.http import Caller, Connection
from benchmarks.processes import REFERENCE, App, Worker
from benchmarks.rounds import Row, compare, interleave, timed
from tests.helpers.running_app import EXAMPLES, ROOT

CALLS_PER_ROUND = 10


def measure(options: argparse.Namespace) -> list[Row]:
    """Both apps and both ways in process, asked in turn about the same picture."""
    file = EXAMPLES["brain"]
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        calls = {}
        for name, checkout in (("app", ROOT), ("bare", REFERENCE)):
            app = stack.enter_context(App(checkout, folder))
            app.wait()
            calls[name] = stack.enter_context(Caller(app.url, file.read_bytes()))
            calls[f"{name} by client"] = _client_call(app.url, file)
            if name == "app":
                direct = Caller(app.url, file.read_bytes(), Connection.ask_directly)
                calls["app directly"] = stack.enter_context(direct)
        for task in ("answer", "decode_and_forward", "original_answer"):
            calls[task] = stack.enter_context(Worker(task, str(file))).call
        seconds = interleave(calls, options.rounds, CALLS_PER_ROUND)
    allowed = [
        bare + 1.25 * answer
        for bare, answer in zip(seconds["bare"], seconds["answer"], strict=True)
    ]
    return [
        compare(
            "`/predict` over HTTP, kept connection",
            seconds["app"],
            "a bare Interface "
            f"({1000 * statistics.median(seconds['bare']):.1f} ms) and 1.25 times file to answer",
            allowed,
            at_most=1,
        ),
        compare(
            "`POST /predict`, one request, kept connection",
            seconds["app directly"],
            "file to answer in process",
            seconds["answer"],
        ),
        compare(
            "`/predict` through the Python client",
            seconds["app by client"],
            "a bare Interface through it",
            seconds["bare by client"],
            at_most=1.15,
        ),
        compare(
            "file to answer in process",
            seconds["answer"],
            "the original project's way",
            seconds["original_answer"],
            at_most=0.1,
        ),
        compare(
            "file to answer in process",
            seconds["answer"],
            "decoding by Pillow and the forward pass by LiteRT alone",
            seconds["decode_and_forward"],
        ),
    ]


def _client_call(url: str, file: Path):
    client = Client(url, verbose=False, analytics_enabled=False)
    return lambda: timed(lambda: client.predict(handle_file(file), api_name="/predict"))
