"""The folder of results, and writing files and folders."""

from pathlib import Path

from model.release import RELEASE_FILE, Release, ReleaseError, read_release
from model.weights import verified
from train.errors import UserError

RESULTS = Path(__file__).with_name("results")
"""Folder of the archived runs and of the studies."""

INDEPENDENT_TEST = RESULTS / "independent_test.json"
"""Figures of a release on images that were seen neither in training nor in selection."""


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


def read_released(file: Path = RELEASE_FILE) -> Release | None:
    """Read the current release; return None if its file is missing or broken."""
    try:
        return read_release(file)
    except ReleaseError:  # Its message says to write it with ``python -m train release``.
        return None


def keras_weights(release: Release) -> Path:
    """Return the Keras weights of a release after verifying them.

    Raises:
        ReleaseError: the file is missing, or is not the released one.
    """
    return verified(release.keras_weights_file, release.keras_sha256)
