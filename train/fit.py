"""Train a network by a recipe; an interrupted run resumes and ends with the same weights."""

import dataclasses
import json
import platform
import sys
from collections.abc import Collection
from importlib.metadata import version
from pathlib import Path

import keras
import tensorflow as tf

from model.release import read_release
from train.checkpoint import TrainingState
from train.data.batches import ordered_batches, steps_per_epoch, training_batches
from train.data.dataset import (
    LabelledImage,
    count_by_class,
    drop_unreadable,
    read_dataset,
    require_split,
)
from train.data.origins import write_origins
from train.errors import UserError
from train.export.network import export_network
from train.files import make_folder, write_json
from train.imagenet import load_imagenet_features
from train.networks import NETWORKS, input_size, load_network
from train.recipes import Recipe

STEPS_BETWEEN_CHECKPOINTS = 50


def fit(
    recipe_name: str,
    recipe: Recipe,
    data: list[Path],
    out: Path,
    leave_out: Collection[str] = (),
) -> None:
    """Train a network, or resume an interrupted run, and write everything to ``out``.

    ``out`` receives settings.json, origins.csv, history.json, curves.png,
    checkpoints/epoch-N.weights.h5, and what ``export_network`` writes: the weights, network.json
    and a release.json that names them as ``model/release.json`` names the released ones.

    Args:
        recipe_name: name of the run, written to settings.json.
        recipe: how to train.
        data: folders of the dataset.
        out: folder of the run.
        leave_out: sources, as "class/source", to leave out of training and validation.

    Raises:
        UserError: the dataset or ``out`` cannot be used.
        KeyboardInterrupt: training was interrupted; how to resume it is printed.
    """
    splits = read_dataset(data)
    make_folder(out / "checkpoints")
    skipped = {}
    for split in ("train", "val"):
        images = [
            image
            for image in require_split(splits, split)
            if f"{image.label}/{image.source}" not in leave_out
        ]
        splits[split], skipped[split] = drop_unreadable(images, split)
    train, val = splits["train"], splits["val"]
    _write_settings(out, _settings(recipe_name, recipe, train, val, skipped, leave_out))
    write_origins(splits, data, out / "origins.csv")

    keras.utils.set_random_seed(recipe.seed)
    network = _initial_network(recipe)
    network.compile(
        optimizer=keras.optimizers.Adam(
            _learning_rate(recipe, steps_per_epoch(train, recipe) * recipe.epochs)
        ),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    state = TrainingState(out, network)
    try:
        _train(state, recipe, train, val)
        export_network(network, recipe.network, out, val, recipe.augmented)
    except KeyboardInterrupt:
        if state.has_checkpoint:
            message = "to continue from the last checkpoint, run the same command again"
        else:
            message = "no checkpoint was written yet; the same command starts from the beginning"
        print(f"\n{message}", file=sys.stderr)
        raise


def _settings(
    recipe_name: str,
    recipe: Recipe,
    train: list[LabelledImage],
    val: list[LabelledImage],
    skipped: dict[str, list[Path]],
    leave_out: Collection[str],
) -> dict:
    settings = {
        "recipe": recipe_name,
        **dataclasses.asdict(recipe),
        "images": {"train": count_by_class(train), "val": count_by_class(val)},
        "skipped": {split: len(paths) for split, paths in skipped.items()},
    }
    if leave_out:
        settings["left_out"] = sorted(leave_out)
    if recipe.initial_weights == "released":
        settings["initial_weights_sha256"] = read_release().keras_sha256
    settings["versions"] = {
        "python": platform.python_version(),
        "tensorflow": tf.__version__,
        **{package: version(package) for package in ("keras", "numpy", "pillow")},
    }
    return settings


def _write_settings(out: Path, settings: dict) -> None:
    file = out / "settings.json"
    if file.exists():
        before = json.loads(file.read_text())
        changed = [
            key
            for key in settings | before
            if key != "versions" and before.get(key) != settings.get(key)
        ]
        if changed:
            raise UserError(f"{out} has a run with other {', '.join(changed)}; give another --out")
    write_json(file, settings)


def _initial_network(recipe: Recipe) -> keras.Model:
    network = NETWORKS[recipe.network]()
    match recipe.initial_weights:
        case "imagenet":
            load_imagenet_features(network)
        case "released":
            release = read_release()
            if release.network != recipe.network:
                raise UserError(
                    f"the recipe trains {recipe.network}, but {release.network} is released: "
                    f"first train and release {recipe.network}"
                )
            network.set_weights(load_network(release).get_weights())
    if recipe.freeze_backbone:
        for layer in network.layers[:-1]:
            layer.trainable = False
    return network


def _train(
    state: TrainingState, recipe: Recipe, train: list[LabelledImage], val: list[LabelledImage]
) -> None:
    """Train the epochs of a recipe that are not finished yet."""
    size = input_size(state.network)
    steps = steps_per_epoch(train, recipe)
    for epoch in range(state.epoch, recipe.epochs):
        print(f"epoch {epoch + 1} of {recipe.epochs}")
        bar = keras.utils.Progbar(steps, stateful_metrics=["loss", "accuracy"])
        for inputs, labels in training_batches(train, recipe, size, epoch, skip=state.step):
            logs = state.network.train_on_batch(inputs, labels, return_dict=True)
            state.record(logs, len(labels))
            bar.update(state.step, state.means().items())
            if state.step % STEPS_BETWEEN_CHECKPOINTS == 0 and state.step < steps:
                state.save()
        validation = ordered_batches(val, size, recipe.batch_size)
        state.finish_epoch(state.network.evaluate(validation, return_dict=True, verbose=0))


def _learning_rate(recipe: Recipe, steps: int):
    if not recipe.cosine_schedule:
        return recipe.learning_rate
    warmup = steps // 20
    return keras.optimizers.schedules.CosineDecay(
        0.0, steps - warmup, warmup_target=recipe.learning_rate, warmup_steps=warmup
    )
