"""The folder of results, and writing files and folders."""

import json
import os
from pathlib import Path

from model.release import Release
from model.weights import verified
from train.errors import UserError

RESULTS = Path(__file__).with_name("results")
"""Folder of the archived runs and of the studies."""

INDEPENDENT_TEST = RESULTS / "independent_test.json"
"""Figures of a release on images that nobody who trains or selects has seen."""


def write_json(file: Path, content: dict | list) -> None:
    """Write a JSON file; a process killed at any moment leaves a complete file."""
    new = file.with_suffix(".new")
    new.write_text(json.dumps(content, indent=2) + "\n")
    os.replace(new, file)


def make_folder(out: Path) -> Path:
    """Create an output folder and return it.

    Raises:
        UserError: it cannot be created or written.
    """
    try:
        out.mkdir(parents=True, exist_ok=True)
        probe = out / ".writable"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise UserError(
            f"{out} cannot be written ({error.strerror}); give another --out"
        ) from error
    return out


def keras_weights(release: Release) -> Path:
    """Return the Keras weights of a release after verifying them.

    Raises:
        ReleaseError: the file is missing, or is not the released one.
    """
    return verified(release.keras_weights_file, release.keras_sha256)
