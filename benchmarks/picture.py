"""A large photograph."""

import argparse
import tempfile
from contextlib import ExitStack
from pathlib import Path

from PIL import Image

from benchmarks.processes import Worker
from benchmarks.rounds import Row, compare, interleave
from tests.helpers.running_app import EXAMPLES

SIZE = 8192, 6144
"""50 megapixels."""


def measure(options: argparse.Namespace) -> list[Row]:
    """File to answer beside what libjpeg needs for as many pixels as the network can use."""
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        file = str(Path(folder) / "large.jpg")
        tiles(Image.open(EXAMPLES["other"]), SIZE).save(file, quality=90)
        ours = stack.enter_context(Worker("large_answer", file))
        scaled = stack.enter_context(Worker("scaled_decode", file))
        seconds = interleave({"ours": ours.call, "scaled": scaled.call}, options.rounds, repeats=1)
    whole = SIZE[0] * SIZE[1] * 3 / 2**20
    return [
        compare(
            "JPEG of 50 megapixels, file to answer",
            seconds["ours"],
            "libjpeg's decoding at the scale needed",
            seconds["scaled"],
            at_most=1.5,
        ),
        compare(
            "memory that it takes",
            [ours.facts["megabytes"]],
            "the whole bitmap",
            [whole],
            unit="MB",
            at_most=1,
        ),
    ]


def tiles(picture: Image.Image, size: tuple[int, int]) -> Image.Image:
    """As many copies of a photograph as fill the size: enlarging it would leave it no detail."""
    large = Image.new("RGB", size)
    for left in range(0, size[0], picture.width):
        for top in range(0, size[1], picture.height):
            large.paste(picture, (left, top))
    return large
