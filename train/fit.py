"""Train a network by a recipe: resumable at any step, with the same result as without a stop."""

import dataclasses
import json
import os
import platform
from collections import Counter
from importlib.metadata import version
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from model.networks import NETWORKS, input_size
from model.release import LABELS, read_release, write_release
from model.weights import sha256_of
from train.augment import augment
from train.batches import ordered_batches, steps_per_epoch, training_batches
from train.calibrate import fit_temperature
from train.candidates import load_classifier, logits_of, make_folder
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
from train.plots import plot_curves
from train.recipes import Recipe

STEPS_BETWEEN_CHECKPOINTS = 50

UNPUBLISHED = {"repository": "Victorouledi/brain-lung-other", "revision": "main"}
"""What a release file names until ``python -m train publish`` writes where the weights went."""


def fit(recipe_name: str, recipe: Recipe, data: Path, out: Path) -> None:
    """Train, or go on where an interrupted run stopped, and write everything to ``out``.

    ``out`` receives settings.json, origins.csv, history.json, curves.png,
    checkpoints/epoch-N.weights.h5, the weights, and a release.json that names them as
    ``model/release.json`` names the released ones.

    Raises:
        UserError: the folder of pictures or ``out`` cannot be used.
    """
    splits = read_tree(data)
    make_folder(out / "checkpoints")
    train, bad_train = drop_unreadable(require_split(splits, "train", data), "train")
    val, bad_val = drop_unreadable(require_split(splits, "val", data), "val")
    settings = {
        "recipe": recipe_name,
        **dataclasses.asdict(recipe),
        "pictures": {"train": count_by_class(train), "val": count_by_class(val)},
        "skipped": {"train": len(bad_train), "val": len(bad_val)},
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
    if recipe.pretrained:
        load_imagenet_features(network)
    if recipe.frozen:
        for layer in network.layers[:-1]:
            layer.trainable = False
    steps = steps_per_epoch(train, recipe)
    network.compile(
        optimizer=keras.optimizers.Adam(_learning_rate(recipe, steps * recipe.epochs)),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    run = _Run(out, network)
    size = input_size(network)
    for epoch in range(run.epoch, recipe.epochs):
        print(f"epoch {epoch + 1} of {recipe.epochs}")
        _train_epoch(run, train, size, recipe, epoch)
        run.finish_epoch(
            network.evaluate(ordered_batches(val, size, recipe.batch), return_dict=True, verbose=0)
        )
    _write_result(run, recipe, val)


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


class _Run:
    """Where a training run stands, kept on disk so that it survives an interruption."""

    def __init__(self, out: Path, network: keras.Model):
        self.out, self.network = out, network
        self.epoch = self.step = 0
        self.sums = Counter()
        self.history = []
        # Weights files leave out where dropout and the like stand in their random numbers.
        self._random = [v for v in network.variables if v.name == "seed_generator_state"]
        self._state_file = out / "checkpoints" / "state.json"
        if self._state_file.exists():
            self._resume()

    def record(self, logs: dict[str, float], pictures: int) -> None:
        """Count one training step and the figures it returned, which are means over its batch."""
        self.step += 1
        self.sums["pictures"] += pictures
        for name, value in logs.items():
            self.sums[name] += float(value) * pictures

    def means(self) -> dict[str, float]:
        """The figures of this epoch so far, averaged over its pictures."""
        pictures = self.sums["pictures"]
        return {name: self.sums[name] / pictures for name in self.sums if name != "pictures"}

    def save(self) -> None:
        """Write weights, optimizer and position; a kill at any moment leaves the older state."""
        weights = self._state_file.with_name(f"resume-{self.epoch}-{self.step}.weights.h5")
        self.network.save_weights(weights)
        state = {
            "weights": weights.name,
            "epoch": self.epoch,
            "step": self.step,
            "sums": self.sums,
            "history": self.history,
            "random": [variable.numpy().tolist() for variable in self._random],
        }
        _write_json(self._state_file, state)
        for old in set(self._state_file.parent.glob("resume-*.weights.h5")) - {weights}:
            old.unlink()

    def finish_epoch(self, validation: dict[str, float]) -> None:
        """Record an epoch's figures and keep its weights."""
        logs = self.means() | {f"val_{name}": float(value) for name, value in validation.items()}
        print(", ".join(f"{name} {value:.4f}" for name, value in logs.items()))
        self.history.append(logs)
        self.epoch, self.step = self.epoch + 1, 0
        self.sums.clear()
        self.network.save_weights(self._state_file.with_name(f"epoch-{self.epoch}.weights.h5"))
        _write_json(self.out / "history.json", self.history)
        plot_curves(self.history, self.out / "curves.png")
        # Last, so that an interrupted run repeats what it has not written.
        self.save()

    def _resume(self) -> None:
        state = json.loads(self._state_file.read_text())
        # The optimizer has no variables to load into before it is built.
        self.network.optimizer.build(self.network.trainable_variables)
        self.network.load_weights(self._state_file.with_name(state["weights"]))
        self.sums = Counter(state["sums"])
        self.epoch, self.step = state["epoch"], state["step"]
        self.history = state["history"]
        for variable, value in zip(self._random, state["random"], strict=True):
            variable.assign(value)
        print(f"resumed after {self.epoch} epochs and {self.step} steps")


def _write_settings(out: Path, settings: dict) -> None:
    file = out / "settings.json"
    if file.exists():
        before = json.loads(file.read_text())
        changed = [
            key for key in settings if key != "versions" and before.get(key) != settings[key]
        ]
        if changed:
            raise UserError(
                f"{out} holds a run with other {', '.join(changed)}; give another --out"
            )
    _write_json(file, settings)


def _write_json(file: Path, content: dict | list) -> None:
    """Write a file; a kill at any moment leaves the older one."""
    fresh = file.with_suffix(".new")
    fresh.write_text(json.dumps(content, indent=2) + "\n")
    os.replace(fresh, file)


def _write_result(run: _Run, recipe: Recipe, val: list[LabelledPicture]) -> None:
    weights = run.out / f"{recipe.network}.weights.h5"
    save_half_precision(run.network, recipe.network, weights)
    file = run.out / "release.json"
    write_release(
        file,
        network=recipe.network,
        labels=list(LABELS),
        temperature=1.0,
        weights=weights.name,
        results=".",
        sha256=sha256_of(weights),
        **UNPUBLISHED,
    )
    classifier = load_classifier(read_release(file))
    logits = [logits_of(classifier, val, "val")]
    if recipe.augmented:
        # Confidences shall hold for unconventional pictures too, of which val has few.
        logits.append(logits_of(classifier, val, "val, varied", augment))
    labels = [LABELS.index(picture.label) for picture in val] * len(logits)
    temperature = fit_temperature(np.concatenate(logits), np.array(labels))
    write_release(file, temperature=round(temperature, 4))
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
