import importlib
import json
import pkgutil
import re

import pytest

from train import recipes
from train.errors import UserError
from train.files import RESULTS

NAMES = [module.name for module in pkgutil.iter_modules(recipes.__path__)]


def archived(name, file):
    """Read a file of the archived runs of a recipe: its own, and those that releases replaced."""
    folders = (RESULTS / name, *sorted(RESULTS.glob(f"{name}-????????")))
    files = (folder / file for folder in folders)
    return [json.loads(file.read_text()) for file in files if file.is_file()]


@pytest.mark.parametrize("name", NAMES)
def test_a_recipe_states_its_measured_result(name):
    text = importlib.import_module(f"train.recipes.{name}").__doc__
    stated = re.search(
        r"balanced accuracy (\S+) on val, (\S+) on external\s\((\S+) images of (\d+) sources", text
    )
    measured = [
        [f"{splits[split]['balanced_accuracy']['value']:.3f}" for split in ("val", "external")]
        + [f"{splits['external'][counted]:,}" for counted in ("images", "sources")]
        for splits in (figures["splits"] for figures in archived(name, "figures.json"))
        if {"val", "external"} <= splits.keys()
    ]
    # Its result depends on the folder to which it adapts.
    if not recipes.load_recipe(name).replay_fraction:
        assert bool(stated) == bool(measured)
    if stated:
        assert list(stated.groups()) in measured


@pytest.mark.parametrize("name", NAMES)
def test_a_recipe_states_its_command(name):
    text = importlib.import_module(f"train.recipes.{name}").__doc__
    assert f"python -m train fit --recipe {name} --data DIR --out" in text


@pytest.mark.parametrize("name", NAMES)
def test_archived_results_are_of_the_recipe(name):
    runs = archived(name, "settings.json")
    if not runs:
        pytest.skip("no archived run of this recipe")
    recipe = recipes.load_recipe(name)
    if recipe.replay_fraction:
        pytest.skip("its length follows the folder, and its network the release")
    keys = ("network", "batch_size", "epochs", "initial_weights", "augmented")
    keys += ("samples_per_epoch", "learning_rate")
    assert {key: getattr(recipe, key) for key in keys} in [
        {key: run[key] for key in keys} for run in runs
    ]


def test_an_unknown_recipe_is_refused_with_the_available_names():
    with pytest.raises(UserError, match="'best'") as caught:
        recipes.load_recipe("best")
    assert all(name in str(caught.value) for name in NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_a_recipe_states_its_measured_ablations(name):
    text = importlib.import_module(f"train.recipes.{name}").__doc__
    stated = dict(re.findall(r"^- (.+): (0\.\d{3})$", text, re.MULTILINE))
    assert bool(stated) == (name == "efficientnet_lite0")
    if stated:
        variants = json.loads((RESULTS / "studies" / "ablations.json").read_text())["variants"]
        assert list(stated) == list(variants)
        for title, measured in variants.items():
            value = measured["external"]["balanced_accuracy"]["value"]
            assert float(stated[title]) == pytest.approx(value, abs=0.0005001), title


@pytest.mark.parametrize(
    ("folder", "runs"),
    [
        ("finetuned", ("run-4", "run-5", "run-6", "run-7", "run-8")),
        ("soup/earlier-release", ("run-1", "run-1", "run-2", "run-3")),
    ],
)
def test_an_average_is_of_the_archived_runs(folder, runs):
    parts = [json.loads((RESULTS / "soup" / run / "settings.json").read_text()) for run in runs]
    averages = [
        run["average_of"] for run in archived(folder, "settings.json") if "average_of" in run
    ]
    for averaged in averages:
        assert len({part.pop("weights_sha256") for part in averaged}) == len(averaged)
        assert sum(part.pop("share", 1 / len(averaged)) for part in averaged) == pytest.approx(1)
    assert parts in averages
