import shutil
from pathlib import Path

import pytest

from model.release import read_release
from model.weights import bundled_weights, sha256_of
from tests.helpers.release_file import edit_release
from tests.helpers.releases import compared, content, refusal
from train import release as release_module
from train.errors import UserError
from train.files import keras_weights
from train.release import release


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
