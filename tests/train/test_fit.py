"""Training from images to weights."""

import dataclasses
import json
import re
import sys
from importlib.metadata import version
from pathlib import Path

import keras
import numpy as np
import pytest
import scipy.special
import tensorflow as tf
from PIL import Image

from model.classifier import Classifier, load_classifier
from model.imaging import read_image
from model.release import LABELS, read_release
from model.weights import sha256_of
from tests.helpers.interrupts import Interrupted, always, interrupt
from tests.helpers.run_files import read_arrays, read_history
from train import __main__ as command_line
from train import fit as fit_module
from train.checkpoint import TrainingState
from train.data.batches import ordered_batches, training_batches
from train.data.dataset import read_dataset
from train.errors import UserError
from train.fit import fit
from train.networks import NETWORKS, load_network
from train.recipes import Recipe

pytestmark = pytest.mark.usefixtures("uncompiled")

ROOT = Path(__file__).parents[2]


def test_a_run_writes_every_file(run, tree):
    assert {file.name for file in run.iterdir()} == {
        "curves.png",
        "history.json",
        "origins.csv",
        "release.json",
        "settings.json",
        "tiny.tflite",
        "tiny.weights.h5",
        "network.json",
    }
    with Image.open(run / "curves.png") as curves:
        assert min(curves.size) > 300
    release = read_release(run / "release.json")
    assert release.network == "tiny"
    assert release.sha256 == sha256_of(run / "tiny.tflite")
    assert release.keras_sha256 == sha256_of(run / "tiny.weights.h5")
    prediction = Classifier(release.weights_file, release.labels, release.temperature).classify(
        read_image(ROOT / "examples" / "brain-mri.png")
    )
    assert tuple(prediction) == LABELS


def test_the_history_has_loss_and_accuracy_of_both_splits_for_every_epoch(run):
    history = read_history(run)
    assert len(history) == 2
    for logs in history:
        assert set(logs) == {"loss", "accuracy", "val_loss", "val_accuracy"}
        assert all(np.isfinite(value) for value in logs.values())
        assert 0 <= logs["accuracy"] <= 1


def test_settings_contain_everything_to_repeat_the_run(run, tiny_recipe):
    settings = json.loads((run / "settings.json").read_text())
    assert settings["recipe"] == "tiny"
    recipe = dataclasses.asdict(tiny_recipe) | {"sources": []}  # JSON has no tuples.
    assert {name: settings[name] for name in recipe} == recipe
    assert settings["images"] == {
        "train": {"brain": 8, "lung": 8, "other": 8},
        "val": {"brain": 4, "lung": 4, "other": 4},
    }
    assert settings["skipped"] == {"train": 0, "val": 0}
    for name in ("keras", "numpy", "pillow"):
        assert settings["versions"][name] == version(name)
    assert settings["versions"]["python"] == sys.version.split()[0]


@pytest.mark.usefixtures("no_plots")
def test_loss_and_accuracy_are_means_over_the_images(tree, tmp_path, tiny_recipe, monkeypatch):
    """A learning rate of zero keeps the weights, so that the expected means can be computed."""
    network = keras.Sequential(
        [keras.Input((16, 16, 3)), keras.layers.Flatten(), keras.layers.Dense(3)]
    )
    network.set_weights([array / 100 for array in network.get_weights()])
    monkeypatch.setitem(NETWORKS, "tiny", lambda outputs: keras.models.clone_model(network))
    monkeypatch.setattr(
        fit_module, "load_imagenet_features", lambda fresh: fresh.set_weights(network.get_weights())
    )
    recipe = dataclasses.replace(
        tiny_recipe, initial_weights="imagenet", learning_rate=0.0, epochs=1
    )
    fit("tiny", recipe, read_dataset([tree]), tmp_path)
    [logs] = read_history(tmp_path)
    splits = read_dataset([tree])
    for prefix, batches in {
        "": training_batches(splits["train"], recipe, 16, 0, 0),
        "val_": ordered_batches(splits["val"], 16, 5),
    }.items():
        pairs = [(network(inputs, training=False).numpy(), labels) for inputs, labels in batches]
        logits = np.concatenate([logits for logits, _ in pairs])
        labels = np.concatenate([labels for _, labels in pairs])
        losses = -scipy.special.log_softmax(logits, axis=1)[np.arange(len(labels)), labels]
        assert logs[f"{prefix}loss"] == pytest.approx(losses.mean(), rel=1e-4)
        assert logs[f"{prefix}accuracy"] == pytest.approx((logits.argmax(1) == labels).mean())


@pytest.mark.usefixtures("no_plots")
def test_exported_weights_are_those_of_the_last_epoch(tree, tiny_recipe, tmp_path, monkeypatch):
    epochs = watch_epochs(monkeypatch)
    fit("tiny", tiny_recipe, read_dataset([tree]), tmp_path)
    first, last = epochs
    assert_exported(tmp_path, last)
    assert max(np.abs(a - b).max() for a, b in zip(first, last, strict=True)) > 1e-3
    assert not any("optimizer" in name for name in read_arrays(tmp_path / "tiny.weights.h5"))


def watch_epochs(patch):
    """Return a list that gets the weights at the end of every epoch."""
    epochs, finish_epoch = [], TrainingState.finish_epoch

    def spy(state, metrics):
        epochs.append(state.network.get_weights())
        finish_epoch(state, metrics)

    patch.setattr(TrainingState, "finish_epoch", spy)
    return epochs


def exported_weights(run):
    return load_network(read_release(run / "release.json")).get_weights()


def assert_exported(run, weights):
    for array, expected in zip(exported_weights(run), weights, strict=True):
        # Stored in half precision.
        np.testing.assert_allclose(array, expected, rtol=2e-3, atol=1e-4)


@pytest.mark.usefixtures("no_plots")
def test_freezing_the_backbone_trains_only_the_last_layer(tree, tiny_recipe, tmp_path):
    recipe = dataclasses.replace(tiny_recipe, frozen_layers=-1, epochs=1)
    fit("tiny", recipe, read_dataset([tree]), tmp_path)
    keras.utils.set_random_seed(recipe.seed)
    before = NETWORKS["tiny"]().get_weights()
    after = exported_weights(tmp_path)
    changed = [np.abs(a - b).max() > 1e-4 for a, b in zip(after, before, strict=True)]
    assert changed == [False] * (len(before) - 2) + [True, True]


@pytest.mark.usefixtures("no_plots")
def test_a_network_that_trains_on_small_inputs_takes_its_own_size_later(
    tree, tmp_path, monkeypatch
):
    def pooled(outputs):
        inputs = keras.Input((24, 24, 3))
        features = keras.layers.Conv2D(4, 3)(keras.layers.Rescaling(1 / 255)(inputs))
        features = keras.layers.GlobalAveragePooling2D()(features)
        return keras.Model(inputs, keras.layers.Dense(outputs)(features))

    sizes = set()
    batches = fit_module.training_batches

    def spy(images, recipe, size, *arguments, **settings):
        sizes.add(size)
        return batches(images, recipe, size, *arguments, **settings)

    monkeypatch.setattr(fit_module, "training_batches", spy)
    monkeypatch.setitem(NETWORKS, "pooled", pooled)
    recipe = Recipe(network="pooled", batch_size=5, epochs=1, training_size=16)
    starts = []
    for same in (recipe, dataclasses.replace(recipe, training_size=None)):
        keras.utils.set_random_seed(0)
        starts.append(fit_module.initial_network(same, LABELS, None).get_weights())
    for array, expected in zip(*starts, strict=True):
        np.testing.assert_array_equal(array, expected)
    epochs = watch_epochs(monkeypatch)
    fit("pooled", recipe, read_dataset([tree]), tmp_path)
    assert sizes == {16}
    assert_exported(tmp_path, *epochs)
    release = read_release(tmp_path / "release.json")
    assert load_classifier(release).input_size == 24


@pytest.mark.parametrize("steps", [10, 200])
def test_the_cosine_schedule_warms_up_and_decays_to_zero(tiny_recipe, steps):
    recipe = dataclasses.replace(tiny_recipe, learning_rate=0.01, cosine_schedule=True)
    rate = fit_module._learning_rate(recipe, steps)
    rates = np.array([float(rate(step)) for step in range(steps + 1)])
    assert rates.argmax() == steps // 20
    assert rates.max() == pytest.approx(0.01)
    assert (np.diff(rates[steps // 20 :]) < 0).all()
    assert rates[-1] == pytest.approx(0, abs=1e-8)
    assert rates[steps // 20 + (steps - steps // 20) // 2] == pytest.approx(0.005, rel=0.15)


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        # 24 images may be seen 20 times, over two epochs.
        ({}, (2, 240)),
        ({"epochs": 4}, (4, 120)),
        ({"epochs": 1, "samples_per_epoch": 10_000}, (1, 10_000)),
    ],
)
def test_length_follows_the_folder_and_options_override_it(
    tree, tiny_recipe, tmp_path, monkeypatch, options, expected
):
    recipe = dataclasses.replace(tiny_recipe, epochs=2, samples_per_epoch=5000)
    interrupt(monkeypatch, keras.Model, "train_on_batch", always)
    with pytest.raises(Interrupted):
        fit("tiny", recipe, read_dataset([tree]), tmp_path, **options)
    settings = json.loads((tmp_path / "settings.json").read_text())
    assert (settings["epochs"], settings["samples_per_epoch"]) == expected


def test_a_recipe_may_train_on_some_sources_only(tree, tiny_recipe, tmp_path, monkeypatch):
    sources = ("brain/train-a", "brain/val-a", "lung/train-b", "lung/val-a", "other/train-a")
    recipe = dataclasses.replace(tiny_recipe, sources=(*sources, "other/val-b"))
    for exception in (Interrupted, Interrupted):
        # The second call finds the settings of the first.
        with monkeypatch.context() as patch:
            interrupt(patch, keras.Model, "train_on_batch", always, exception)
            with pytest.raises(exception):
                fit("tiny", recipe, read_dataset([tree]), tmp_path)
    settings = json.loads((tmp_path / "settings.json").read_text())
    assert settings["images"]["train"] == {"brain": 4, "lung": 4, "other": 4}
    assert settings["sources"] == [*sources, "other/val-b"]


def test_an_unwritable_folder_is_refused_before_images_are_read(
    tree, tmp_path, tiny_recipe, monkeypatch
):
    monkeypatch.setattr(fit_module, "drop_unreadable", lambda *_: pytest.fail("images were read"))
    file = tmp_path / "file"
    file.touch()
    for out in (file, file / "below"):
        with pytest.raises(UserError, match=re.escape(str(out))) as caught:
            fit("tiny", tiny_recipe, read_dataset([tree]), out)
        assert "cannot be written" in str(caught.value)
        assert "\n" not in str(caught.value)


def test_settings_count_unreadable_images(write_tree, tiny_recipe, tmp_path, monkeypatch):
    tree = write_tree(tmp_path / "tree", train=2, val=1)
    (tree / "train" / "lung" / "train-a" / "bad.jpg").write_bytes(b"not an image")
    interrupt(monkeypatch, keras.Model, "train_on_batch", always)
    with pytest.raises(Interrupted):
        fit("tiny", tiny_recipe, read_dataset([tree]), tmp_path / "run")
    settings = json.loads((tmp_path / "run" / "settings.json").read_text())
    assert settings["skipped"] == {"train": 1, "val": 0}
    assert settings["images"]["train"] == {"brain": 4, "lung": 4, "other": 4}


def test_the_command_trains_the_original_network_and_shows_progress(
    write_tree, tmp_path, monkeypatch, capsys
):
    tf.config.run_functions_eagerly(False)  # As users train.
    tree = write_tree(tmp_path / "tree", train=1, val=1)
    out = tmp_path / "run"
    command = ["train", "fit", "--recipe", "original", "--epochs", 2, "--data", tree, "--out", out]
    monkeypatch.setattr(sys, "argv", [*map(str, command)])
    command_line.main()
    ended = capsys.readouterr()
    assert "train: 6 images of 6 sources (brain 2, lung 2, other 2)" in ended.out
    assert re.search(r"epoch 2 of 2.* 2/2 .*accuracy=[\d.]+, loss=[\d.]+", ended.err)
    assert len(read_history(out)) == 2
    release = read_release(out / "release.json")
    assert release.network == "original"
    Classifier(release.weights_file, release.labels, release.temperature)
