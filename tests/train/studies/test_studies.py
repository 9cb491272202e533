"""The studies of recipes and datasets."""

import dataclasses
import json

import numpy as np
import pytest
from PIL import Image

from train.data.dataset import read_dataset
from train.errors import UserError
from train.fit import fit
from train.studies.ablations import ABLATIONS, ablate
from train.studies.leave_one_group_out import leave_one_group_out
from train.studies.rejection import _threshold, rejection
from train.studies.shortcuts import describe, shortcuts
from train.studies.small_folders import small_folders
from train.studies.tables import (
    ablations_table,
    leave_one_group_out_table,
    rejection_table,
    small_folders_table,
)

pytestmark = pytest.mark.usefixtures("fewer_resamples", "uncompiled")


@pytest.fixture(scope="module")
def ablated(tiny_recipe, tree, tmp_path_factory):
    """Return the folder of an ablation with two of the variants, to save time."""
    out = tmp_path_factory.mktemp("ablated")
    with pytest.MonkeyPatch.context() as patch:
        # ImageNet weights do not fit the tiny network.
        patch.setattr("train.fit.load_imagenet_features", lambda network: None)
        patch.setattr("train.studies.ablations.ABLATIONS", dict(list(ABLATIONS.items())[1:3]))
        ablate("tiny", dataclasses.replace(tiny_recipe, augmented=True), read_dataset([tree]), out)
    return out


def settings_of(run):
    return json.loads((run / "settings.json").read_text())


def test_variants_differ_only_in_the_changed_setting(ablated):
    settings = [
        settings_of(ablated / name)
        for name in ("without-augmentation", "without-even-sampling-over-sources")
    ]
    assert [run["epochs"] for run in settings] == [1, 1]
    assert [run["augmented"] for run in settings] == [False, True]
    assert [run["samples_per_epoch"] for run in settings] == [24, None]


def test_variants_are_evaluated_on_both_splits(ablated):
    figures = json.loads((ablated / "ablations.json").read_text())
    text = ablations_table(figures)
    for title in ("without augmentation", "without even sampling over sources"):
        for split in ("val", "external"):
            reached = figures["variants"][title][split]["balanced_accuracy"]
            assert f"{reached['value']:.3f} [{reached['low']:.3f}" in text


def test_finished_variants_are_not_trained_again(ablated, tiny_recipe, tree, monkeypatch):
    before = (ablated / "ablations.json").read_text()
    monkeypatch.setattr("train.studies.ablations.ABLATIONS", dict(list(ABLATIONS.items())[1:3]))
    monkeypatch.setattr("train.fit._train", lambda *arguments: pytest.fail("trained again"))
    recipe = dataclasses.replace(tiny_recipe, augmented=True)
    ablate("tiny", recipe, read_dataset([tree]), ablated)
    assert (ablated / "ablations.json").read_text() == before
    # Its figures would be those of other settings.
    with pytest.raises(UserError, match="has a run with other batch_size"):
        ablate("tiny", dataclasses.replace(recipe, batch_size=3), read_dataset([tree]), ablated)


def test_weights_that_have_seen_what_is_left_out_are_refused(tiny_recipe, tree, tmp_path):
    groups = tmp_path / "groups.json"
    groups.write_text(json.dumps({"first halves": ["brain/train-a"]}))
    recipe = dataclasses.replace(tiny_recipe, initial_weights="released")
    with pytest.raises(UserError, match="were trained on the sources that are left out"):
        leave_one_group_out("tiny", recipe, read_dataset([tree]), groups, tmp_path / "out")


@pytest.mark.usefixtures("no_plots")
def test_a_group_is_left_out_of_training_and_evaluated_on(tiny_recipe, tree, tmp_path):
    groups = tmp_path / "groups.json"
    sources = ["brain/train-a", "brain/val-a", "other/train-b"]
    groups.write_text(json.dumps({"first halves": sources}))
    leave_one_group_out("tiny", tiny_recipe, read_dataset([tree]), groups, tmp_path / "out")
    settings = settings_of(tmp_path / "out" / "first-halves")
    assert settings["left_out"] == sources
    assert settings["images"]["train"] == {"brain": 4, "lung": 8, "other": 4}
    assert settings["images"]["val"] == {"brain": 2, "lung": 4, "other": 4}
    figures = json.loads((tmp_path / "out" / "leave_one_group_out.json").read_text())
    group = figures["groups"]["first halves"]
    assert group["sources"] == sources
    counts = {name: (row["images"], row["sources"]) for name, row in group["classes"].items()}
    assert counts == {"brain": (6, 2), "other": (4, 1)}
    text = leave_one_group_out_table(figures)
    assert "| first halves | brain | 6 | 2 |" in text
    confidence = group["scores"]["confidence"]
    assert 0 <= confidence["coverage"] <= 1
    accepted = f"| confidence | {confidence['coverage']:.1%}, of these "
    assert (accepted in text) == (confidence["wrong_among_accepted"] is not None)


@pytest.mark.usefixtures("no_plots")
def test_a_small_folder_adapts_a_network_that_has_not_seen_its_sources(
    tiny_recipe, tree, tmp_path, monkeypatch
):
    groups = tmp_path / "groups.json"
    sources = ["brain/train-a", "lung/train-a", "other/train-b"]
    groups.write_text(json.dumps({"7": sources}))
    trained = []

    def spy(name, recipe, data, out, **options):
        trained.append([file.resolve() for file in data.folders[0].rglob("*.*")])
        fit(name, recipe, data, out, **options)

    adapted = dataclasses.replace(tiny_recipe, epochs=1, initial_weights="released")
    monkeypatch.setattr("train.studies.small_folders.load_recipe", lambda name: adapted)
    monkeypatch.setattr("train.studies.small_folders.fit", spy)
    small_folders("tiny", tiny_recipe, read_dataset([tree]), groups, tmp_path / "out")

    settings = settings_of(tmp_path / "out" / "before")
    assert settings["left_out"] == sources
    figures = json.loads((tmp_path / "out" / "small_folders.json").read_text())["groups"]["7"]
    # Of four images of a source, no more than two are drawn.
    assert len(trained[-1]) == len(set(trained[-1])) == figures["images"] == 6
    assert {f"{file.parts[-3]}/{file.parts[-2]}" for file in trained[-1]} == set(sources)
    assert (figures["own"]["images"], figures["own"]["sources"]) == (6, 3)
    assert (figures["others"]["images"], figures["others"]["sources"]) == (24, 6)
    for part in (figures["own"], figures["others"]):
        gain = part["after"]["value"] - part["before"]["value"]
        assert part["gain"]["value"] == pytest.approx(gain, abs=2e-4)
    assert "| other images of these sources | 6 of 3 sources |" in small_folders_table(
        {"cores": 2, "environment_bytes": 1, "groups": {"7": figures}}
    )


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("", "cannot be read"),
        ("[1]", "cannot be read"),
        ('{"a": ["brain/nowhere"]}', "the dataset has no brain/nowhere, a source of 'a'"),
        ('{"a": []}', "'a' has no sources"),
    ],
)
def test_groups_that_cannot_be_used_are_one_line(tiny_recipe, tree, tmp_path, content, complaint):
    groups = tmp_path / "groups.json"
    groups.write_text(content)
    with pytest.raises(UserError, match=complaint) as caught:
        leave_one_group_out("tiny", tiny_recipe, read_dataset([tree]), groups, tmp_path / "out")
    assert "\n" not in str(caught.value)


def test_a_background_that_tells_the_class_is_detected(tmp_path):
    rng = np.random.default_rng(0)
    for split in ("train", "external"):
        for grey, label in ((0, "brain"), (128, "lung"), (255, "other")):
            folder = tmp_path / split / label / split
            folder.mkdir(parents=True)
            for number in range(60):
                pixels = np.full((40, 40, 3), grey, np.uint8)
                pixels[4:-4, 4:-4] = rng.integers(0, 256, (32, 32, 3))
                Image.fromarray(pixels).save(folder / f"{number}.png")
    shortcuts(read_dataset([tmp_path]), ["external"], tmp_path / "out")
    features = json.loads((tmp_path / "out" / "shortcuts.json").read_text())["features"]
    assert features["background"]["external"]["value"] > 0.95
    assert features["size"]["external"]["value"] < 0.6


def test_features_do_not_depend_on_what_is_inside_the_border(tmp_path):
    images = [np.zeros((40, 60, 3), np.uint8) for _ in range(2)]
    images[1][2:-2, 2:-2] = 255
    described = []
    for number, pixels in enumerate(images):
        file = tmp_path / f"{number}.png"
        Image.fromarray(pixels).save(file)
        described.append(describe(file))
    sizes = [0, 1, 2]
    np.testing.assert_array_equal(described[0][sizes], [60, 40, 1.5])
    np.testing.assert_array_equal(described[0][sizes], described[1][sizes])
    np.testing.assert_array_equal(described[0][4:], described[1][4:])


def test_scores_of_rejection_are_measured_on_the_split(run, tree, tmp_path):
    rejection(run, read_dataset([tree]), ["external"], tmp_path)
    figures = json.loads((tmp_path / "rejection.json").read_text())
    split = figures["splits"]["external"]
    assert (split["images"], split["sources"]) == (24, 6)
    assert 0 < split["wrong"] < 24
    rows = [line for line in rejection_table(figures).splitlines() if line.startswith("| ")]
    assert len(rows) == 1 + len(figures["scores"])
    measured = [scores["external"] for scores in figures["scores"].values()]
    assert len({score["auroc"] for score in measured}) > 1
    for score in measured:
        wrong = score["wrong_among_accepted"]
        assert (wrong is None) == (score["coverage"] == 0)
        assert (wrong or 0) * score["coverage"] * 24 <= split["wrong"]
        low, high = score["intervals"]["coverage"]
        assert f"| {score['coverage']:.1%} [{low:.1%}, {high:.1%}] |" in rejection_table(figures)


def test_a_threshold_accepts_as_many_as_it_may():
    correct = np.ones(400, bool)
    correct[[150, 399]] = False
    scores = np.arange(400, 0, -1)
    # Of the first 400, two are wrong, which is 0.5%.
    assert _threshold(scores, correct) == 1
    correct[398] = False
    assert _threshold(scores, correct) == 3
