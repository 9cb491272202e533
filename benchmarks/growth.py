"""How cost grows: with the size of pictures, with clients, with a folder's length, with workers."""

import argparse
import itertools
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from PIL import Image

from benchmarks.crowd import WAYS, Crowd
from benchmarks.growth_plot import plot_growth
from benchmarks.picture import tiles
from benchmarks.processes import HURRIED, App, Worker
from benchmarks.report import GROWTH, GROWTH_PLOT
from benchmarks.rounds import Row, compare, timed
from model import bulk
from tests.helpers.running_app import EXAMPLES, ROOT

MEGAPIXELS = (0.1, 0.3, 1, 3, 10, 25, 50)
CLIENTS = (1, 2, 4, 8, 16, 32, 64)
WORKERS = (1, 2)

FORMATS = {"JPEG": {"quality": 90}, "PNG": {"compress_level": 1}}
"""How the pictures of each size are saved."""


def measure(options: argparse.Namespace) -> list[Row]:
    """All four, each round in turn over what it varies; kept with a plot.

    A round of clients takes a part of ``options.seconds``; the longest folder has
    ``options.pictures``.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        workers = _by_workers(folder, options)
        growth = {
            "pictures": _by_size(folder, options),
            "clients": _by_clients(folder, options),
            "folders": _by_length(folder, options),
            "workers": _medians(workers),
        }
    few, many = WORKERS[0], WORKERS[-1]
    row = compare(
        f"bulk work: pictures a second of {many} workers",
        workers[many],
        f"{few} worker",
        workers[few],
        unit="/s",
    )
    growth["speed-up"] = row.ratio
    GROWTH.write_text(json.dumps(growth, indent=2) + "\n", encoding="utf-8")
    plot_growth(growth, GROWTH_PLOT)
    return [row]


def _by_size(folder: Path, options: argparse.Namespace) -> dict:
    """Pictures a second in process, by format and megapixels."""
    photograph = Image.open(EXAMPLES["other"])
    files = {}
    for megapixels in MEGAPIXELS:
        side = round((megapixels * 1e6) ** 0.5)
        picture = tiles(photograph, (side, side))
        for kind, settings in FORMATS.items():
            files[kind, megapixels] = folder / f"{megapixels}.{kind.lower()}"
            picture.save(files[kind, megapixels], **settings)
    with Worker("answer", *map(str, files.values())) as worker:
        # It takes one file after the other; the first time of each does not count.
        rounds = [[worker.call() for _ in files] for _ in range(options.rounds + 1)][1:]
    rates = {
        case: [1 / seconds for seconds in taken]
        for case, taken in zip(files, zip(*rounds, strict=True), strict=True)
    }
    return {kind: _medians({m: rates[kind, m] for m in MEGAPIXELS}) for kind in FORMATS}


def _by_clients(folder: Path, options: argparse.Namespace) -> dict:
    """Answers a second and their median wait, by way and the number of clients at once."""
    rates, waits = {way: {} for way in WAYS}, {way: {} for way in WAYS}
    with App(HURRIED, folder / "uploads") as app:
        app.wait()
        crowds = {
            (way, clients): Crowd(app.url, clients, ask)
            for way, ask in WAYS.items()
            for clients in CLIENTS
        }
        for way in WAYS:
            crowds[way, CLIENTS[-1]].ask(answers=CLIENTS[-1])
        for _, ((way, clients), crowd) in itertools.product(range(options.rounds), crowds.items()):
            crowd.ask(options.seconds / options.rounds / 8)
            if crowd.errors:
                raise RuntimeError(f"{clients} clients {way}: {crowd.errors[0]}")
            rates[way].setdefault(clients, []).append(crowd.rate)
            waits[way].setdefault(clients, []).append(statistics.median(crowd.waits))
    return {
        way: {"answers a second": _medians(rates[way]), "median wait": _medians(waits[way])}
        for way in WAYS
    }


def _by_length(folder: Path, options: argparse.Namespace) -> dict:
    """Seconds of the commands, start included, by the number of pictures in a folder."""
    lengths = [10**i for i in range(len(str(options.pictures)))]
    folders = {length: _folder(folder / str(length), length) for length in lengths}
    workers = WORKERS[-1]
    out = folder / "answers.jsonl"
    commands = {
        "python -m model": ("model",),
        f"python -m model.bulk --workers {workers}": (
            *("model.bulk", "--workers", str(workers)),
            *("--out", str(out)),
        ),
    }
    seconds = {name: {length: [] for length in lengths} for name in commands}
    cases = itertools.product(range(options.rounds), lengths, commands)
    for _, length, name in cases:
        out.unlink(missing_ok=True)
        command = [sys.executable, "-m", *commands[name], str(folders[length])]
        seconds[name][length].append(timed(lambda command=command: _run(command)))
    return {name: _medians(taken) for name, taken in seconds.items()}


def _by_workers(folder: Path, options: argparse.Namespace) -> dict[int, list[float]]:
    """Pictures a second of bulk work whose workers have started, by their number, each round."""
    files = sorted(_folder(folder / "bulk", options.pictures).iterdir())
    rates = {workers: [] for workers in WORKERS}
    for _, workers in itertools.product(range(options.rounds), WORKERS):
        with bulk.engine(workers) as client:
            # Each of them loads the network with its first batch.
            list(bulk.answers(files[: 4 * workers * bulk.BATCH], client))
            start = time.perf_counter()
            answered = sum(1 for _ in bulk.answers(files, client))
            rates[workers].append(answered / (time.perf_counter() - start))
    return rates


def _folder(folder: Path, length: int) -> Path:
    """A folder of so many pictures."""
    folder.mkdir()
    for i, picture in zip(range(length), itertools.cycle(EXAMPLES.values()), strict=False):
        (folder / f"{i:06}{picture.suffix}").symlink_to(picture)
    return folder


def _run(command: list[str]) -> None:
    subprocess.run(
        command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )


def _medians(values: dict) -> list[list[float]]:
    """Pairs of what varies and the median over the rounds."""
    return [[x, statistics.median(rounds)] for x, rounds in values.items()]
