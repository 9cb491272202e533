"""How the cost of ``python -m model`` grows with a folder's length and the number of workers."""

import argparse
import itertools
import subprocess
import sys
import tempfile
from collections import defaultdict
from pathlib import Path

from benchmarks.rows import timed
from tests.helpers.running_app import EXAMPLES, ROOT

LENGTHS = (1, 100, 1000)  # Images; a single one takes little more than the start of the command.
OPTIONS = ("", "--workers 1", "--workers 2")  # Of ``python -m model``.


def measure(options: argparse.Namespace) -> dict[str, list[float]]:
    """Measure each folder and option by turns in every round, in images per second."""
    series = defaultdict(list)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for length in LENGTHS:
            (folder / str(length)).mkdir()
            for i, image in zip(range(length), itertools.cycle(EXAMPLES.values()), strict=False):
                (folder / str(length) / f"{i:06}{image.suffix}").symlink_to(image)
        for _, workers in itertools.product(range(options.rounds), OPTIONS):
            single, *seconds = (timed(_predict_folder, folder, n, workers) for n in LENGTHS)
            for length, taken in zip(LENGTHS[1:], seconds, strict=True):
                series[f"{workers} {length}".strip()].append((length - 1) / (taken - single))
    return series


def _predict_folder(folder: Path, length: int, workers: str) -> None:
    out = folder / "predictions.jsonl"
    out.unlink(missing_ok=True)  # The command would resume.
    command = [sys.executable, "-m", "model", *workers.split(), "--out", out, folder / str(length)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
