import json

import numpy as np
import pytest

from model.classifier import Classifier
from model.imaging import read_image
from model.release import LABELS, ReleaseError, read_release
from model.weights import bundled_weights, sha256_of
from tests.helpers.release_file import edit_release
from tests.helpers.releases import compared, content, refusal
from train import release as release_module
from train.errors import UserError
from train.files import keras_weights
from train.networks import load_network
from train.release import release


def test_a_released_run_is_what_the_product_loads(candidate, released, tree):
    release(candidate)
    now, run = read_release(released), read_release(candidate / "release.json")
    for name in (
        "network",
        "labels",
        "temperature",
        "confidence_threshold",
        "sha256",
        "keras_sha256",
    ):
        assert getattr(now, name) == getattr(run, name)
    assert bundled_weights(now) == released.parent / "bundled" / "tiny.tflite"
    assert keras_weights(now) == released.parent / "bundled" / "tiny.weights.h5"
    image = read_image(next((tree / "val" / "brain").rglob("*.png")))
    prediction = Classifier(now.weights_file, now.labels, now.temperature).classify(image)
    assert prediction == Classifier(run.weights_file, run.labels, run.temperature).classify(image)
    assert tuple(prediction) == LABELS


def test_figures_and_history_are_copied_without_images_of_the_dataset(candidate, released):
    release(candidate)
    results = read_release(released).results_folder
    copied = {file.name for file in results.iterdir()}
    assert copied >= {"settings.json", "history.json", "curves.png", "origins.csv", "figures.json"}
    assert not copied & {"mistakes.png", "checkpoints"}
    for name in copied:
        assert (results / name).read_bytes() == (candidate / name).read_bytes()


def test_the_run_is_not_changed(candidate, released):
    before = content(candidate)
    release(candidate)
    assert content(candidate) == before


def test_earlier_weights_and_figures_are_removed(candidate, released):
    bundled = released.parent / "bundled"
    results = release_module.RESULTS / "tiny"
    for folder in (bundled, results):
        folder.mkdir(parents=True)
    for name in ("older.tflite", "older.weights.h5"):
        (bundled / name).write_bytes(b"older")
    (results / "robustness.json").write_text("{}")
    release(candidate)
    assert {file.name for file in bundled.iterdir()} == {"tiny.tflite", "tiny.weights.h5"}
    assert not (results / "robustness.json").exists()


@pytest.mark.parametrize("repository", ["", "user/name"])
def test_a_release_names_only_the_repository_that_is_given(candidate, released, repository):
    release(candidate, repo_id=repository)
    now = read_release(released)
    assert (now.repository, now.revision) == (repository, "main")


def test_a_malformed_repository_is_refused(candidate, released):
    with pytest.raises(UserError, match="is not a repository name"):
        release(candidate, repo_id="name")
    assert not released.exists()


def test_weights_of_other_labels_are_not_compared(candidate, other_candidate, released, capsys):
    release(candidate)
    compared(other_candidate, released, 1.1)
    edit_release(other_candidate / "release.json", labels=["cat", "dog", "tree"])
    release(other_candidate)
    assert "has other labels" in capsys.readouterr().out
    assert read_release(released).labels == ("cat", "dog", "tree")


def test_the_same_weights_keep_their_repository_and_revision(candidate, released):
    release(candidate)
    edit_release(released, repository="user/name", revision="a" * 40)
    release(candidate)
    assert (read_release(released).repository, read_release(released).revision) == (
        "user/name",
        "a" * 40,
    )
    release(candidate, repo_id="user/other")
    assert (read_release(released).repository, read_release(released).revision) == (
        "user/other",
        "main",
    )


def test_other_weights_do_not_keep_the_revision(candidate, released):
    release(candidate)
    edit_release(released, repository="user/name", revision="a" * 40, sha256="0" * 64)
    release(candidate, anyway=True)
    now = read_release(released)
    assert (now.repository, now.revision) == ("", "main")


@pytest.mark.parametrize("broken", ["", "{", "[]", '{"network": "tiny"}'])
def test_a_broken_release_file_is_replaced_as_its_error_advises(candidate, released, broken):
    released.write_text(broken)
    with pytest.raises(ReleaseError, match="write it with: python -m train release"):
        read_release(released)
    release(candidate)
    assert read_release(released).network == "tiny"


def test_a_run_that_was_not_evaluated_is_refused(run, released):
    assert f"python -m train evaluate --weights {run}" in refusal(UserError, run, released)


def test_figures_of_other_weights_do_not_count(candidate, released):
    figures = candidate / "figures.json"
    figures.write_text(json.dumps(json.loads(figures.read_text()) | {"sha256": "0" * 64}))
    assert "was not evaluated yet" in refusal(UserError, candidate, released)


def test_a_folder_that_is_not_a_run_is_refused(candidate, released, tmp_path):
    assert "no release.json" in refusal(ReleaseError, tmp_path, released)
    release(candidate)
    # The folder of the release is not a run: it has the code of the product.
    assert "is not a run" in refusal(UserError, released.parent, released)


@pytest.mark.parametrize("name", ["tiny.tflite", "tiny.weights.h5"])
def test_damaged_weights_are_refused(candidate, released, name):
    weights = candidate / name
    weights.write_bytes(weights.read_bytes()[:-1])
    assert name in refusal(ReleaseError, candidate, released)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_weights_that_are_not_finite_are_refused(candidate, released, value):
    file = candidate / "tiny.weights.h5"
    network = load_network(read_release(candidate / "release.json"))
    arrays = network.get_weights()
    arrays[0].flat[0] = value
    network.set_weights(arrays)
    network.save_weights(file)
    edit_release(candidate / "release.json", keras_sha256=sha256_of(file))
    assert "is not finite" in refusal(ReleaseError, candidate, released)
