"""Where the weights come from: the Hub, pinned, verified and within a deadline, or the bundle."""

import dataclasses
import hashlib
import os
import queue
import re
import threading
from pathlib import Path

from huggingface_hub import hf_hub_download
from huggingface_hub.errors import (
    EntryNotFoundError,
    LocalEntryNotFoundError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)

from model.release import Release, ReleaseError

DEADLINE_SECONDS = 10.0
"""Longest wait for the Hub; the client itself has no limit and may retry for minutes."""


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
    "user/name@revision"; MODEL_DEADLINE another longest wait, in seconds.

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
    return Weights(_bundled(release), "bundled", f"{repository}@{revision}: {_explain(answer)}")


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
        return float(value)
    except ValueError:
        raise ReleaseError(f"MODEL_DEADLINE is {value!r}; set it to a number of seconds") from None


def _download(repository: str, revision: str, release: Release) -> Path:
    name = release.weights_file.name
    # The client takes its cache on trust, so a file that does not match is fetched once more.
    for force in (False, True):
        file = Path(hf_hub_download(repository, name, revision=revision, force_download=force))
        if sha256_of(file) == release.sha256:
            break
    else:
        raise _HubRefused("its file is not the released one")
    # The cache keeps files under the commit the server named, which the client does not compare.
    if re.fullmatch("[0-9a-f]{40}", revision) and file.parent.name != revision:
        raise _HubRefused("it answered with another commit")
    return file


def _bundled(release: Release) -> Path:
    file = release.weights_file
    if not file.is_file():
        raise ReleaseError(f"{file.name} is missing; restore it from git")
    if sha256_of(file) != release.sha256:
        raise ReleaseError(
            f"{file.name} is not the file that release.json names; restore both from git"
        )
    return file


def _explain(error: Exception) -> str:
    match error:
        case _HubRefused():
            return str(error)
        case LocalEntryNotFoundError():
            return "it cannot be reached"
        case RepositoryNotFoundError():
            return "there is no such repository"
        case RevisionNotFoundError():
            return "there is no such revision"
        case EntryNotFoundError():
            return "it has no such file"
        case _:
            return f"the download failed ({type(error).__name__})"
