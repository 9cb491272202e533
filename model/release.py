"""Read, check and write ``release.json``, which names the released weights."""

import dataclasses
import json
import re
from pathlib import Path

LABELS = ("brain", "lung", "other")
"""The labels of this project, in the order of the logits. A release may have others."""

RELEASE_FILE = Path(__file__).with_name("release.json")


class ReleaseError(ValueError):
    """A release cannot be used; the message is one line that says what to do."""


@dataclasses.dataclass(frozen=True)
class Release:
    """Released weights, and what is needed to find and run them.

    Attributes:
        folder: folder of the JSON file, to which ``weights``, ``keras_weights`` and ``results`` are
            relative.
        network: name of the architecture in ``train.networks.NETWORKS``.
        labels: names of the outputs, in their order.
        temperature: divides the logits before the softmax (Guo et al. 2017, "On Calibration of
            Modern Neural Networks").
        confidence_threshold: predictions with a lower confidence are shown as unsure; chosen on
            validation images.
        weights: compiled network that predicts, a .tflite file.
        sha256: that of ``weights``, and of the file with the same name in ``repository``.
        keras_weights: the same weights for Keras, for further training.
        keras_sha256: that of ``keras_weights``.
        results: folder of measured figures.
        repository: repository on the Hub, as "user/name"; empty if they were not published.
        revision: commit, tag or branch of ``repository``.
    """

    folder: Path
    network: str
    labels: tuple[str, ...]
    temperature: float
    confidence_threshold: float
    weights: str
    sha256: str
    keras_weights: str
    keras_sha256: str
    results: str
    repository: str
    revision: str

    @property
    def weights_file(self) -> Path:
        """Path of the bundled compiled network."""
        return self.folder / self.weights

    @property
    def keras_weights_file(self) -> Path:
        """Path of the same weights for Keras."""
        return self.folder / self.keras_weights

    @property
    def results_folder(self) -> Path:
        """Folder of what was measured with these weights: figures.json, plots, history."""
        return self.folder / self.results

    def is_measured_in(self, results) -> bool:
        """Tell whether the content of a results file is about these weights, or names none."""
        match results:
            case {"sha256": str(one)}:
                return one == self.sha256
            case {"sha256": dict(several)}:
                return self.sha256 in several.values()
            case {"networks": dict(networks)}:
                return self.sha256 in (network.get("sha256") for network in networks.values())
            case _:
                return True

    def write(self, file: Path) -> None:
        """Write the release as JSON for ``read_release``.

        Its paths are written as they are; reading makes them relative to the folder of ``file``.
        """
        write_json(file, {key: getattr(self, key) for key in _VALID})


def write_json(file: Path, content: dict | list) -> None:
    """Write a JSON file; a process killed at any moment leaves a complete file."""
    unfinished = file.with_name(f".{file.name}")
    unfinished.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    unfinished.replace(file)


def read_release(file: Path = RELEASE_FILE) -> Release:
    """Read and check a release file.

    Raises:
        ReleaseError: the file is missing or not JSON, or a value is missing or invalid.
    """
    file = Path(file)
    advice = "restore it from git, or write it with: python -m train release"
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ReleaseError(f"{file.name} cannot be read ({_short(error)}): {advice}") from error
    if not isinstance(content, dict):
        raise ReleaseError(f"{file.name} is not a JSON object: {advice}")
    values = {}
    for key, valid in _VALID.items():
        if not valid(content.get(key)):
            raise ReleaseError(f"{file.name} has no valid {key!r}: {advice}")
        values[key] = content[key]
    values["labels"] = tuple(values["labels"])
    return Release(folder=file.parent, **values)


def _short(error: Exception) -> str:
    return type(error).__name__ if isinstance(error, OSError) else str(error)


def _text(pattern: str):
    return lambda value: isinstance(value, str) and re.fullmatch(pattern, value) is not None


def are_labels(value) -> bool:
    """Tell whether a value is a list of two or more different names: letters, digits, spaces, -."""
    is_label = _text(r"\w[\w -]{0,39}")
    return (
        isinstance(value, list)
        and all(map(is_label, value))
        and 1 < len({label.casefold() for label in value}) == len(value)
    )


_VALID = {
    "network": _text(r"\w+"),
    "labels": are_labels,
    "temperature": lambda value: type(value) in (int, float) and 0 < value < 100,
    "confidence_threshold": lambda value: type(value) in (int, float) and 0 <= value <= 1,
    "weights": _text(r"([\w-]+/)?[\w-]+\.tflite"),
    "sha256": _text(r"[0-9a-f]{64}"),
    "keras_weights": _text(r"([\w-]+/)?[\w-]+\.weights\.h5"),
    "keras_sha256": _text(r"[0-9a-f]{64}"),
    "results": _text(r"[\w./-]+"),
    "repository": _text(r"([\w.-]+/[\w.-]+)?"),
    "revision": _text(r"[\w./-]+"),
}
