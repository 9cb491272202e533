import pytest

from model.release import read_release
from model.weights import bundled_weights
from tests.helpers.releases import content
from train import release as release_module
from train.errors import UserError
from train.release import archive, release


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


def test_what_was_measured_for_the_same_weights_is_kept(candidate, released):
    release(candidate)
    measured = read_release(released).results_folder / "ood.json"
    measured.write_text("{}")
    release(candidate)
    assert measured.exists()
    with pytest.raises(UserError, match="has the results of the released network"):
        archive(candidate, figures_only=True)
