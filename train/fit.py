"""Train a network by a recipe; an interrupted run resumes and ends with the same weights."""

import dataclasses
import json
import platform
import sys
from collections.abc import Collection, Sequence
from importlib.metadata import version
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf
from scipy.special import log_softmax
from tqdm import tqdm

from model.release import Release, read_release, write_json
from train.adapt import adapt_last_layer
from train.checkpoint import TrainingState, deferred_interrupt
from train.data.batches import (
    number_of_batches,
    ordered_batches,
    steps_per_epoch,
    training_batches,
)
from train.data.dataset import (
    Dataset,
    LabelledImage,
    count_by_class,
    drop_unreadable,
)
from train.data.origins import write_origins
from train.data.summary import summarize
from train.errors import UserError
from train.export.network import export_network
from train.files import make_folder
from train.imagenet import load_imagenet_features
from train.networks import NETWORKS, input_size, load_network
from train.recipes import Recipe
from train.replay import compute_features, read_features

STEPS_BETWEEN_CHECKPOINTS = 50

MAX_VIEWS = 20
"""Maximum number of augmented views of an image, on average over all epochs; it shortens training
on few images."""


def fit(
    recipe_name: str,
    recipe: Recipe,
    data: Dataset,
    out: Path,
    leave_out: Collection[str] = (),
    epochs: int | None = None,
    samples_per_epoch: int | None = None,
    start: Release | None = None,
) -> None:
    """Train a network, or resume an interrupted run, and write everything to ``out``.

    ``out`` receives settings.json, origins.csv, history.json, curves.png, and what
    ``export_network`` writes: the weights, network.json and a release.json that names them as
    ``model/release.json`` names the released ones. Until the run is finished it also has a
    checkpoint.

    Args:
        recipe_name: name of the recipe, written to settings.json.
        recipe: how to train.
        data: the dataset. If the released network has other labels, training starts from its
            features, with a new last layer.
        out: folder of the run.
        leave_out: sources, as "class/source", to leave out of training and validation.
        epochs: overrides that of the recipe.
        samples_per_epoch: overrides that of the recipe, which ``MAX_VIEWS`` limits.
        start: what to continue from instead of the released network, if the recipe continues.

    Raises:
        UserError: the dataset or ``out`` cannot be used.
        KeyboardInterrupt: training was interrupted; how to resume it is printed.
    """
    splits, labels = dict(data), data.labels
    make_folder(out)
    skipped = {}
    for split in ("train", "val"):
        images = [
            image
            for image in data.require(split)
            if _is_chosen(f"{image.label}/{image.source}", recipe.sources, leave_out)
        ]
        if empty := set(labels) - {image.label for image in images}:
            raise UserError(
                f"this training selects no image of {', '.join(sorted(empty))} from {split}"
            )
        splits[split], skipped[split] = drop_unreadable(images, split)
    train, val = splits["train"], splits["val"]
    print(summarize(data.folders, splits, labels))
    if recipe.initial_weights == "released":
        if leave_out:
            raise UserError(
                f"the recipe {recipe_name} starts from weights that were trained on the sources "
                "that are left out; choose another recipe"
            )
        start = start or read_release()
    if recipe.replay_fraction:
        if epochs:
            raise UserError(
                f"the recipe {recipe_name} computes features once; set its length with "
                "--samples-per-epoch instead of --epochs"
            )
        recipe = dataclasses.replace(recipe, network=start.network)
    recipe = _fitted_to(len(train), recipe, epochs, samples_per_epoch)
    settings = _settings(recipe_name, recipe, train, val, skipped, leave_out, labels, start)
    _write_settings(out, settings)
    if (out / "release.json").is_file():
        print(f"{out} is finished; there is nothing to train")
        return
    earlier = start.results_folder / "origins.csv" if start else None
    write_origins(splits, data.folders, out / "origins.csv", earlier)

    keras.utils.set_random_seed(recipe.seed)
    network = initial_network(recipe, labels, start)
    network.compile(
        optimizer=keras.optimizers.Adam(
            _learning_rate(recipe, steps_per_epoch(train, recipe) * recipe.epochs)
        ),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    state = TrainingState(out, network)
    try:
        features = None
        if recipe.replay_fraction:
            features = _adapt(state, recipe, train, val, labels, start)
        else:
            _train(state, recipe, train, val, labels)
        trained = NETWORKS[recipe.network](len(labels))
        # A small folder is not enough to calibrate on, and predictions have hardly changed.
        calibrated = start if recipe.replay_fraction and start.labels == tuple(labels) else None
        trained.set_weights(network.get_weights())
        export_network(
            trained, recipe.network, out, val, recipe.augmented, labels, calibrated, features
        )
        state.remove()
    except KeyboardInterrupt:
        again = "start again" if recipe.replay_fraction else "continue where it stopped"
        print(f"\nrun the same command again to {again}", file=sys.stderr)
        raise


def _fitted_to(
    images: int, recipe: Recipe, epochs: int | None, samples_per_epoch: int | None
) -> Recipe:
    """Return a recipe with the given lengths, or with those that ``MAX_VIEWS`` allows."""
    epochs = epochs or recipe.epochs
    if recipe.samples_per_epoch and not samples_per_epoch:
        allowed = max(recipe.batch_size, MAX_VIEWS * images // epochs)
        samples_per_epoch = min(recipe.samples_per_epoch, allowed)
    return dataclasses.replace(recipe, epochs=epochs, samples_per_epoch=samples_per_epoch)


def _is_chosen(source: str, chosen: Collection[str], leave_out: Collection[str]) -> bool:
    return source not in leave_out and (not chosen or source in chosen)


def _settings(
    recipe_name: str,
    recipe: Recipe,
    train: list[LabelledImage],
    val: list[LabelledImage],
    skipped: dict[str, list[Path]],
    leave_out: Collection[str],
    labels: Sequence[str],
    start: Release | None,
) -> dict:
    settings = {
        "recipe": recipe_name,
        **dataclasses.asdict(recipe),
        "sources": list(recipe.sources),
        "labels": list(labels),
        "images": {"train": count_by_class(train, labels), "val": count_by_class(val, labels)},
        "skipped": {split: len(paths) for split, paths in skipped.items()},
    }
    if leave_out:
        settings["left_out"] = sorted(leave_out)
    if start:
        settings["initial_weights_sha256"] = start.keras_sha256
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


def initial_network(recipe: Recipe, labels: Sequence[str], start: Release | None) -> keras.Model:
    """Return the network of a recipe with the weights that training starts from.

    Args:
        recipe: names the network and the weights.
        labels: its outputs, in their order.
        start: the released network, for a recipe that continues from it.

    Raises:
        UserError: the released network is another one.
    """
    network = NETWORKS[recipe.network](len(labels))
    match recipe.initial_weights:
        case "imagenet":
            load_imagenet_features(network)
        case "released":
            weights = load_network(start).get_weights()
            if start.labels != tuple(labels):
                print(
                    f"the released network has the labels {', '.join(start.labels)}: training "
                    "starts from its features, with a new last layer"
                )
                weights[-2:] = network.get_weights()[-2:]
            try:
                network.set_weights(weights)
            except ValueError as error:
                raise UserError(
                    f"the recipe trains {recipe.network}, but {start.network} is released: "
                    f"first train and release {recipe.network}"
                ) from error
    if recipe.training_size:
        inputs = keras.Input((recipe.training_size, recipe.training_size, 3))
        weights = network.get_weights()
        network = keras.models.clone_model(network, input_tensors=inputs)
        network.set_weights(weights)
    for layer in network.layers[: recipe.frozen_layers]:
        layer.trainable = False
    return network


def _train(
    state: TrainingState,
    recipe: Recipe,
    train: list[LabelledImage],
    val: list[LabelledImage],
    labels: Sequence[str],
) -> None:
    """Train the epochs of a recipe that are not finished yet; an interrupt loses no step."""
    size = input_size(state.network)
    steps = steps_per_epoch(train, recipe)
    done = state.epoch * steps + state.step
    try:
        with tqdm(total=steps * recipe.epochs, initial=done, unit=" steps", mininterval=1) as bar:
            for epoch in range(state.epoch, recipe.epochs):
                bar.set_description(f"epoch {epoch + 1} of {recipe.epochs}", refresh=False)
                batches = training_batches(train, recipe, size, epoch, state.step, labels)
                for inputs, indices in batches:
                    with deferred_interrupt():
                        logs = state.network.train_on_batch(inputs, indices, return_dict=True)
                        state.record(logs, len(indices))
                    bar.set_postfix(state.means(), refresh=False)
                    bar.update()
                    if state.step % STEPS_BETWEEN_CHECKPOINTS == 0 and state.step < steps:
                        state.save()
                metrics = _validate(state.network, recipe, val, labels)
                with deferred_interrupt():
                    state.finish_epoch(metrics)
                    # Last, so that a run interrupted before this point finishes the epoch again.
                    state.save()
    except KeyboardInterrupt:
        state.save()
        raise


def _validate(
    network: keras.Model, recipe: Recipe, val: list[LabelledImage], labels: Sequence[str]
) -> dict[str, float]:
    batches = ordered_batches(val, input_size(network), recipe.batch_size, labels)
    steps = number_of_batches(len(val), recipe.batch_size)
    return network.evaluate(batches, steps=steps, return_dict=True, verbose=0)


def _adapt(
    state: TrainingState,
    recipe: Recipe,
    train: list[LabelledImage],
    val: list[LabelledImage],
    labels: Sequence[str],
    start: Release,
) -> np.ndarray:
    """Train only the last layer, on features; return the features to store with the network."""
    network = state.network
    size = input_size(network)
    replayed = read_features(start) if start.labels == tuple(labels) else None
    batches = training_batches(train, recipe, size, 0, 0, labels)
    batches = tqdm(batches, "features", steps_per_epoch(train, recipe), unit=" batches")
    features, indices = compute_features(network, batches)
    last = network.layers[-1]
    weights = last.get_weights()
    weights = adapt_last_layer(*weights, features, indices, replayed, recipe.replay_fraction)
    last.set_weights(weights)
    logits = features @ weights[0] + weights[1]
    chosen = log_softmax(logits, axis=1)[np.arange(len(indices)), indices]
    correct = logits.argmax(axis=1) == indices
    state.record({"loss": -chosen.mean(), "accuracy": correct.mean()}, len(indices))
    state.finish_epoch(_validate(network, recipe, val, labels))
    own = features[: len(train)]
    return own if replayed is None else np.concatenate([replayed, own])


def _learning_rate(recipe: Recipe, steps: int):
    if not recipe.cosine_schedule:
        return recipe.learning_rate
    warmup = steps // 20
    return keras.optimizers.schedules.CosineDecay(
        0.0, steps - warmup, warmup_target=recipe.learning_rate, warmup_steps=warmup
    )
