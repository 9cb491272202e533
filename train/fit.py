"""Train a network by a recipe: resumable at any step, with the same result as without a stop."""

import dataclasses
import json
import os
import platform
from collections import Counter
from importlib.metadata import version
from pathlib import Path

import keras
import tensorflow as tf

from model.networks import NETWORKS, input_size
from model.release import LABELS, write_release
from model.weights import sha256_of
from train.batches import ordered_batches, steps_per_epoch, training_batches
from train.calibrate import fit_temperature
from train.errors import UserError
from train.folders import count_by_class, drop_unreadable, read_tree, require_split
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
    _write_result(run, recipe, val, size)


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
        }
        fresh = self._state_file.with_suffix(".new")
        fresh.write_text(json.dumps(state))
        os.replace(fresh, self._state_file)
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
        self.save()
        (self.out / "history.json").write_text(json.dumps(self.history, indent=2) + "\n")
        plot_curves(self.history, self.out / "curves.png")

    def _resume(self) -> None:
        state = json.loads(self._state_file.read_text())
        # The optimizer has no variables to load into before it is built.
        self.network.optimizer.build(self.network.trainable_variables)
        self.network.load_weights(self._state_file.with_name(state["weights"]))
        self.sums = Counter(state["sums"])
        self.epoch, self.step = state["epoch"], state["step"]
        self.history = state["history"]
        print(f"resumed after {self.epoch} epochs and {self.step} steps")


def _write_settings(out: Path, settings: dict) -> None:
    file = out / "settings.json"
    try:
        (out / "checkpoints").mkdir(parents=True, exist_ok=True)
        if file.exists():
            before = json.loads(file.read_text())
            changed = [
                key for key in settings if key != "versions" and before.get(key) != settings[key]
            ]
            if changed:
                raise UserError(
                    f"{out} holds a run with other {', '.join(changed)}; give another --out"
                )
        file.write_text(json.dumps(settings, indent=2) + "\n")
    except OSError as error:
        raise UserError(
            f"{out} cannot be written ({error.strerror}); give another --out"
        ) from error


def _write_result(run: _Run, recipe: Recipe, val: list, size: int) -> None:
    network = NETWORKS[recipe.network]()
    network.set_weights(run.network.get_weights())
    weights = run.out / f"{recipe.network}.weights.h5"
    network.save_weights(weights)
    logits = network.predict(ordered_batches(val, size, recipe.batch), verbose=0)
    write_release(
        run.out / "release.json",
        network=recipe.network,
        labels=list(LABELS),
        temperature=round(fit_temperature(logits, [LABELS.index(p.label) for p in val]), 4),
        weights=weights.name,
        results="results",
        sha256=sha256_of(weights),
        **UNPUBLISHED,
    )
    print(f"wrote {run.out}: {weights.name}, release.json, settings.json, history.json, curves.png")
