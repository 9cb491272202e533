"""Measure whether predictions change because the page reduces large photos before it sends them."""

import functools
import io
from pathlib import Path

import numpy as np
from PIL import Image

from model.classifier import load_classifier, softmax
from model.imaging import read_image
from train.data.dataset import Dataset, Transform
from train.eval.inference import load_release, transformed_logits
from train.eval.report import write_report
from train.eval.split import load_one_per_source
from train.eval.tables import scaled_photos_table
from train.files import make_folder

PHOTO_SIDE = 2048
"""Longest side of a photo, in pixels, larger than any image of the dataset."""

GRAIN = 16
"""Maximum of the noise that gives a photo finer detail than the image."""

SCALED_SIDE, QUALITY = 1024, 90
"""Longest side and JPEG quality of a reduced photo, as in page/static/shrink.js."""

OTHER_SIDES = (896, 1344)
"""Longest sides to compare with ``SCALED_SIDE``."""


def scaled_photos(weights: Path, data: Dataset, split: str, out: Path | None) -> None:
    """Predict photos of one image per source, at full size and scaled down.

    Writes scaled_photos.json.

    Args:
        weights: path as ``load_release`` takes it.
        data: the dataset.
        split: name of the split.
        out: folder to write to; by default the results folder of the weights.

    Raises:
        UserError: the dataset lacks a split or ``out`` cannot be used.
        ReleaseError: the weights cannot be used.
    """
    release = load_release(weights)
    classifier = load_classifier(release)
    out = make_folder(out or release.results_folder)
    images = load_one_per_source(data, split)

    def confidences(transform: Transform, title: str) -> np.ndarray:
        (logits,) = transformed_logits([classifier], images.images, title, transform)
        return softmax(logits, classifier.temperature)

    before = confidences(photo, "as they are")
    figures = {
        "network": release.network,
        "sha256": release.sha256,
        "split": split,
        **images.counts,
        "confidence_threshold": release.confidence_threshold,
        "photo_side": PHOTO_SIDE,
        # Beside them, photos that are only saved again, which changes predictions a little too.
        "sides": {
            str(side): _changes(
                before,
                confidences(functools.partial(scaled_photo, side=side), f"{side} pixels"),
                release.confidence_threshold,
            )
            for side in (SCALED_SIDE, *OTHER_SIDES, PHOTO_SIDE)
        },
    }
    write_report(out, "scaled_photos", figures, scaled_photos_table(figures))


def _changes(before: np.ndarray, after: np.ndarray, confidence_threshold: float) -> dict:
    """Compare confidences: float arrays (images, labels)."""
    top = before.argmax(axis=-1)
    other = after.argmax(axis=-1) != top
    sure = np.maximum(before.max(axis=-1), after.max(axis=-1)) >= confidence_threshold
    changes = np.abs(np.take_along_axis(before - after, top[:, None], axis=-1))
    return {
        "other_label": int(other.sum()),
        "other_label_when_sure": int((other & sure).sum()),
        "median_change": round(float(np.median(changes)), 4),
        "largest_change": round(float(changes.max()), 4),
    }


def photo(image: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Return a photo of an image as the app reads it when it is sent whole."""
    return read_image(io.BytesIO(_photo_file(image, rng)))


def scaled_photo(image: Image.Image, rng: np.random.Generator, side: int) -> Image.Image:
    """Return the same photo as the app reads it with its longest side reduced to ``side``."""
    with Image.open(io.BytesIO(_photo_file(image, rng))) as large:
        return read_image(io.BytesIO(_jpeg(_scaled_down(large, side), QUALITY)))


def _scaled_down(large: Image.Image, side: int) -> Image.Image:
    # As page/static/shrink.js: by halves, and then the rest.
    width, height = _size(large, side)
    while large.width >= 2 * width and large.height >= 2 * height:
        large = large.reduce(2)
    return large.resize((width, height), Image.Resampling.BICUBIC)


def _photo_file(image: Image.Image, rng: np.random.Generator) -> bytes:
    large = np.asarray(image.resize(_size(image, PHOTO_SIDE), Image.Resampling.BICUBIC))
    grain = rng.integers(-GRAIN, GRAIN + 1, large.shape[:2], np.int16)
    return _jpeg(Image.fromarray((large + grain[..., None]).clip(0, 255).astype(np.uint8)), 95)


def _size(image: Image.Image, side: int) -> tuple[int, int]:
    scale = side / max(image.size)
    return tuple(max(1, round(length * scale)) for length in image.size)


def _jpeg(image: Image.Image, quality: int) -> bytes:
    file = io.BytesIO()
    image.save(file, "JPEG", quality=quality)
    return file.getvalue()
