import csv
import dataclasses
import json
import os
import re
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import h5py
import keras
import numpy as np
import pytest
import scipy.special
from PIL import Image

from model.classifier import Classifier, softmax
from model.imaging import read_image
from model.networks import NETWORKS
from model.release import LABELS, read_release
from model.weights import sha256_of
from train import fit as fit_module
from train.data.batches import ordered_batches, training_batches
from train.data.dataset import LabelledImage, read_tree
from train.data.origins import write_origins
from train.errors import UserError
from train.eval.calibration import REJECTED_ACCURACY, find_confidence_threshold, fit_temperature
from train.export import export as finish_module
from train.fit import fit

ROOT = Path(__file__).parents[2]


class Interrupted(Exception):
    """Stands for whatever ends a process; nothing in between may catch it."""


def arrays_of(file):
    """Every array in a weights file, by name."""
    arrays = {}
    with h5py.File(file) as opened:
        opened.visititems(
            lambda name, item: (
                arrays.update({name: item[()]}) if isinstance(item, h5py.Dataset) else None
            )
        )
    return arrays


def history_of(run):
    return json.loads((run / "history.json").read_text())


def assert_same_result(run, other):
    assert len(history_of(run)) == len(history_of(other))
    for logs, other_logs in zip(history_of(run), history_of(other), strict=True):
        assert logs == pytest.approx(other_logs, rel=1e-5)
    for name, tolerance in {
        "checkpoints/epoch-1.weights.h5": 1e-5,
        "checkpoints/epoch-2.weights.h5": 1e-5,
        "tiny.weights.h5": 1e-3,  # in half precision the last bit is as much
    }.items():
        arrays, other_arrays = arrays_of(run / name), arrays_of(other / name)
        assert arrays.keys() == other_arrays.keys()
        for key, array in arrays.items():
            np.testing.assert_allclose(array, other_arrays[key], rtol=tolerance, atol=1e-7)
    temperature = read_release(other / "release.json").temperature
    assert read_release(run / "release.json").temperature == pytest.approx(temperature, rel=1e-3)


def test_a_run_leaves_everything_that_is_needed(run, tree):
    assert {file.name for file in run.iterdir()} == {
        "checkpoints",
        "curves.png",
        "history.json",
        "origins.csv",
        "release.json",
        "settings.json",
        "tiny.tflite",
        "tiny.weights.h5",
        "network.json",
    }
    assert {"epoch-1.weights.h5", "epoch-2.weights.h5"} <= {
        file.name for file in (run / "checkpoints").iterdir()
    }
    with Image.open(run / "curves.png") as curves:
        assert min(curves.size) > 300
    release = read_release(run / "release.json")
    assert release.network == "tiny"
    assert release.sha256 == sha256_of(run / "tiny.tflite")
    assert release.keras_sha256 == sha256_of(run / "tiny.weights.h5")
    answer = Classifier(release.weights_file, release.labels, release.temperature).classify(
        read_image(ROOT / "examples" / "brain-mri.png")
    )
    assert tuple(answer) == LABELS


def test_the_history_holds_both_figures_of_every_epoch(run):
    history = history_of(run)
    assert len(history) == 2
    for logs in history:
        assert set(logs) == {"loss", "accuracy", "val_loss", "val_accuracy"}
        assert all(np.isfinite(value) for value in logs.values())
        assert 0 <= logs["accuracy"] <= 1


def test_the_settings_say_how_to_repeat_the_run(run, tiny_recipe):
    settings = json.loads((run / "settings.json").read_text())
    assert settings["recipe"] == "tiny"
    assert settings.items() >= dataclasses.asdict(tiny_recipe).items()
    assert settings["images"] == {
        "train": {"brain": 8, "lung": 8, "other": 8},
        "val": {"brain": 4, "lung": 4, "other": 4},
    }
    assert settings["skipped"] == {"train": 0, "val": 0}
    for name in ("keras", "numpy", "pillow"):
        assert settings["versions"][name] == version(name)
    assert settings["versions"]["python"] == sys.version.split()[0]


def test_the_figures_are_means_over_the_pictures(tree, tmp_path, tiny_recipe, monkeypatch):
    """A learning rate of zero leaves the network as it is, so that its figures can be checked."""
    network = keras.Sequential(
        [keras.Input((16, 16, 3)), keras.layers.Flatten(), keras.layers.Dense(3)]
    )
    network.set_weights([array / 100 for array in network.get_weights()])
    monkeypatch.setitem(NETWORKS, "tiny", lambda: keras.models.clone_model(network))
    monkeypatch.setattr(
        fit_module, "load_imagenet_features", lambda fresh: fresh.set_weights(network.get_weights())
    )
    recipe = dataclasses.replace(
        tiny_recipe, initial_weights="imagenet", learning_rate=0.0, epochs=1
    )
    fit("tiny", recipe, tree, tmp_path)
    [logs] = history_of(tmp_path)
    splits = read_tree(tree)
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


def test_the_released_weights_are_those_of_the_last_epoch(run):
    last = keras_weights(run / "checkpoints" / "epoch-2.weights.h5")
    first = keras_weights(run / "checkpoints" / "epoch-1.weights.h5")
    released = keras_weights(run / "tiny.weights.h5")
    for array, expected in zip(released, last, strict=True):
        np.testing.assert_allclose(array, expected, rtol=2e-3, atol=1e-4)  # kept in half precision
    assert max(np.abs(a - b).max() for a, b in zip(first, last, strict=True)) > 1e-3
    assert not any("optimizer" in name for name in arrays_of(run / "tiny.weights.h5"))


def keras_weights(file):
    network = NETWORKS["tiny"]()
    network.load_weights(file)
    return network.get_weights()


def test_a_frozen_network_learns_in_its_last_layer_alone(tree, tiny_recipe, tmp_path):
    recipe = dataclasses.replace(tiny_recipe, frozen=True, epochs=1)
    fit("tiny", recipe, tree, tmp_path)
    keras.utils.set_random_seed(recipe.seed)
    before = NETWORKS["tiny"]().get_weights()
    after = keras_weights(tmp_path / "checkpoints" / "epoch-1.weights.h5")
    changed = [np.abs(a - b).max() > 0 for a, b in zip(after, before, strict=True)]
    assert changed == [False] * (len(before) - 2) + [True, True]


@pytest.mark.parametrize("steps", [10, 200])
def test_a_decaying_learning_rate_rises_shortly_and_falls_to_zero(tiny_recipe, steps):
    recipe = dataclasses.replace(tiny_recipe, learning_rate=0.01, decay=True)
    rate = fit_module._learning_rate(recipe, steps)
    rates = np.array([float(rate(step)) for step in range(steps + 1)])
    assert rates.argmax() == steps // 20
    assert rates.max() == pytest.approx(0.01)
    assert (np.diff(rates[steps // 20 :]) < 0).all()
    assert rates[-1] == pytest.approx(0, abs=1e-8)
    assert rates[steps // 20 + (steps - steps // 20) // 2] == pytest.approx(0.005, rel=0.15)


def anyway(*_):
    return True


def half_written(_, network, file):
    Path(file).write_bytes(b"the first bytes of a file")
    return True


STOPS = (
    # An epoch has five steps, with a checkpoint after the third.
    (keras.Model, "train_on_batch", lambda count, *_: count == 4),
    (keras.Model, "save_weights", half_written),
    (os, "replace", lambda _, fresh, file: file.name == "state.json"),
    (keras.Model, "train_on_batch", lambda count, *_: count == 2 + 4),
    (os, "replace", lambda _, fresh, file: file.name == "history.json"),
    (finish_module, "save_half_precision", anyway),
)
"""The functions that end a run, one run after the other, and in which of their calls they do."""


def test_a_run_that_is_interrupted_everywhere_ends_like_an_uninterrupted_one(
    run, tree, tiny_recipe, tmp_path, monkeypatch
):
    monkeypatch.setattr(fit_module, "STEPS_BETWEEN_CHECKPOINTS", 3)
    for owner, name, now in STOPS:
        with monkeypatch.context() as patch:
            interrupt(patch, owner, name, now)
            with pytest.raises(Interrupted):
                fit("tiny", tiny_recipe, tree, tmp_path)
    fit("tiny", tiny_recipe, tree, tmp_path)
    assert_same_result(tmp_path, run)


def interrupt(patch, owner, name, now):
    original, calls = getattr(owner, name), []

    def interrupted(*arguments, **options):
        calls.append(name)
        if now(len(calls), *arguments):
            raise Interrupted
        return original(*arguments, **options)

    patch.setattr(owner, name, interrupted)


def test_a_finished_run_is_not_trained_again(run, tree, tiny_recipe, monkeypatch):
    before = arrays_of(run / "tiny.weights.h5")

    def train(*arguments, **options):
        pytest.fail("it trains")

    monkeypatch.setattr(keras.Model, "train_on_batch", train)
    fit("tiny", tiny_recipe, tree, run)
    for name, array in arrays_of(run / "tiny.weights.h5").items():
        np.testing.assert_array_equal(array, before[name])


@pytest.mark.parametrize("change", [{"batch": 6}, {"epochs": 3}, {"seed": 1}, {"augmented": True}])
def test_a_folder_of_a_run_with_other_settings_is_refused(run, tree, tiny_recipe, change):
    before = {file: file.read_bytes() for file in run.rglob("*") if file.is_file()}
    with pytest.raises(UserError) as caught:
        fit("tiny", dataclasses.replace(tiny_recipe, **change), tree, run)
    assert (
        str(caught.value)
        == f"{run} holds a run with other {next(iter(change))}; give another --out"
    )
    assert {file: file.read_bytes() for file in run.rglob("*") if file.is_file()} == before


def test_a_run_on_other_pictures_is_refused(run, write_tree, tiny_recipe, tmp_path):
    other = write_tree(tmp_path, train=3, val=2)
    with pytest.raises(UserError, match="a run with other pictures"):
        fit("tiny", tiny_recipe, other, run)


def test_an_unwritable_folder_is_refused_before_pictures_are_read(
    tree, tmp_path, tiny_recipe, monkeypatch
):
    monkeypatch.setattr(fit_module, "drop_unreadable", lambda *_: pytest.fail("pictures are read"))
    file = tmp_path / "file"
    file.touch()
    for out in (file, file / "below"):
        with pytest.raises(UserError, match=re.escape(str(out))) as caught:
            fit("tiny", tiny_recipe, tree, out)
        assert "cannot be written" in str(caught.value)
        assert "\n" not in str(caught.value)


def test_unreadable_pictures_are_counted_in_the_settings(
    write_tree, tiny_recipe, tmp_path, monkeypatch
):
    tree = write_tree(tmp_path / "tree", train=2, val=1)
    (tree / "train" / "lung" / "train-a" / "bad.jpg").write_bytes(b"no picture")
    interrupt(monkeypatch, keras.Model, "train_on_batch", anyway)
    with pytest.raises(Interrupted):
        fit("tiny", tiny_recipe, tree, tmp_path / "run")
    settings = json.loads((tmp_path / "run" / "settings.json").read_text())
    assert settings["skipped"] == {"train": 1, "val": 0}
    assert settings["images"]["train"] == {"brain": 4, "lung": 4, "other": 4}


def origins_of(file):
    with open(file, newline="", encoding="utf-8") as opened:
        return list(csv.DictReader(opened))


def test_every_source_is_listed_with_its_counts(run):
    rows = origins_of(run / "origins.csv")
    assert [row["class"] for row in rows] == sorted(row["class"] for row in rows)
    counts = {
        (row["class"], row["source"]): tuple(int(row[s]) for s in ("train", "val", "external"))
        for row in rows
    }
    assert counts == {
        (label, f"{split}-{letter}"): count
        for label in LABELS
        for letter in "ab"
        for split, count in {"train": (4, 0, 0), "val": (0, 2, 0), "external": (0, 0, 4)}.items()
    }


@pytest.mark.parametrize(
    ("sources", "expected"),
    [
        (
            'class,source,origin,licence\nbrain,train-a,"example.org, part 2",CC BY 4.0\n',
            ("example.org, part 2", "CC BY 4.0"),
        ),
        ("name,value\nbrain,1\n", ("", "")),
        ("", ("", "")),
    ],
    ids=["stated", "another table", "empty"],
)
def test_origin_and_licence_are_those_stated_beside_the_pictures(tmp_path, sources, expected):
    (tmp_path / "sources.csv").write_text(sources, encoding="utf-8")
    pictures = [LabelledImage(tmp_path / "1.png", label, "train-a") for label in LABELS]
    write_origins({"train": pictures, "val": []}, tmp_path, tmp_path / "origins.csv")
    stated = [(row["origin"], row["licence"]) for row in origins_of(tmp_path / "origins.csv")]
    assert stated == [expected, ("", ""), ("", "")]


def test_the_command_trains_the_original_and_shows_its_progress(write_tree, tmp_path):
    tree = write_tree(tmp_path / "tree", train=1, val=1)
    out = tmp_path / "run"
    command = ["-m", "train", "fit", "--recipe", "original", "--data", tree, "--out", out]
    ended = subprocess.run(
        [sys.executable, *map(str, command)], cwd=ROOT, capture_output=True, text=True, timeout=300
    )
    assert ended.returncode == 0, ended.stderr
    assert "epoch 3 of 3" in ended.stdout
    assert re.search(r"1/1.*accuracy: [\d.]+.*loss: [\d.]+", ended.stdout)
    assert (out / "checkpoints" / "epoch-3.weights.h5").is_file()
    release = read_release(out / "release.json")
    assert release.network == "original"
    Classifier(release.weights_file, release.labels, release.temperature)


@pytest.mark.parametrize("temperature", [0.4, 1.0, 2.5])
def test_the_temperature_is_found_that_made_the_labels(temperature):
    rng = np.random.default_rng(0)
    logits = rng.normal(0, 4, (4000, 3))
    cumulated = softmax(logits, temperature).cumsum(axis=1)
    labels = (rng.random((4000, 1)) > cumulated[:, :2]).sum(axis=1)
    assert fit_temperature(logits, labels) == pytest.approx(temperature, rel=0.1)


def test_answers_are_called_unsure_as_long_as_one_in_three_below_is_wrong():
    rng = np.random.default_rng(0)
    top = rng.uniform(0.34, 1, 20_000)
    confidences = np.stack([top, (1 - top) / 2, (1 - top) / 2], axis=1)
    labels = np.where(rng.random(len(top)) < top, 0, 1)
    below = find_confidence_threshold(confidences, labels)
    right = labels == 0
    assert right[top < below].mean() <= REJECTED_ACCURACY < right[top < below + 0.02].mean()
    # Calibrated confidences of 0.34 to t, drawn evenly, are right (0.34 + t) / 2 of the time.
    assert below == pytest.approx(2 * REJECTED_ACCURACY - 0.34, abs=0.03)


def test_a_network_that_is_always_right_is_never_called_unsure():
    confidences = np.array([[0.5, 0.3, 0.2], [0.9, 0.1, 0.0]])
    assert find_confidence_threshold(confidences, np.array([0, 0])) == 0
