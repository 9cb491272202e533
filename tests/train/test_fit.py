import dataclasses
import json
import os
import re
import signal
import sys
from importlib.metadata import version
from pathlib import Path

import h5py
import keras
import numpy as np
import pytest
import scipy.special
import tensorflow as tf
from PIL import Image

from model.classifier import Classifier
from model.imaging import read_image
from model.release import LABELS, read_release
from model.weights import sha256_of
from train import __main__ as command_line
from train import fit as fit_module
from train.checkpoint import TrainingState, deferred_interrupt
from train.data.batches import ordered_batches, training_batches
from train.data.dataset import read_dataset
from train.errors import UserError
from train.eval.inference import load_classifier
from train.export import network as network_module
from train.fit import fit
from train.networks import NETWORKS, load_network
from train.recipes import Recipe

pytestmark = pytest.mark.usefixtures("uncompiled")

ROOT = Path(__file__).parents[2]


class Interrupted(Exception):
    """Stands for a killed process: an exception that the code under test does not know."""


def read_arrays(file):
    """Return every array of a weights file, by name."""
    arrays = {}
    with h5py.File(file) as opened:
        opened.visititems(
            lambda name, item: (
                arrays.update({name: item[()]}) if isinstance(item, h5py.Dataset) else None
            )
        )
    return arrays


def read_history(run):
    return json.loads((run / "history.json").read_text())


def assert_same_result(run, other):
    assert len(read_history(run)) == len(read_history(other))
    for logs, other_logs in zip(read_history(run), read_history(other), strict=True):
        assert logs == pytest.approx(other_logs, rel=1e-5)
    arrays, other_arrays = (read_arrays(folder / "tiny.weights.h5") for folder in (run, other))
    assert arrays.keys() == other_arrays.keys()
    for key, array in arrays.items():
        # The last bit of half precision.
        np.testing.assert_allclose(array, other_arrays[key], rtol=1e-3, atol=1e-7)
    assert {file.name for file in run.iterdir()} == {file.name for file in other.iterdir()}
    temperature = read_release(other / "release.json").temperature
    assert read_release(run / "release.json").temperature == pytest.approx(temperature, rel=1e-3)


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
    fit("tiny", recipe, [tree], tmp_path)
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
    fit("tiny", tiny_recipe, [tree], tmp_path)
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
    fit("tiny", recipe, [tree], tmp_path)
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
    fit("pooled", recipe, [tree], tmp_path)
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


def always(*_):
    return True


def half_written(_, network, file):
    Path(file).write_bytes(b"the first bytes of a file")
    return True


INTERRUPTIONS = (
    # An epoch has five steps, and a checkpoint is written after the third.
    (keras.Model, "train_on_batch", lambda count, *_: count == 4),
    (keras.Model, "save_weights", half_written),
    (os, "replace", lambda _, new, file: file.name == "state.json"),
    (keras.Model, "train_on_batch", lambda count, *_: count == 2 + 4),
    (os, "replace", lambda _, new, file: file.name == "history.json"),
    (network_module, "save_half_precision", always),
)
"""Owner and name of a function that raises, and a predicate of the call that does: one per run."""


@pytest.mark.usefixtures("no_plots")
def test_a_run_interrupted_at_every_stage_ends_like_an_uninterrupted_one(
    run, tree, tiny_recipe, tmp_path, monkeypatch
):
    monkeypatch.setattr(fit_module, "STEPS_BETWEEN_CHECKPOINTS", 3)
    for owner, name, when in INTERRUPTIONS:
        with monkeypatch.context() as patch:
            interrupt(patch, owner, name, when)
            with pytest.raises(Interrupted):
                fit("tiny", tiny_recipe, [tree], tmp_path)
    fit("tiny", tiny_recipe, [tree], tmp_path)
    assert_same_result(tmp_path, run)


def interrupt(patch, owner, name, when, exception=Interrupted):
    original, calls = getattr(owner, name), []

    def interrupted(*arguments, **options):
        calls.append(name)
        if when(len(calls), *arguments):
            raise exception
        return original(*arguments, **options)

    patch.setattr(owner, name, interrupted)


@pytest.mark.usefixtures("no_plots")
def test_ctrl_c_loses_no_step_and_says_how_to_continue(
    run, tree, tiny_recipe, tmp_path, monkeypatch, capsys
):
    steps, train_on_batch = [], keras.Model.train_on_batch

    def step_with_ctrl_c(*arguments, **options):
        if not steps:
            signal.raise_signal(signal.SIGINT)
        steps.append(1)
        return train_on_batch(*arguments, **options)

    with monkeypatch.context() as patch:
        patch.setattr(keras.Model, "train_on_batch", step_with_ctrl_c)
        with pytest.raises(KeyboardInterrupt):
            fit("tiny", tiny_recipe, [tree], tmp_path)
    assert "continues where it stopped" in capsys.readouterr().err
    assert len(steps) == 1
    fit("tiny", tiny_recipe, [tree], tmp_path)
    printed = capsys.readouterr()
    assert "resumed after 0 epochs and 1 steps" in printed.out
    assert_same_result(tmp_path, run)


def test_a_second_ctrl_c_ends_a_step_at_once():
    with pytest.raises(KeyboardInterrupt), deferred_interrupt():
        signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGINT)
        pytest.fail("the second was deferred too")


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
        fit("tiny", recipe, [tree], tmp_path, **options)
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
                fit("tiny", recipe, [tree], tmp_path)
    settings = json.loads((tmp_path / "settings.json").read_text())
    assert settings["images"]["train"] == {"brain": 4, "lung": 4, "other": 4}
    assert settings["sources"] == [*sources, "other/val-b"]


def test_a_finished_run_is_not_trained_again(run, tree, tiny_recipe, monkeypatch):
    before = read_arrays(run / "tiny.weights.h5")

    def train(*arguments, **options):
        pytest.fail("a finished run was trained")

    monkeypatch.setattr(keras.Model, "train_on_batch", train)
    fit("tiny", tiny_recipe, [tree], run)
    for name, array in read_arrays(run / "tiny.weights.h5").items():
        np.testing.assert_array_equal(array, before[name])


@pytest.mark.parametrize(
    "change", [{"batch_size": 6}, {"epochs": 3}, {"seed": 1}, {"augmented": True}]
)
def test_a_folder_with_a_run_of_other_settings_is_refused(run, tree, tiny_recipe, change):
    before = {file: file.read_bytes() for file in run.rglob("*") if file.is_file()}
    with pytest.raises(UserError) as caught:
        fit("tiny", dataclasses.replace(tiny_recipe, **change), [tree], run)
    assert (
        str(caught.value) == f"{run} has a run with other {next(iter(change))}; give another --out"
    )
    assert {file: file.read_bytes() for file in run.rglob("*") if file.is_file()} == before


def test_a_folder_with_a_run_on_other_images_is_refused(run, write_tree, tiny_recipe, tmp_path):
    other = write_tree(tmp_path, train=3, val=2)
    with pytest.raises(UserError, match="a run with other images"):
        fit("tiny", tiny_recipe, [other], run)


def test_an_unwritable_folder_is_refused_before_images_are_read(
    tree, tmp_path, tiny_recipe, monkeypatch
):
    monkeypatch.setattr(fit_module, "drop_unreadable", lambda *_: pytest.fail("images were read"))
    file = tmp_path / "file"
    file.touch()
    for out in (file, file / "below"):
        with pytest.raises(UserError, match=re.escape(str(out))) as caught:
            fit("tiny", tiny_recipe, [tree], out)
        assert "cannot be written" in str(caught.value)
        assert "\n" not in str(caught.value)


def test_settings_count_unreadable_images(write_tree, tiny_recipe, tmp_path, monkeypatch):
    tree = write_tree(tmp_path / "tree", train=2, val=1)
    (tree / "train" / "lung" / "train-a" / "bad.jpg").write_bytes(b"not an image")
    interrupt(monkeypatch, keras.Model, "train_on_batch", always)
    with pytest.raises(Interrupted):
        fit("tiny", tiny_recipe, [tree], tmp_path / "run")
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
