"""A run that was interrupted continues, and a finished one stays as it is."""

import dataclasses
import os
import signal
from pathlib import Path

import keras
import numpy as np
import pytest

from tests.helpers.interrupts import Interrupted, always, interrupt
from tests.helpers.run_files import assert_same_result, read_arrays
from train import fit as fit_module
from train.checkpoint import deferred_interrupt
from train.data.dataset import read_dataset
from train.errors import UserError
from train.export import network as network_module
from train.fit import fit

pytestmark = pytest.mark.usefixtures("uncompiled")


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
                fit("tiny", tiny_recipe, read_dataset([tree]), tmp_path)
    fit("tiny", tiny_recipe, read_dataset([tree]), tmp_path)
    assert_same_result(tmp_path, run)


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
            fit("tiny", tiny_recipe, read_dataset([tree]), tmp_path)
    assert "run the same command again to continue where it stopped" in capsys.readouterr().err
    assert len(steps) == 1
    fit("tiny", tiny_recipe, read_dataset([tree]), tmp_path)
    printed = capsys.readouterr()
    assert "resumed after 0 epochs and 1 steps" in printed.out
    assert_same_result(tmp_path, run)


def test_a_second_ctrl_c_ends_a_step_at_once():
    with pytest.raises(KeyboardInterrupt), deferred_interrupt():
        signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGINT)
        pytest.fail("the second was deferred too")


def test_a_finished_run_is_not_trained_again(run, tree, tiny_recipe, monkeypatch):
    before = read_arrays(run / "tiny.weights.h5")

    def train(*arguments, **options):
        pytest.fail("a finished run was trained")

    monkeypatch.setattr(keras.Model, "train_on_batch", train)
    fit("tiny", tiny_recipe, read_dataset([tree]), run)
    for name, array in read_arrays(run / "tiny.weights.h5").items():
        np.testing.assert_array_equal(array, before[name])


@pytest.mark.parametrize(
    "change", [{"batch_size": 6}, {"epochs": 3}, {"seed": 1}, {"augmented": True}]
)
def test_a_folder_with_a_run_of_other_settings_is_refused(run, tree, tiny_recipe, change):
    before = {file: file.read_bytes() for file in run.rglob("*") if file.is_file()}
    with pytest.raises(UserError) as caught:
        fit("tiny", dataclasses.replace(tiny_recipe, **change), read_dataset([tree]), run)
    assert (
        str(caught.value) == f"{run} has a run with other {next(iter(change))}; give another --out"
    )
    assert {file: file.read_bytes() for file in run.rglob("*") if file.is_file()} == before


def test_a_folder_with_a_run_on_other_images_is_refused(run, write_tree, tiny_recipe, tmp_path):
    other = write_tree(tmp_path, train=3, val=2)
    with pytest.raises(UserError, match="a run with other images"):
        fit("tiny", tiny_recipe, read_dataset([other]), run)
