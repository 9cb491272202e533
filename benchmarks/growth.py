"""How cost grows with the size of an image, the number of clients and the length of a folder."""

import argparse
import itertools
import statistics
import subprocess
import sys
import tempfile
from collections import defaultdict
from functools import partial
from pathlib import Path

from benchmarks.crowd import WAYS, generate_load
from benchmarks.predict import write_tiles
from benchmarks.processes import FAST_EXPIRY, running_app
from benchmarks.rows import interleave, timed
from model.batch_predict import predict_file
from tests.helpers.running_app import EXAMPLES, ROOT

MEGAPIXELS = (0.1, 0.3, 1, 3, 10, 25, 50)
FORMATS = {"JPEG": {"quality": 90}, "PNG": {"compress_level": 1}}
CLIENTS, SECONDS = (1, 2, 4, 8, 16, 32, 64), 1.5
LENGTHS = (1, 10, 100, 1000)
COMMANDS = ("python -m model", "python -m model --workers 1", "python -m model --workers 2")


def measure(options: argparse.Namespace) -> dict:
    """Measure the curves, each round by turns; the folders also show what a second worker adds."""
    with tempfile.TemporaryDirectory() as name:
        sizes = _by_size(Path(name), options.rounds)
        rates, waits = _by_clients(Path(name), options.rounds)
        folders = _by_length(Path(name), options.rounds)
    curves = {
        "predictions per second by megapixels": sizes,
        "predictions per second by clients": rates,
        "median wait in milliseconds by clients": waits,
        "seconds by images in a folder": folders,
    }
    series = {"curves": {panel: _medians(values) for panel, values in curves.items()}}
    for command in COMMANDS[1:]:
        pairs = zip(folders[command, LENGTHS[0]], folders[command, LENGTHS[-1]], strict=True)
        # Without the start, which is nearly all of the shortest folder's time.
        rates = [(LENGTHS[-1] - LENGTHS[0]) / (long - short) for short, long in pairs]
        series[command.removeprefix("python -m model ")] = rates
    return series


def _medians(rounds: dict[tuple, list[float]]) -> dict[str, list]:
    """Turn the values of rounds by (name, x) into lists of (x, median) by name."""
    curves = defaultdict(list)
    for (name, x), values in rounds.items():
        curves[name].append([x, statistics.median(values)])
    return curves


def _by_size(folder: Path, rounds: int) -> dict[tuple, list[float]]:
    calls = {}
    for kind, megapixels in itertools.product(FORMATS, MEGAPIXELS):
        file = write_tiles(folder / f"{megapixels}.{kind}", megapixels, **FORMATS[kind])
        calls[kind, megapixels] = partial(predict_file, file)
    seconds = interleave(calls, rounds, repeats=1)
    return {case: [1 / each for each in taken] for case, taken in seconds.items()}


def _by_clients(folder: Path, rounds: int) -> tuple[dict[tuple, list[float]], ...]:
    rates, waits = defaultdict(list), defaultdict(list)
    with running_app(FAST_EXPIRY, folder / "uploads") as app:
        for way in WAYS.values():
            generate_load(app.url, way, predictions=CLIENTS[-1])
        for _, way, clients in itertools.product(range(rounds), WAYS, CLIENTS):
            seconds, _, rate = generate_load(app.url, WAYS[way], clients, SECONDS)
            rates[way, clients].append(rate)
            waits[way, clients].append(1000 * statistics.median(seconds))
    return rates, waits


def _by_length(folder: Path, rounds: int) -> dict[tuple, list[float]]:
    seconds = {case: [] for case in itertools.product(COMMANDS, LENGTHS)}
    for length in LENGTHS:
        (folder / str(length)).mkdir()
        for i, image in zip(range(length), itertools.cycle(EXAMPLES.values()), strict=False):
            (folder / str(length) / f"{i:06}{image.suffix}").symlink_to(image)
    out = folder / "predictions.jsonl"
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    for _, (command, length) in itertools.product(range(rounds), seconds):
        out.unlink(missing_ok=True)  # The command would resume.
        arguments = [*command.split()[1:], folder / str(length)]
        arguments += ["--out", out] if "--workers" in command else []
        run = partial(subprocess.run, [sys.executable, *arguments], cwd=ROOT, check=True, **quiet)
        seconds[command, length].append(timed(run))
    return seconds
