import json
import shutil

import numpy as np
import pytest

from model.classifier import Classifier
from model.imaging import read_image
from model.networks import load_network
from model.release import LABELS, ReleaseError, read_release
from model.weights import bundled_weights, keras_weights, sha256_of
from tests.helpers.release_file import edit_release
from train import release as release_module
from train.errors import UserError
from train.eval import metrics
from train.eval.evaluate import evaluate
from train.release import keep, release


@pytest.fixture(scope="module")
def measured(run, tree, tmp_path_factory):
    """A run that was measured; not to be changed."""
    folder = tmp_path_factory.mktemp("measured") / "tiny"
    shutil.copytree(run, folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(metrics, "RESAMPLES", 2)
        evaluate(folder, tree, "external", None)
    return folder


@pytest.fixture
def candidate(measured, tmp_path):
    return shutil.copytree(measured, tmp_path / "runs" / "tiny")


@pytest.fixture
def released(tmp_path, monkeypatch):
    """The release file of a product that has none yet."""
    file = tmp_path / "product" / "model" / "release.json"
    file.parent.mkdir(parents=True)
    monkeypatch.setattr(release_module, "RELEASE_FILE", file)
    monkeypatch.setattr(release_module, "RESULTS", tmp_path / "product" / "train" / "results")
    return file


def content(folder):
    return {
        str(file.relative_to(folder)): file.read_bytes()
        for file in folder.rglob("*")
        if file.is_file()
    }


def refusal(kind, run, released):
    before = content(released.parents[1])
    with pytest.raises(kind) as caught:
        release(run)
    message = str(caught.value)
    assert "\n" not in message
    assert content(released.parents[1]) == before
    return message


def test_a_released_run_is_what_the_product_runs(candidate, released, tree):
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
    picture = read_image(next((tree / "val" / "brain").rglob("*.png")))
    answer = Classifier(now.weights_file, now.labels, now.temperature).classify(picture)
    assert answer == Classifier(run.weights_file, run.labels, run.temperature).classify(picture)
    assert tuple(answer) == LABELS


def test_figures_and_history_come_along_but_no_pictures(candidate, released):
    release(candidate)
    results = read_release(released).results_folder
    copied = {file.name for file in results.iterdir()}
    assert copied >= {"settings.json", "history.json", "curves.png", "origins.csv", "figures.md"}
    assert not copied & {"mistakes.png", "checkpoints"}
    for name in copied:
        assert (results / name).read_bytes() == (candidate / name).read_bytes()


def test_the_run_itself_stays_as_it_was(candidate, released):
    before = content(candidate)
    release(candidate)
    assert content(candidate) == before


def test_earlier_weights_and_figures_do_not_stay(candidate, released):
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


def test_a_first_release_is_not_published_yet(candidate, released):
    release(candidate)
    now = read_release(released)
    assert (now.repository, now.revision) == ("Victorouledi/brain-lung-other", "main")


def test_the_same_weights_stay_published_where_they_are(candidate, released):
    release(candidate)
    edit_release(released, repository="user/name", revision="a" * 40)
    release(candidate)
    assert (read_release(released).repository, read_release(released).revision) == (
        "user/name",
        "a" * 40,
    )


def test_other_weights_are_not_published_where_the_old_ones_are(candidate, released):
    release(candidate)
    edit_release(released, repository="user/name", revision="a" * 40, sha256="0" * 64)
    release(candidate)
    now = read_release(released)
    assert (now.repository, now.revision) == ("Victorouledi/brain-lung-other", "main")


@pytest.mark.parametrize("broken", ["", "{", "[]", '{"network": "tiny"}'])
def test_a_broken_release_file_is_replaced_as_its_error_advises(candidate, released, broken):
    released.write_text(broken)
    with pytest.raises(ReleaseError, match="write it with: python -m train release"):
        read_release(released)
    release(candidate)
    assert read_release(released).network == "tiny"


def test_a_run_that_was_not_measured_is_refused(run, released):
    assert f"python -m train evaluate --weights {run}" in refusal(UserError, run, released)


def test_figures_of_other_weights_do_not_count(candidate, released):
    figures = candidate / "figures.json"
    figures.write_text(json.dumps(json.loads(figures.read_text()) | {"sha256": "0" * 64}))
    assert "is not measured" in refusal(UserError, candidate, released)


def test_a_folder_that_is_no_run_is_refused(candidate, released, tmp_path):
    assert "no release.json" in refusal(ReleaseError, tmp_path, released)
    release(candidate)
    # What the product runs is no run: its folder holds the code of the product.
    assert "is not a run" in refusal(UserError, released.parent, released)


def test_a_run_can_be_kept_without_being_released(candidate, released):
    kept = keep(candidate)
    assert kept == release_module.RESULTS / "tiny"
    weights = read_release(kept / "release.json").weights_file
    assert weights.read_bytes() == (candidate / "tiny.tflite").read_bytes()
    assert not released.exists()


def test_a_run_can_be_kept_without_its_weights(candidate, released):
    names = {file.name for file in keep(candidate, weights=False).iterdir()}
    assert "figures.json" in names
    assert not names & {"release.json", "tiny.tflite", "tiny.weights.h5"}


def test_a_run_that_is_kept_already_can_be_released(candidate, released):
    release(candidate)
    keep(candidate)
    release(candidate)
    assert bundled_weights(read_release(released)).is_file()


def test_what_was_replaced_can_be_released_again(candidate, released):
    settings = candidate / "settings.json"
    release(candidate)
    before = content(released.parents[1])
    settings.write_text(settings.read_text().replace('"recipe": "tiny"', '"recipe": "newer"'))
    release(candidate)
    assert read_release(released).results_folder.name == "newer"
    release(release_module.RESULTS / "tiny")
    after = content(released.parents[1])
    assert {name: after[name] for name in before} == before


@pytest.mark.parametrize("name", ["tiny.tflite", "tiny.weights.h5"])
def test_damaged_weights_are_refused(candidate, released, name):
    weights = candidate / name
    weights.write_bytes(weights.read_bytes()[:-1])
    assert name in refusal(ReleaseError, candidate, released)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_weights_that_are_no_number_are_refused(candidate, released, value):
    file = candidate / "tiny.weights.h5"
    network = load_network(read_release(candidate / "release.json"))
    arrays = network.get_weights()
    arrays[0].flat[0] = value
    network.set_weights(arrays)
    network.save_weights(file)
    edit_release(candidate / "release.json", keras_sha256=sha256_of(file))
    assert "is not finite" in refusal(ReleaseError, candidate, released)
