"""How far a training run has come, kept so that it goes on after an interruption."""

import json
import os
from collections import Counter
from pathlib import Path

import keras

from train.eval.plots import plot_curves


class TrainingRun:
    """Where a training run stands, kept on disk so that it survives an interruption.

    Args:
        out: folder of the run; where it holds an interrupted run, that is taken up.
        network: a compiled network, which then gets the weights and the optimizer of that run.

    Attributes:
        epoch: finished epochs.
        step: finished steps of the epoch after them.
        history: the figures of each finished epoch.
    """

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
        self.sums["images"] += pictures
        for name, value in logs.items():
            self.sums[name] += float(value) * pictures

    def means(self) -> dict[str, float]:
        """The figures of this epoch so far, averaged over its pictures."""
        pictures = self.sums["images"]
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
        write_json(self._state_file, state)
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
        write_json(self.out / "history.json", self.history)
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


def write_json(file: Path, content: dict | list) -> None:
    """Write a file; a kill at any moment leaves the older one."""
    fresh = file.with_suffix(".new")
    fresh.write_text(json.dumps(content, indent=2) + "\n")
    os.replace(fresh, file)
