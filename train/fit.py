"""Train a network by a recipe: resumable at any step, with the same result as without a stop."""

import dataclasses
import json
import platform
from collections.abc import Collection
from importlib.metadata import version
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from model.classifier import softmax
from model.networks import NETWORKS, input_size, load_network
from model.release import LABELS, read_release, write_release
from model.weights import sha256_of
from train.augment import augment
from train.batches import ordered_batches, steps_per_epoch, training_batches
from train.calibrate import find_unsure_below, fit_temperature
from train.candidates import load_classifier, logits_of, logits_of_changed, make_folder
from train.compiled import compile_network, describe_network
from train.errors import UserError
from train.folders import (
    LabelledPicture,
    count_by_class,
    drop_unreadable,
    read_tree,
    require_split,
)
from train.imagenet import load_imagenet_features
from train.origins import write_origins
from train.progress import TrainingRun, write_json
from train.recipes import Recipe

STEPS_BETWEEN_CHECKPOINTS = 50

UNPUBLISHED = {"repository": "Victorouledi/brain-lung-other", "revision": "main"}
"""What a release file names until ``python -m train publish`` writes where the weights went."""


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
        "pictures": {"train": count_by_class(train), "val": count_by_class(val)},
        "skipped": {"train": len(bad_train), "val": len(bad_val)},
        **({"left_out": sorted(leave_out)} if leave_out else {}),
        **({"released": read_release().keras_sha256} if recipe.start == "released" else {}),
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
    match recipe.start:
        case "imagenet":
            load_imagenet_features(network)
        case "released":
            _load_released(network, recipe)
    if recipe.frozen:
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
            network.evaluate(ordered_batches(val, size, recipe.batch), return_dict=True, verbose=0)
        )
    _write_result(run, recipe, val)


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
    if not recipe.decay:
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


def _write_result(run: TrainingRun, recipe: Recipe, val: list[LabelledPicture]) -> None:
    keras_weights = run.out / f"{recipe.network}.weights.h5"
    save_half_precision(run.network, recipe.network, keras_weights)
    weights = run.out / f"{recipe.network}.tflite"
    weights.write_bytes(compile_network(run.network))
    write_json(run.out / "network.json", describe_network(run.network))
    file = run.out / "release.json"
    write_release(
        file,
        network=recipe.network,
        labels=list(LABELS),
        temperature=1.0,
        unsure_below=0.0,
        weights=weights.name,
        sha256=sha256_of(weights),
        keras_weights=keras_weights.name,
        keras_sha256=sha256_of(keras_weights),
        results=".",
        **UNPUBLISHED,
    )
    classifier = load_classifier(read_release(file))
    logits = [logits_of(classifier, val, "val")]
    if recipe.augmented:
        # Confidences shall hold for unconventional pictures too, of which val has few.
        logits.extend(logits_of_changed([classifier], val, "val, varied", augment))
    labels = np.array([LABELS.index(picture.label) for picture in val] * len(logits))
    temperature = round(fit_temperature(np.concatenate(logits), labels), 4)
    confidences = softmax(np.concatenate(logits), temperature)
    write_release(
        file, temperature=temperature, unsure_below=find_unsure_below(confidences, labels)
    )
    print(f"wrote {run.out}: {weights.name}, release.json, settings.json, history.json, curves.png")


def save_half_precision(network: keras.Model, name: str, file: Path) -> None:
    """Write weights as float16; loaded into a float32 network they are converted back."""
    policy = keras.config.dtype_policy()
    keras.config.set_dtype_policy("float16")
    try:
        half = NETWORKS[name]()
    finally:
        keras.config.set_dtype_policy(policy)
    half.set_weights(network.get_weights())
    half.save_weights(file)
