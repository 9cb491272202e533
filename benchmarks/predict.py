"""One prediction: over HTTP, in process, and from very large files."""

import argparse
import itertools
import tempfile
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import numpy as np
from gradio_client import Client, handle_file
from PIL import Image

from benchmarks.http_client import HttpClient
from benchmarks.processes import REFERENCE, running_app
from benchmarks.rows import interleave
from model.batch_predict import bundled_classifier, predict_file
from tests.helpers.running_app import EXAMPLES, ROOT


def measure(options: argparse.Namespace) -> dict[str, list[float]]:
    """Predict by turns in the app, in a bare Interface and in this process."""
    file, image = EXAMPLES["brain"], EXAMPLES["brain"].read_bytes()
    classifier = bundled_classifier()
    size = classifier.input_size
    noise = np.random.default_rng(0).integers(0, 256, (1, size, size, 3), np.uint8)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        calls = {
            "in process": partial(predict_file, file),
            "least": lambda: (Image.open(file).load(), classifier.logits(noise)),
        }
        for bare, checkout in (("bare ", REFERENCE), ("", ROOT)):
            app = stack.enter_context(running_app(checkout, folder))
            http = HttpClient(app.url)
            client = Client(app.url, verbose=False, analytics_enabled=False)
            call = partial(client.predict, handle_file(file), api_name="/predict")
            calls[f"{bare}HTTP"] = partial(http.predict_by_gradio, image)
            calls[f"{bare}Python client"] = call
        calls["POST"] = partial(http.predict_by_post, image)
        series = interleave(calls, options.rounds, repeats=10)
        large, lossless = (_write_large(folder / name, 50) for name in ("large.jpg", "large.png"))
        calls = {
            "large JPEG": partial(predict_file, large),
            # Decoded at twice this side, of which the app's resizing makes use, too.
            "scaled decoding": lambda: Image.open(large).thumbnail((size, size)),
            "large PNG": partial(predict_file, lossless),
            "small PNG": partial(predict_file, _write_large(folder / "small.png", 1)),
        }
        series |= interleave(calls, options.rounds, repeats=1)
    series["50 small PNG"] = [50 * seconds for seconds in series["small PNG"]]
    pairs = zip(series["bare HTTP"], series["in process"], strict=True)
    return series | {"HTTP allowed": [http + 1.25 * process for http, process in pairs]}


def tiled_photograph(width: int, height: int) -> Image.Image:
    """Make a large image of copies of a photograph; enlarged, it would lose its detail."""
    photograph, tiled = Image.open(EXAMPLES["other"]), Image.new("RGB", (width, height))
    steps = zip(tiled.size, photograph.size, strict=True)
    for corner in itertools.product(*(range(0, side, step) for side, step in steps)):
        tiled.paste(photograph, corner)
    return tiled


def _write_large(file: Path, megapixels: int) -> Path:
    """Write a square image."""
    side = round((megapixels * 1e6) ** 0.5)
    tiled_photograph(side, side).save(file, quality=90, compress_level=1)
    return file
