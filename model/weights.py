"""Where the weights come from: the Hub, pinned, verified and within a deadline, or the bundle."""

import dataclasses
import hashlib
import math
import os
import queue
import re
import threading
from pathlib import Path

from huggingface_hub import (
    get_hf_file_metadata,
    hf_hub_download,
    hf_hub_url,
    try_to_load_from_cache,
)
from huggingface_hub.errors import (
    EntryNotFoundError,
    HfHubHTTPError,
    HFValidationError,
    LocalEntryNotFoundError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)

from model.release import Release, ReleaseError

DEADLINE_SECONDS = 10.0
"""Longest wait for the Hub; the client itself has no limit and may retry for minutes."""

LONGEST_DEADLINE = 3600


@dataclasses.dataclass(frozen=True)
class Weights:
    """A verified weights file and how it was found.

    ``origin`` is "user/name@revision" or "bundled"; ``reason`` says why the bundled copy is used
    and is empty for weights from the Hub.
    """

    file: Path
    origin: str
    reason: str


class _HubRefused(Exception):
    """The Hub has nothing usable; the message says why in a few words."""


def find_weights(release: Release) -> Weights:
    """Take the released weights from the Hub, or the bundled copy when that fails in any way.

    The environment variable MODEL_REPO names another repository, as "user/name" (its ``main``) or
    "user/name@revision"; MODEL_DEADLINE another longest wait, in seconds (0: do not wait at all).

    Raises:
        ReleaseError: the bundled copy is needed but missing or not the released file, or one of
            the variables is malformed.
    """
    repository, revision = _repository(release)
    deadline = _deadline()
    answers = queue.SimpleQueue()

    def attempt():
        # This is the edge to a network client: whatever it raises means "use the bundle".
        try:
            answers.put(_download(repository, revision, release))
        except Exception as error:
            answers.put(error)

    # A daemon, since a hanging client cannot be stopped and must not keep the process alive.
    threading.Thread(target=attempt, name="hub-download", daemon=True).start()
    try:
        answer = answers.get(timeout=deadline)
    except queue.Empty:
        answer = _HubRefused(f"no answer within {deadline:g} s")
    if isinstance(answer, Path):
        return Weights(answer, f"{repository}@{revision}", "")
    return Weights(
        bundled_weights(release), "bundled", f"{repository}@{revision}: {_explain(answer)}"
    )


def sha256_of(file: Path) -> str:
    """The sha256 of a file's bytes, in hexadecimal."""
    with open(file, "rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def _repository(release: Release) -> tuple[str, str]:
    override = os.environ.get("MODEL_REPO")
    if not override:
        return release.repository, release.revision
    match = re.fullmatch(r"([\w.-]+/[\w.-]+)(?:@([\w./-]+))?", override)
    if not match:
        raise ReleaseError(f"MODEL_REPO is {override!r}; set it to user/name or user/name@revision")
    return match[1], match[2] or "main"


def _deadline() -> float:
    value = os.environ.get("MODEL_DEADLINE") or DEADLINE_SECONDS
    try:
        seconds = float(value)
    except ValueError:
        seconds = math.nan
    if not 0 <= seconds <= LONGEST_DEADLINE:
        raise ReleaseError(
            f"MODEL_DEADLINE is {value!r}; set it to 0 to {LONGEST_DEADLINE} seconds"
        )
    return seconds


def _download(repository: str, revision: str, release: Release) -> Path:
    name = release.weights_file.name
    # The client takes its cache on trust, so a file that does not match is fetched once more.
    for force in (False, True):
        cached = isinstance(try_to_load_from_cache(repository, name, revision=revision), str)
        if force or not cached:
            _require_answer(repository, name, revision)
        file = Path(hf_hub_download(repository, name, revision=revision, force_download=force))
        if sha256_of(file) == release.sha256:
            break
    else:
        raise _HubRefused("its file is not the released one")
    # The cache keeps files under the commit the server named, which the client does not compare.
    if re.fullmatch("[0-9a-f]{40}", revision) and file.parent.name != revision:
        raise _HubRefused("it answered with another commit")
    return file


def _require_answer(repository: str, name: str, revision: str) -> None:
    """Ask once about the file; the download itself asks a Hub that is down for half a minute."""
    url = hf_hub_url(repository, name, revision=revision)
    try:
        get_hf_file_metadata(url)
    except HfHubHTTPError:
        raise
    except Exception as error:
        raise _HubRefused("it cannot be reached") from error


def bundled_weights(release: Release) -> Path:
    """The local copy of the weights that answer, verified.

    Raises:
        ReleaseError: it is missing, or is not the released file.
    """
    return _verified(release.weights_file, release.sha256)


def keras_weights(release: Release) -> Path:
    """The release's weights for Keras, verified.

    Raises:
        ReleaseError: they are missing, or are not the released file.
    """
    return _verified(release.keras_weights_file, release.keras_sha256)


def _verified(file: Path, sha256: str) -> Path:
    if not file.is_file():
        raise ReleaseError(f"{file.name} is missing; restore it from git, or train it again")
    if sha256_of(file) != sha256:
        raise ReleaseError(
            f"{file.name} is not the file that release.json names; "
            "restore both from git, or train again"
        )
    return file


def _explain(error: Exception) -> str:
    match error:
        case _HubRefused():
            return str(error)
        case LocalEntryNotFoundError():
            return "it cannot be reached"
        case RepositoryNotFoundError():
            return "there is no such repository, or it is private"
        case RevisionNotFoundError():
            return "there is no such revision"
        case EntryNotFoundError():
            return "it has no such file"
        case HfHubHTTPError():
            return f"it answered with HTTP status {error.response.status_code}"
        case HFValidationError():
            return "this is no name of a repository"
        case _:
            return f"the download failed ({type(error).__name__})"
