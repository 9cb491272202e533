"""Checkpoints of a training run, from which an interrupted run resumes at the same step."""

import contextlib
import json
import shutil
import signal
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import keras

from model.release import write_json
from train.eval.plots import plot_curves


@contextlib.contextmanager
def deferred_interrupt() -> Iterator[None]:
    """Raise KeyboardInterrupt for Ctrl-C at the end of the block; a second one raises at once."""
    if threading.current_thread() is not threading.main_thread():
        yield  # Only the main thread gets signals.
        return
    arrived = []

    def handle(number, frame):
        if arrived:
            raise KeyboardInterrupt
        arrived.append(number)

    previous = signal.signal(signal.SIGINT, handle)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, previous)
    if arrived:
        raise KeyboardInterrupt


class TrainingState:
    """Weights, optimizer, position and history of a run, with a checkpoint of them on disk.

    Args:
        out: folder of the run. If it has a checkpoint, training resumes from there.
        network: a compiled network; it gets the weights and optimizer state of the checkpoint.

    Attributes:
        epoch: number of finished epochs.
        step: number of finished steps in the current epoch.
        history: loss and metrics of each finished epoch, on train (means over the epoch, while
            the network was learning) and, with the prefix ``val_``, on the validation split.
    """

    def __init__(self, out: Path, network: keras.Model):
        self.out, self.network = out, network
        self.epoch = self.step = 0
        self.history = []
        self._images, self._sums = 0, Counter()
        # Keras weights files lack the states of random generators, such as that of dropout.
        self._seeds = [v for v in network.variables if v.name == "seed_generator_state"]
        self._file = out / "checkpoint" / "state.json"
        if self._file.exists():
            self._resume()

    def record(self, logs: dict[str, float], images: int) -> None:
        """Count one training step.

        Args:
            logs: loss and metrics of the step, means over its batch.
            images: number of images in the batch.
        """
        self.step += 1
        self._images += images
        for name, value in logs.items():
            self._sums[name] += float(value) * images

    def means(self) -> dict[str, float]:
        """Return loss and metrics of the current epoch so far, averaged over its images."""
        return {name: total / self._images for name, total in self._sums.items()}

    def save(self) -> None:
        """Write a checkpoint; a process killed at any moment leaves this or the previous one."""
        self._file.parent.mkdir(exist_ok=True)
        weights = self._file.with_name(f"{self.epoch}-{self.step}.weights.h5")
        self.network.save_weights(weights)
        state = {
            "weights": weights.name,
            "epoch": self.epoch,
            "step": self.step,
            "images": self._images,
            "sums": self._sums,
            "history": self.history,
            "seeds": [variable.numpy().tolist() for variable in self._seeds],
        }
        write_json(self._file, state)
        for old in set(self._file.parent.glob("*.weights.h5")) - {weights}:
            old.unlink()

    def remove(self) -> None:
        """Remove the checkpoint, which a finished run does not need."""
        shutil.rmtree(self._file.parent, ignore_errors=True)

    def finish_epoch(self, validation: dict[str, float]) -> None:
        """Add an epoch to the history and plot it.

        Args:
            validation: loss and metrics on the validation split.
        """
        logs = self.means() | {f"val_{name}": float(value) for name, value in validation.items()}
        print(", ".join(f"{name} {value:.4f}" for name, value in logs.items()))
        self.history.append(logs)
        self.epoch, self.step = self.epoch + 1, 0
        self._images, self._sums = 0, Counter()
        write_json(self.out / "history.json", self.history)
        plot_curves(self.history, self.out / "curves.png")

    def _resume(self) -> None:
        state = json.loads(self._file.read_text())
        # An optimizer has no variables to load into until it is built.
        self.network.optimizer.build(self.network.trainable_variables)
        self.network.load_weights(self._file.with_name(state["weights"]))
        self.epoch, self.step = state["epoch"], state["step"]
        self.history = state["history"]
        self._images, self._sums = state["images"], Counter(state["sums"])
        for variable, value in zip(self._seeds, state["seeds"], strict=True):
            variable.assign(value)
        print(f"resumed after {self.epoch} epochs and {self.step} steps")
