"""Find the released weights: verified, from the Hub within a deadline, or the bundled copy."""

import dataclasses
import hashlib
import math
import os
import queue
import re
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

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
"""Time to wait for the Hub, in seconds; its client may retry for minutes."""

LONGEST_DEADLINE = 3600
"""Maximum of MODEL_DEADLINE, in seconds."""

FALLBACK_REASONS = {
    "unpublished": "these weights were not published",
    "timeout": "no answer within {value} s",
    "other_file": "its file is not the released one",
    "other_commit": "it answered with another commit",
    "unreachable": "it cannot be reached",
    "no_repository": "there is no such repository, or it is private",
    "no_revision": "there is no such revision",
    "no_file": "it has no such file",
    "http_status": "it answered with HTTP status {value}",
    "bad_name": "this is not a repository name",
    "failed": "the download failed ({value})",
}
"""Why the Hub gave no weights, by key; ``{value}`` is filled in."""


class FallbackReason(NamedTuple):
    """Why the bundled weights are used.

    Attributes:
        key: a key of ``FALLBACK_REASONS``.
        value: the value to fill in.
        origin: the repository that was asked, as "user/name@revision"; empty if none was.
    """

    key: str
    value: object = ""
    origin: str = ""

    def text(self, reasons: Mapping[str, str] = FALLBACK_REASONS) -> str:
        """Say which repository gave no weights and why, in English or with translated reasons."""
        reason = reasons[self.key].format(value=self.value)
        return f"{self.origin}: {reason}" if self.origin else reason


@dataclasses.dataclass(frozen=True)
class Weights:
    """A verified weights file and where it was found.

    ``origin`` is "user/name@revision" or "bundled". ``fallback_reason`` is None for weights from
    the Hub.
    """

    file: Path
    origin: str
    fallback_reason: FallbackReason | None = None


class _HubRefused(Exception):
    """The Hub gave no usable file; the arguments are those of ``FallbackReason``."""


def find_weights(release: Release) -> Weights:
    """Download the released weights from the Hub, or use the bundled copy if that fails.

    The environment variable MODEL_REPO sets another repository, as "user/name" (its ``main``) or
    "user/name@revision"; MODEL_DEADLINE sets another deadline in seconds (0: do not wait).

    Raises:
        ReleaseError: the bundled copy is needed but missing or not the released file, or a variable
            is malformed.
    """
    repository, revision = _repository(release)
    deadline = _deadline()
    if not repository:
        return Weights(bundled_weights(release), "bundled", FallbackReason("unpublished"))
    outcomes = queue.SimpleQueue()

    def attempt():
        # Use the bundled copy after any exception of the client.
        try:
            outcomes.put(_download(repository, revision, release))
        except Exception as error:
            outcomes.put(error)

    # A daemon thread, because a hanging client cannot be stopped and must not block the exit.
    threading.Thread(target=attempt, name="hub-download", daemon=True).start()
    try:
        outcome = outcomes.get(timeout=deadline)
    except queue.Empty:
        outcome = _HubRefused("timeout", f"{deadline:g}")
    origin = f"{repository}@{revision}"
    if isinstance(outcome, Path):
        return Weights(outcome, origin)
    reason = _fallback_reason(outcome)._replace(origin=origin)
    return Weights(bundled_weights(release), "bundled", reason)


def sha256_of(file: Path) -> str:
    """Compute the SHA-256 of a file, in hexadecimal."""
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
    # The client does not verify its cache, so download again if the cached file does not match.
    for force in (False, True):
        cached = isinstance(try_to_load_from_cache(repository, name, revision=revision), str)
        if force or not cached:
            _require_response(repository, name, revision)
        file = Path(hf_hub_download(repository, name, revision=revision, force_download=force))
        if sha256_of(file) == release.sha256:
            break
    else:
        raise _HubRefused("other_file")
    # The cache folder has the name of the server's commit, which the client does not check.
    if re.fullmatch("[0-9a-f]{40}", revision) and file.parent.name != revision:
        raise _HubRefused("other_commit")
    return file


def _require_response(repository: str, name: str, revision: str) -> None:
    """Request the metadata once, because a download retries for half a minute."""
    url = hf_hub_url(repository, name, revision=revision)
    try:
        get_hf_file_metadata(url)
    except HfHubHTTPError:
        raise
    except Exception as error:
        raise _HubRefused("unreachable") from error


def bundled_weights(release: Release) -> Path:
    """Return the bundled compiled network after verifying it.

    Raises:
        ReleaseError: the file is missing, or is not the released one.
    """
    return verified(release.weights_file, release.sha256)


def verified(file: Path, sha256: str) -> Path:
    """Return a file after comparing its sha256.

    Raises:
        ReleaseError: the file is missing, or is not the released one.
    """
    if not file.is_file():
        raise ReleaseError(f"{file.name} is missing; restore it from git, or train again")
    if sha256_of(file) != sha256:
        raise ReleaseError(
            f"{file.name} is not the file that release.json names; "
            "restore both from git, or train again"
        )
    return file


def _fallback_reason(error: Exception) -> FallbackReason:
    match error:
        case _HubRefused():
            return FallbackReason(*error.args)
        case LocalEntryNotFoundError():
            return FallbackReason("unreachable")
        case RepositoryNotFoundError():
            return FallbackReason("no_repository")
        case RevisionNotFoundError():
            return FallbackReason("no_revision")
        case EntryNotFoundError():
            return FallbackReason("no_file")
        case HfHubHTTPError():
            return FallbackReason("http_status", error.response.status_code)
        case HFValidationError():
            return FallbackReason("bad_name")
        case _:
            return FallbackReason("failed", type(error).__name__)
