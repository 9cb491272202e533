import dataclasses
import json

import pytest

from model.release import ReleaseError, read_release
from tests.helpers.release_file import edit_release

GOOD = {
    "network": "original",
    "labels": ["brain", "lung", "other"],
    "temperature": 1.25,
    "confidence_threshold": 0.8,
    "weights": "bundled/original.tflite",
    "sha256": "0123456789abcdef" * 4,
    "keras_weights": "bundled/original.weights.h5",
    "keras_sha256": "fedcba9876543210" * 4,
    "results": "../train/results/original",
    "repository": "user/name",
    "revision": "main",
}
ADVICE = "restore it from git, or write it with: python -m train release"


@pytest.fixture
def file(tmp_path):
    file = tmp_path / "release.json"
    edit_release(file, **GOOD)
    return file


def refusal(file):
    with pytest.raises(ReleaseError) as caught:
        read_release(file)
    message = str(caught.value)
    assert "\n" not in message
    assert message.endswith(ADVICE)
    return message


def test_the_release_of_this_repository_is_valid_and_its_files_exist():
    release = read_release()
    assert release.weights_file.is_file()
    assert release.keras_weights_file.is_file()


def test_values_and_paths_are_read(file, tmp_path):
    release = read_release(file)
    assert release.weights_file == tmp_path / "bundled" / "original.tflite"
    assert release.keras_weights_file == tmp_path / "bundled" / "original.weights.h5"
    assert release.results_folder == tmp_path / "../train/results/original"
    values = {key: getattr(release, key) for key in GOOD}
    assert values == GOOD | {"labels": ("brain", "lung", "other")}


def test_a_written_release_reads_back(file, tmp_path):
    release = dataclasses.replace(read_release(file), revision="v2")
    copy = tmp_path / "copy.json"
    release.write(copy)
    assert read_release(copy) == release
    assert json.loads(copy.read_text()) == GOOD | {"revision": "v2"}


def test_a_missing_file_is_one_line(tmp_path):
    message = refusal(tmp_path / "release.json")
    assert message.startswith("release.json cannot be read (FileNotFoundError): ")


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe", b"[1,\n2", b"network: original\n"])
def test_a_malformed_file_is_one_line(file, content):
    file.write_bytes(content)
    assert refusal(file).startswith("release.json cannot be read (")


@pytest.mark.parametrize("content", ["[]", "null", '"original"', "1"])
def test_a_file_without_an_object_is_one_line(file, content):
    file.write_text(content)
    assert refusal(file).startswith("release.json is not a JSON object: ")


@pytest.mark.parametrize("key", GOOD)
def test_a_missing_value_is_named(file, key):
    file.write_text(json.dumps({name: value for name, value in GOOD.items() if name != key}))
    assert refusal(file).startswith(f"release.json has no valid {key!r}: ")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("network", 3),
        ("network", "../original"),
        ("labels", ["brain"]),
        ("labels", ["brain", "Brain"]),
        ("labels", ["brain", "<b>"]),
        ("labels", ["brain", 3]),
        ("labels", "brain"),
        ("temperature", 0),
        ("temperature", -1.0),
        ("temperature", float("nan")),
        ("temperature", float("inf")),
        ("temperature", "1"),
        ("temperature", True),
        ("confidence_threshold", -0.1),
        ("confidence_threshold", 80),
        ("confidence_threshold", float("nan")),
        ("weights", "../original.tflite"),
        ("weights", "/etc/original.tflite"),
        ("weights", "original.weights.h5"),
        ("keras_weights", "../original.weights.h5"),
        ("keras_weights", "original.tflite"),
        ("results", ""),
        ("sha256", "0123"),
        ("sha256", "G" * 64),
        ("sha256", None),
        ("keras_sha256", "0123"),
        ("repository", "name"),
        ("repository", "https://host/user/name"),
        ("revision", ""),
        ("revision", "a b"),
    ],
)
def test_an_invalid_value_is_named(file, key, value):
    edit_release(file, **{key: value})
    assert refusal(file).startswith(f"release.json has no valid {key!r}: ")
