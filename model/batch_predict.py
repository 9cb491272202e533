"""Predict many image files, and resume an output file of predictions."""

import functools
import json
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import BinaryIO, NamedTuple

from model.classifier import Classifier, load_classifier
from model.decoding.file_formats import files_below, is_image_file
from model.imaging import UnreadableImage, read_frames
from model.release import read_release

BATCH = 32
"""Number of images that ``predict_files`` submits to its threads at a time."""


class Prediction(NamedTuple):
    """The prediction for a file.

    Attributes:
        confidences: 0 to 1, by label.
        frames: number of sampled frames or slices.
        total: number of frames or slices in the file.
        unit: "frames" or "slices".
    """

    confidences: dict[str, float]
    frames: int = 1
    total: int = 1
    unit: str = "frames"

    @property
    def sampled(self) -> str:
        """How many frames were sampled, such as "12 of 180 slices"."""
        return f"{self.frames} of {self.total} {self.unit}"

    @property
    def label(self) -> str:
        """The label with the highest confidence."""
        return max(self.confidences, key=self.confidences.get)


class OutputError(ValueError):
    """The output file contains something other than predictions."""


def find_images(paths: list[Path]) -> tuple[list[Path], dict[Path, str]]:
    """List the images that paths name, in order.

    Args:
        paths: files of any kind, and folders, which are searched recursively for images.

    Returns:
        The files, and an error message for each path without any and each folder in them that
        cannot be opened.
    """
    files, errors = [], {}
    for path in paths:
        found, closed = _images(path)
        files += found
        errors |= {
            folder: f"this folder cannot be opened ({why})" for folder, why in closed.items()
        }
        if not found and path not in errors:
            is_folder = os.path.isdir(path)
            errors[path] = "there is no image in this folder" if is_folder else "no such file"
    return files, errors


def _images(path: Path) -> tuple[list[Path], dict[Path, str]]:
    # Unlike ``Path.exists``, these return False for a path without permission.
    if not os.path.isdir(path):
        return [path] if os.path.exists(path) else [], {}
    files, closed = files_below(path)
    return [file for file in files if is_image_file(file)], closed


@functools.cache
def bundled_classifier() -> Classifier:
    """Load the classifier with the bundled weights, once per process.

    Raises:
        ReleaseError: the release cannot be used.
    """
    # The Hub could only give the same bytes, since release.json pins their sha256.
    return load_classifier(read_release())


def predict_file(file: Path) -> Prediction | str:
    """Predict one image file, or return an error message.

    Raises:
        ReleaseError: the release cannot be used.
    """
    classifier = bundled_classifier()
    try:
        frames = read_frames(file)
        confidences, _ = classifier.classify_frames(frames.images)
        return Prediction(confidences, len(frames.images), frames.total, frames.unit)
    except UnreadableImage as error:
        return error.message()
    except OSError as error:
        return f"this file cannot be opened ({error.strerror})"


def predict_files(files: list[Path]) -> Iterator[tuple[Path, Prediction | str]]:
    """Predict files in the threads of this process and yield the predictions in order.

    Raises:
        ReleaseError: the release cannot be used.
    """
    bundled_classifier()  # Before several threads load one each.
    with ThreadPoolExecutor() as pool:
        for start in range(0, len(files), BATCH):
            batch = files[start : start + BATCH]
            yield from zip(batch, pool.map(predict_file, batch), strict=True)


def json_line(file: Path, prediction: Prediction | str) -> str:
    """Format a prediction as JSON: path, label and confidences, or path and error.

    For files with several frames it also says how many were sampled.
    """
    if isinstance(prediction, str):
        return json.dumps({"path": str(file), "error": prediction})
    row = {
        "path": str(file),
        "label": prediction.label,
        "confidences": prediction.confidences,
    }
    if prediction.total > 1:
        row["frames"] = prediction.sampled
    return json.dumps(row)


def read_records(out: BinaryIO) -> dict[str, bool]:
    """Read which images an output file already contains, and cut off an unfinished last line.

    Args:
        out: file of ``json_line`` lines, open for reading and appending.

    Returns:
        Whether the image could not be read, by path.

    Raises:
        OutputError: a line is not a prediction; the file is left as it is.
    """
    out.seek(0)
    failed = {}
    begin = b'{"path": '
    for number, line in enumerate(out, start=1):
        if not line.endswith(b"\n") and line[: len(begin)] == begin[: len(line)]:
            out.truncate(out.tell() - len(line))
            break
        try:
            record = json.loads(line)
            failed[record["path"]] = "error" in record
        except (ValueError, TypeError, KeyError) as error:
            raise OutputError(
                f"line {number} of {out.name} is not a prediction; choose another file for --out"
            ) from error
    return failed
