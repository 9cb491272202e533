"""A network with other labels, from the folder of images to the page."""

import dataclasses
import json

import numpy as np
import pytest
from gradio_client import Client, handle_file
from playwright.sync_api import expect

from model.release import read_release
from page.addresses import APP
from tests.helpers.browser import answer, drop, zone
from tests.helpers.running_app import RunningApp
from train import fit as fit_module
from train import release as release_module
from train.data.dataset import read_dataset
from train.errors import UserError
from train.eval import metrics, plots
from train.eval.evaluate import evaluate
from train.eval.ood import ood
from train.export.model_card import model_card
from train.fit import fit
from train.networks import load_network
from train.release import release

LABELS = ("cat", "sea lion", "tree")


@pytest.fixture(scope="module")
def animals(tmp_path_factory, write_images):
    """A dataset of other classes; tests must not change it."""
    root = tmp_path_factory.mktemp("animals")
    for split, count in {"train": 6, "val": 3}.items():
        for name, looks_like in zip(LABELS, ("brain", "lung", "other"), strict=True):
            for source in (0, 1):
                folder = root / split / name.title() / f"source-{source}"
                write_images(folder, looks_like, count, source, seed=len(split))
    return root


@pytest.fixture(scope="module")
def evaluated(animals, tiny_recipe, tmp_path_factory, uncompiled):
    """The folder of an evaluated run; tests must not change it."""
    out = tmp_path_factory.mktemp("runs") / "animals"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(metrics, "RESAMPLES", 2)
        # Plots are empty files, to save time.
        patch.setattr(plots, "_save", lambda figure, file: file.touch())
        data = read_dataset([animals], LABELS)
        fit("tiny", tiny_recipe, data, out)
        evaluate(out, data, None, None)
    return out


@pytest.fixture(scope="module")
def app(evaluated, make_checkout, tmp_path_factory):
    """The running app of a checkout in which the run was released."""
    folder = make_checkout(tmp_path_factory.mktemp("product") / "checkout")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(release_module, "RELEASE_FILE", folder / "model" / "release.json")
        patch.setattr(release_module, "RESULTS", folder / "train" / "results")
        release(evaluated)
    with RunningApp.bundled(folder / "uploads", folder) as app:
        yield app


def test_the_endpoint_and_the_page_answer_with_the_labels(app, animals, browser):
    image = next((animals / "val" / "Cat").rglob("*.png"))
    client = Client(app.url, verbose=False, analytics_enabled=False)
    predicted = client.predict(handle_file(image), api_name="/predict")
    confidences = {row["label"]: row["confidence"] for row in predicted["confidences"]}
    assert set(confidences) == set(LABELS)
    assert sum(confidences.values()) == pytest.approx(1)

    page = browser.new_page(locale="en-US")
    page.goto(app.url)
    expect(page.locator(".weights").first).to_contain_text("tiny")
    expect(page.get_by_role("heading", level=1)).to_have_text("What does this picture show?")
    drop(zone(page), image)
    expect(answer(page)).to_contain_text(predicted["label"])
    for label in LABELS:
        expect(page.get_by_role("meter", name=label)).to_have_count(1)
    page.get_by_role("tab").last.click()
    expect(page.locator(".about table.confusion thead").first).to_contain_text("sea lion")
    expect(page.locator(".about pre")).to_have_count(3)
    # The address of the app is not about labels.
    shown = page.locator("gradio-app").text_content().replace(APP, "").lower()
    for word in ("brain", "lung", "undefined"):
        assert word not in shown
    assert "left out" not in app.log
    page.close()


def test_settings_figures_and_card_name_the_labels(evaluated):
    found = read_release(evaluated / "release.json")
    assert found.labels == LABELS
    settings = json.loads((evaluated / "settings.json").read_text())
    assert settings["labels"] == list(LABELS)
    assert settings["images"]["val"] == dict.fromkeys(LABELS, 6)
    split = json.loads((evaluated / "figures.json").read_text())["splits"]["val"]
    assert list(split["classes"]) == list(LABELS)
    card = model_card(found, "user/name")
    assert "- `sea lion`" in card
    assert "lung imaging" not in card


def test_out_of_distribution_images_need_a_label_for_them(evaluated):
    with pytest.raises(UserError, match='no label "other"'):
        ood(evaluated, None)


def test_training_starts_from_the_released_features_with_a_new_last_layer(run, tiny_recipe):
    released = read_release(run / "release.json")
    labels = (*LABELS, "bird")
    recipe = dataclasses.replace(tiny_recipe, initial_weights="released")
    network = fit_module.initial_network(recipe, labels, released)
    *features, kernel, bias = network.get_weights()
    *expected, before, _ = load_network(released).get_weights()
    for array, other in zip(features, expected, strict=True):
        np.testing.assert_array_equal(array, other)
    assert kernel.shape == (len(before), len(bias)) == (len(before), 4)
