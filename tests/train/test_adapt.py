"""Adapting the last layer to a small folder: what is kept, and that nothing is forgotten."""

import dataclasses
import shutil

import numpy as np
import pytest

from model.classifier import softmax
from model.release import read_release
from train import fit as fit_module
from train.adapt import adapt_last_layer
from train.data.dataset import read_dataset
from train.errors import UserError
from train.fit import fit
from train.networks import load_network
from train.replay import compute_features, features_file, read_features, replay, write_features


@pytest.fixture
def released(run, tmp_path, monkeypatch):
    """Let a copy of the run be the released network."""
    release = read_release(shutil.copytree(run, tmp_path / "released") / "release.json")
    monkeypatch.setattr(fit_module, "read_release", lambda file=None: read(file) or release)
    return release


def read(file):
    return file and read_release(file)


@pytest.fixture
def recipe(tiny_recipe):
    settings = {"epochs": 1, "initial_weights": "released", "replay_fraction": 0.8}
    return dataclasses.replace(tiny_recipe, **settings)


def test_new_images_are_learned_and_predictions_for_earlier_ones_are_kept():
    rng = np.random.default_rng(0)
    kernel, bias = rng.normal(size=(20, 3)), np.zeros(3)
    earlier, new = rng.normal(size=(2, 100, 20))
    new[:, 0] += 4
    labels = np.full(100, 1)
    before = softmax(earlier @ kernel + bias, 1)

    def change_and_accuracy(replayed):
        layer = adapt_last_layer(kernel, bias, new, labels, replayed, 0.8)
        after = softmax(earlier @ layer[0] + layer[1], 1)
        predicted = (new @ layer[0] + layer[1]).argmax(axis=1)
        return np.abs(after - before).mean(), (predicted == labels).mean()

    at_first = ((new @ kernel + bias).argmax(axis=1) == labels).mean()
    change, accuracy = change_and_accuracy(earlier)
    forgotten, _ = change_and_accuracy(None)
    assert accuracy > at_first
    assert change < forgotten / 2


def test_features_are_written_for_the_weights_they_belong_to(released, tree):
    replay(features_file(released).parent, read_dataset([tree]))
    features = read_features(released)
    assert len(features) == 24
    with pytest.raises(UserError, match="python -m train replay"):
        read_features(dataclasses.replace(released, keras_sha256="0" * 64))


def test_features_below_0_are_kept_too(released):
    features = np.linspace(-3, 5, 200, dtype=np.float32).reshape(2, 100)
    write_features(released, features)
    np.testing.assert_allclose(read_features(released), features, atol=8 / 255)


def test_only_the_last_layer_changes_and_its_features_are_kept(released, recipe, tree, tmp_path):
    write_features(released, np.random.default_rng(0).random((7, 784), np.float32))
    out = tmp_path / "out"
    fit("adapted", recipe, read_dataset([tree]), out)
    adapted = read_release(out / "release.json")
    *backbone, kernel, _ = load_network(adapted).get_weights()
    *expected, before, _ = load_network(released).get_weights()
    for array, other in zip(backbone, expected, strict=True):
        np.testing.assert_allclose(array, other, rtol=2e-3, atol=1e-4)
    assert np.abs(kernel - before).max() > 1e-3
    assert len(read_features(adapted)) == 7 + 24
    assert adapted.temperature == read_release().temperature


def test_the_number_of_epochs_cannot_be_given(released, recipe, tree, tmp_path):
    with pytest.raises(UserError, match="with --samples-per-epoch instead of --epochs"):
        fit("adapted", recipe, read_dataset([tree]), tmp_path / "run", epochs=2)


def test_without_features_of_the_release_nothing_is_adapted(released, recipe, tree, tmp_path):
    with pytest.raises(UserError, match="python -m train replay --weights model"):
        fit("adapted", recipe, read_dataset([tree]), tmp_path / "out")


def test_the_features_are_what_the_last_layer_sees(run):
    network = load_network(read_release(run / "release.json"))
    inputs = np.random.default_rng(0).integers(0, 256, (4, 16, 16, 3)).astype(np.uint8)
    batches = [(inputs[:3], np.array([0, 1, 2])), (inputs[3:], np.array([0]))]
    features, labels = compute_features(network, batches)
    kernel, bias = network.layers[-1].get_weights()
    expected = network(inputs.astype(np.float32), training=False).numpy()
    np.testing.assert_allclose(features @ kernel + bias, expected, rtol=1e-4, atol=1e-4)
    assert labels.tolist() == [0, 1, 2, 0]
