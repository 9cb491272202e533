"""Train a network by a recipe: resumable at any step, with the same result as without a stop."""

import dataclasses
import json
import platform
from collections.abc import Collection
from importlib.metadata import version
from pathlib import Path

import keras
import tensorflow as tf

from model.networks import NETWORKS, input_size, load_network
from model.release import read_release
from train.data.batches import ordered_batches, steps_per_epoch, training_batches
from train.data.dataset import (
    count_by_class,
    drop_unreadable,
    read_tree,
    require_split,
)
from train.data.origins import write_origins
from train.errors import UserError
from train.eval.inference import make_folder
from train.export.export import export_run
from train.imagenet import load_imagenet_features
from train.progress import TrainingRun, write_json
from train.recipes import Recipe

STEPS_BETWEEN_CHECKPOINTS = 50


def fit(
    recipe_name: str,
    recipe: Recipe,
    data: Path,
    out: Path,
    leave_out: Collection[str] = (),
) -> None:
    """Train, or go on where an interrupted run stopped, and write everything to ``out``.

    ``out`` receives settings.json, origins.csv, history.json, curves.png,
    checkpoints/epoch-N.weights.h5, the weights, and a release.json that names them as
    ``model/release.json`` names the released ones.

    Args:
        recipe_name: what the run is called.
        recipe: how it is trained.
        data: the folder of pictures.
        out: the folder of the run.
        leave_out: sources, as "class/source", that are neither trained nor validated on.

    Raises:
        UserError: the folder of pictures or ``out`` cannot be used.
    """
    splits = read_tree(data)
    make_folder(out / "checkpoints")
    for name in ("train", "val"):
        splits[name] = [
            picture
            for picture in require_split(splits, name, data)
            if f"{picture.label}/{picture.source}" not in leave_out
        ]
    train, bad_train = drop_unreadable(splits["train"], "train")
    val, bad_val = drop_unreadable(splits["val"], "val")
    settings = {
        "recipe": recipe_name,
        **dataclasses.asdict(recipe),
        "images": {"train": count_by_class(train), "val": count_by_class(val)},
        "skipped": {"train": len(bad_train), "val": len(bad_val)},
        **({"left_out": sorted(leave_out)} if leave_out else {}),
        **(
            {"initial_weights_sha256": read_release().keras_sha256}
            if recipe.initial_weights == "released"
            else {}
        ),
        "versions": {
            "python": platform.python_version(),
            "tensorflow": tf.__version__,
            **{name: version(name) for name in ("keras", "numpy", "pillow")},
        },
    }
    _write_settings(out, settings)
    write_origins(splits | {"train": train, "val": val}, data, out / "origins.csv")

    keras.utils.set_random_seed(recipe.seed)
    network = NETWORKS[recipe.network]()
    match recipe.initial_weights:
        case "imagenet":
            load_imagenet_features(network)
        case "released":
            _load_released(network, recipe)
    if recipe.freeze_backbone:
        for layer in network.layers[:-1]:
            layer.trainable = False
    steps = steps_per_epoch(train, recipe)
    network.compile(
        optimizer=keras.optimizers.Adam(_learning_rate(recipe, steps * recipe.epochs)),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    run = TrainingRun(out, network)
    size = input_size(network)
    for epoch in range(run.epoch, recipe.epochs):
        print(f"epoch {epoch + 1} of {recipe.epochs}")
        _train_epoch(run, train, size, recipe, epoch)
        run.finish_epoch(
            network.evaluate(
                ordered_batches(val, size, recipe.batch_size), return_dict=True, verbose=0
            )
        )
    export_run(network, recipe.network, out, val, varied=recipe.augmented)


def _load_released(network: keras.Model, recipe: Recipe) -> None:
    release = read_release()
    if release.network != recipe.network:
        raise UserError(
            f"the recipe trains {recipe.network}, but {release.network} is released: "
            f"first train and release {recipe.network}"
        )
    network.set_weights(load_network(release).get_weights())


def _train_epoch(run, pictures, size, recipe, epoch):
    steps = steps_per_epoch(pictures, recipe)
    bar = keras.utils.Progbar(steps, stateful_metrics=["loss", "accuracy"])
    for inputs, labels in training_batches(pictures, recipe, size, epoch, skip=run.step):
        run.record(run.network.train_on_batch(inputs, labels, return_dict=True), len(labels))
        bar.update(run.step, run.means().items())
        if run.step % STEPS_BETWEEN_CHECKPOINTS == 0 and run.step < steps:
            run.save()


def _learning_rate(recipe: Recipe, steps: int):
    if not recipe.cosine_schedule:
        return recipe.learning_rate
    warmup = steps // 20
    return keras.optimizers.schedules.CosineDecay(
        0.0, steps - warmup, warmup_target=recipe.learning_rate, warmup_steps=warmup
    )


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
            raise UserError(
                f"{out} holds a run with other {', '.join(changed)}; give another --out"
            )
    write_json(file, settings)
