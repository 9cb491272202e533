"""How cost grows with the size of an image, the length of a folder and the number of workers."""

import argparse
import itertools
import subprocess
import sys
import tempfile
from functools import partial
from pathlib import Path

from benchmarks.predict import write_tiles
from benchmarks.rows import interleave, timed
from model.batch_predict import predict_file
from tests.helpers.running_app import EXAMPLES, ROOT

LENGTHS = (1, 100, 1000)  # Images; a single one takes little more than the start of the command.
OPTIONS = ("", "--workers 1", "--workers 2")  # Of ``python -m model``.


def measure(options: argparse.Namespace) -> dict[str, list[float]]:
    """Measure each size, folder and option by turns in every round."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        images = {
            f"{size} megapixels": partial(
                predict_file, write_tiles(folder / f"{size}.png", size, compress_level=1)
            )
            for size in (1, 50)
        }
        series = interleave(images, options.rounds, repeats=1)
        series["50 images"] = [50 * seconds for seconds in series["1 megapixels"]]
        for length in LENGTHS:
            (folder / str(length)).mkdir()
            for i, image in zip(range(length), itertools.cycle(EXAMPLES.values()), strict=False):
                (folder / str(length) / f"{i:06}{image.suffix}").symlink_to(image)
        for _, workers in itertools.product(range(options.rounds), OPTIONS):
            single, *seconds = (timed(_predict_folder, folder, n, workers) for n in LENGTHS)
            for length, taken in zip(LENGTHS[1:], seconds, strict=True):
                rate = (length - 1) / (taken - single)
                series.setdefault(f"{workers} {length}".strip(), []).append(rate)
    return series


def _predict_folder(folder: Path, length: int, workers: str) -> None:
    out = folder / "predictions.jsonl"
    out.unlink(missing_ok=True)  # The command would resume.
    command = [sys.executable, "-m", "model", *workers.split(), "--out", out, folder / str(length)]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    subprocess.run(command, cwd=ROOT, check=True, **quiet)
