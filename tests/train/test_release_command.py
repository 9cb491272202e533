import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from model.classifier import Classifier
from model.imaging import read_image
from model.release import LABELS, ReleaseError, read_release
from model.weights import bundled_weights, sha256_of
from tests.helpers.release_file import edit_release
from train import release as release_module
from train.errors import UserError
from train.eval import metrics
from train.eval.evaluate import evaluate
from train.files import keras_weights
from train.networks import load_network
from train.release import archive, release


@pytest.fixture(scope="module")
def evaluated(run, tree, tmp_path_factory):
    """Return the folder of an evaluated run; tests must not change it."""
    folder = tmp_path_factory.mktemp("evaluated") / "tiny"
    shutil.copytree(run, folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(metrics, "RESAMPLES", 2)
        evaluate(folder, [tree], "external", None)
    return folder


@pytest.fixture
def candidate(evaluated, tmp_path):
    return shutil.copytree(evaluated, tmp_path / "runs" / "tiny")


@pytest.fixture
def released(tmp_path, monkeypatch):
    """Return the release file of a product that has none yet."""
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
    """Return the one line with which a release fails; it changes nothing."""
    before = content(released.parents[1])
    with pytest.raises(kind) as caught:
        release(run)
    message = str(caught.value)
    assert "\n" not in message
    assert content(released.parents[1]) == before
    return message


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


def test_an_archived_run_has_its_weights_and_is_not_released(candidate, released):
    archived = archive(candidate)
    assert archived == release_module.RESULTS / "tiny"
    weights = read_release(archived / "release.json").weights_file
    assert weights.read_bytes() == (candidate / "tiny.tflite").read_bytes()
    assert not released.exists()


def test_only_the_figures_of_a_run_can_be_archived(candidate, released):
    names = {file.name for file in archive(candidate, figures_only=True).iterdir()}
    assert names == {"figures.json", "history.json", "settings.json"}


def test_a_copy_that_would_replace_the_results_of_the_release_is_refused(
    candidate, other_candidate, released
):
    release(candidate)
    before = content(released.parents[1])
    with pytest.raises(UserError, match="has the results of the released network"):
        archive(other_candidate)
    assert content(released.parents[1]) == before


def test_the_figures_of_an_archived_run_do_not_replace_it(candidate, released):
    archived = archive(candidate)
    before = content(archived)
    with pytest.raises(UserError, match="is the run itself"):
        archive(archived, figures_only=True)
    assert content(archived) == before


def test_an_archived_run_can_be_released(candidate, released):
    release(candidate)
    archive(candidate)
    release(candidate)
    assert bundled_weights(read_release(released)).is_file()


def test_a_replaced_release_can_be_released_again(candidate, released):
    settings = candidate / "settings.json"
    release(candidate)
    before = content(released.parents[1])
    settings.write_text(settings.read_text().replace('"recipe": "tiny"', '"recipe": "newer"'))
    release(candidate)
    assert read_release(released).results_folder.name == "newer"
    release(release_module.RESULTS / "tiny")
    after = content(released.parents[1])
    assert {name: after[name] for name in before} == before


def edit_figures(run, **changes):
    file = run / "figures.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | changes))


@pytest.fixture
def other_candidate(candidate, tmp_path):
    """Return a run of the same recipe whose weights file differs in a byte that LiteRT ignores."""
    run = shutil.copytree(candidate, tmp_path / "runs" / "other")
    weights = run / "tiny.tflite"
    weights.write_bytes(weights.read_bytes() + b"\0")
    edit_release(run / "release.json", sha256=sha256_of(weights))
    edit_figures(run, sha256=sha256_of(weights))
    return run


def compared(run, released, accuracy):
    """Write that the released network has an accuracy on the images that the run was tested on."""
    summary = {"balanced_accuracy": {"value": accuracy, "low": 0, "high": 1}}
    baseline = {"sha256": read_release(released).sha256, "splits": {"external": summary}}
    edit_figures(run, released=baseline)


def test_a_run_that_is_worse_than_the_release_is_refused(candidate, other_candidate, released):
    release(candidate)
    compared(other_candidate, released, 1.1)
    message = refusal(UserError, other_candidate, released)
    assert "worse than the released network" in message
    assert "instead of 1.100 on external" in message
    assert "--anyway" in message
    release(other_candidate, anyway=True)
    assert read_release(released).sha256 == sha256_of(other_candidate / "tiny.tflite")


def test_a_run_that_was_compared_with_another_release_is_refused(
    candidate, other_candidate, released
):
    compared(other_candidate, candidate / "release.json", 0)
    release(candidate)
    edit_release(released, sha256="0" * 64)
    assert "was not compared" in refusal(UserError, other_candidate, released)


def test_a_replaced_release_of_the_same_recipe_is_kept(
    candidate, other_candidate, released, capsys
):
    release(candidate)
    before = content(released.parent)
    figures = (candidate / "figures.json").read_bytes()
    compared(other_candidate, released, 0)
    capsys.readouterr()
    release(other_candidate)
    assert content(released.parent) != before
    command = capsys.readouterr().out.partition("python -m train ")[2].splitlines()[0]
    _, _, folder, anyway = command.split()
    assert anyway == "--anyway"
    assert sha256_of(candidate / "tiny.tflite")[:8] in folder
    release(Path(folder), anyway=True)
    assert content(released.parent) == before
    assert (read_release(released).results_folder / "figures.json").read_bytes() == figures


def test_releases_of_the_same_recipe_can_be_exchanged_often(candidate, other_candidate, released):
    release(candidate)
    for run in (other_candidate, candidate, other_candidate, candidate):
        release(run, anyway=True)
        bundled_weights(read_release(released))
        keras_weights(read_release(released))


def test_a_kept_release_is_not_replaced_by_a_later_one_of_its_recipe(
    candidate, other_candidate, released
):
    release(candidate)
    first = read_release(released).sha256
    settings = other_candidate / "settings.json"
    text = settings.read_text()
    settings.write_text(text.replace('"recipe": "tiny"', '"recipe": "newer"'))
    release(other_candidate, anyway=True)
    settings.write_text(text)
    release(other_candidate, anyway=True)
    kept = release_module.RESULTS / f"tiny-{first[:8]}"
    assert sha256_of(kept / "tiny.tflite") == first


def test_a_release_that_fails_leaves_the_earlier_one(
    candidate, other_candidate, released, monkeypatch
):
    release(candidate)
    before = read_release(released)

    def full_disk(source, target):
        if Path(target).suffix == ".new":
            raise OSError(28, "No space left on device")
        return copy(source, target)

    copy = shutil.copy
    with monkeypatch.context() as patch, pytest.raises(OSError, match="No space"):
        patch.setattr(shutil, "copy", full_disk)
        release(other_candidate, anyway=True)
    assert sha256_of(bundled_weights(read_release(released))) == before.sha256
    release(other_candidate, anyway=True)
    kept = release_module.RESULTS / f"tiny-{before.sha256[:8]}"
    assert sha256_of(kept / "tiny.tflite") == before.sha256
    assert (kept / "figures.json").read_bytes() == (candidate / "figures.json").read_bytes()


def test_what_was_measured_for_the_same_weights_is_kept(candidate, released):
    release(candidate)
    measured = read_release(released).results_folder / "ood.json"
    measured.write_text("{}")
    release(candidate)
    assert measured.exists()
    with pytest.raises(UserError, match="has the results of the released network"):
        archive(candidate, figures_only=True)


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
