import importlib
import json
import pkgutil
import re

import pytest

from train import recipes
from train.errors import UserError
from train.release import RESULTS

NAMES = [module.name for module in pkgutil.iter_modules(recipes.__path__)]


@pytest.mark.parametrize("name", NAMES)
def test_a_recipe_says_what_it_reached(name):
    text = importlib.import_module(f"train.recipes.{name}").__doc__
    stated = re.search(r"balanced accuracy (\S+) on val, (\S+) on external", text)
    file = RESULTS / name / "figures.json"
    assert bool(stated) == file.is_file()
    if stated:
        splits = json.loads(file.read_text())["splits"]
        measured = [splits[split]["balanced_accuracy"]["value"] for split in ("val", "external")]
        assert [float(number.rstrip(".")) for number in stated.groups()] == [
            pytest.approx(value, abs=0.0005001) for value in measured
        ]


@pytest.mark.parametrize("name", NAMES)
def test_a_recipe_states_its_command(name):
    text = importlib.import_module(f"train.recipes.{name}").__doc__
    assert f"python -m train fit --recipe {name} --data DIR --out" in text


@pytest.mark.parametrize("name", NAMES)
def test_kept_results_are_those_of_the_recipe(name):
    settings = RESULTS / name / "settings.json"
    if not settings.is_file():
        pytest.skip("this recipe was not run yet")
    recipe = recipes.load_recipe(name)
    run = json.loads(settings.read_text())
    for key in (
        "network",
        "batch_size",
        "epochs",
        "initial_weights",
        "augmented",
        "samples_per_epoch",
        "learning_rate",
    ):
        assert run[key] == getattr(recipe, key), key


def test_an_unknown_recipe_is_one_line_with_those_there_are():
    with pytest.raises(UserError, match="'best'") as caught:
        recipes.load_recipe("best")
    assert all(name in str(caught.value) for name in NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_a_recipe_says_what_its_parts_contribute(name):
    text = importlib.import_module(f"train.recipes.{name}").__doc__
    stated = dict(re.findall(r"^- (.+): (0\.\d{3})$", text, re.MULTILINE))
    assert bool(stated) == (name == "efficientnet_lite0")
    if stated:
        variants = json.loads((RESULTS / "studies" / "ablations.json").read_text())["variants"]
        assert list(stated) == list(variants)
        for title, measured in variants.items():
            value = measured["external"]["balanced_accuracy"]["value"]
            assert float(stated[title]) == pytest.approx(value, abs=0.0005001), title


def test_the_network_that_was_not_kept_was_trained_alike_and_is_told_of_with_its_figures():
    text = importlib.import_module("train.recipes.efficientnet_lite0").__doc__
    stated = re.search(
        r"compact residual network, in[^:]*: (0\.\d{3}) on val, (0\.\d{3}) on external", text
    )
    splits = json.loads((RESULTS / "compact" / "figures.json").read_text())["splits"]
    for number, split in zip(stated.groups(), ("val", "external"), strict=True):
        measured = splits[split]["balanced_accuracy"]["value"]
        assert float(number) == pytest.approx(measured, abs=0.0005001)
    run = json.loads((RESULTS / "compact" / "settings.json").read_text())
    recipe = recipes.load_recipe("efficientnet_lite0")
    for key in (
        "batch_size",
        "epochs",
        "augmented",
        "samples_per_epoch",
        "negative_fraction",
        "cosine_schedule",
    ):
        assert run[key] == getattr(recipe, key), key
    assert run["initial_weights"] == "random"


def test_the_released_average_is_of_the_runs_that_are_kept():
    settings = json.loads((RESULTS / "finetuned" / "settings.json").read_text())
    parts = [
        json.loads((RESULTS / "soup" / name / "settings.json").read_text())
        for name in ("run-1", "run-1", "run-2", "run-3")
    ]
    averaged = settings["average_of"]
    assert len({part.pop("weights_sha256") for part in averaged}) == len(averaged)
    assert averaged == parts
