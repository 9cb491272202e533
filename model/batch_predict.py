"""What is common to all who answer many files: which they are, and what is said of each."""

import functools
import json
import os
import sys
from pathlib import Path

from PIL import Image

from model.classifier import Classifier
from model.imaging import FORMATS, UnreadableImage, read_image
from model.release import read_release
from model.weights import bundled_weights

SUFFIXES = {suffix for suffix, name in Image.registered_extensions().items() if name in FORMATS} | {
    ".dcm"
}
"""Endings, in lower case, of the files in a folder that are taken for pictures."""

ERROR_MESSAGES = {
    "not_a_picture": "this is not a picture that can be read",
    "damaged": "this picture is damaged and cannot be read to its end",
    "too_large": "this picture has too many pixels; give a smaller copy",
}
"""What is said of a file, by the reason for which it cannot be read."""


def find_images(paths: list[Path]) -> tuple[list[Path], int]:
    """The pictures that paths name, in order; where there is none, say so on stderr.

    Args:
        paths: files, whatever they are called, and folders, searched with all below them.

    Returns:
        The files, and the number of paths that give none.
    """
    files, missing = [], 0
    for path in paths:
        found = _pictures(path)
        files += found
        if not found:
            missing += 1
            is_folder = os.path.isdir(path)
            reason = "there is no picture in this folder" if is_folder else "there is no such file"
            print(f"{path}: {reason}", file=sys.stderr)
    return files, missing


@functools.cache
def bundled_classifier() -> Classifier:
    """The classifier of the released weights, made once in a process.

    Raises:
        ReleaseError: the release cannot be used.
    """
    release = read_release()
    # The Hub could only give the same bytes, since their sha256 is fixed, and no sooner.
    return Classifier(bundled_weights(release), release.labels, release.temperature)


def predict_file(file: Path) -> dict[str, float] | str:
    """The confidence of every label, 0 to 1, or a sentence that says why there is none.

    Raises:
        ReleaseError: the release cannot be used.
    """
    classifier = bundled_classifier()
    try:
        return classifier.classify(read_image(file))
    except UnreadableImage as error:
        return ERROR_MESSAGES[error.reason]
    except OSError as error:
        return f"this file cannot be opened ({error.strerror})"


def top_label(confidences: dict[str, float]) -> str:
    """The label of the highest confidence."""
    return max(confidences, key=confidences.get)


def json_line(file: Path, answer: dict[str, float] | str) -> str:
    """What is said of a file as one line: its label and confidences, or what is wrong with it."""
    if isinstance(answer, str):
        return json.dumps({"path": str(file), "error": answer})
    return json.dumps({"path": str(file), "label": top_label(answer), "confidences": answer})


def _pictures(path: Path) -> list[Path]:
    # Unlike their namesakes of Path, these take what may not be looked at for absent.
    if not os.path.isdir(path):
        return [path] if os.path.exists(path) else []
    return [
        file
        for file in sorted(path.rglob("*"))
        # Beside a picture, some systems keep a hidden file of the same ending.
        if file.suffix.lower() in SUFFIXES and not file.name.startswith(".") and file.is_file()
    ]
