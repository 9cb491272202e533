"""Keep a measured run in the repository, or make it the released one."""

import dataclasses
import json
import shutil
from pathlib import Path

from model.networks import load_network
from model.release import RELEASE_FILE, Release, ReleaseError, read_release
from train.errors import UserError
from train.eval.inference import find_release, load_classifier
from train.export.model_card import NOT_PUBLISHED
from train.export.network import UNPUBLISHED

RESULTS = Path(__file__).with_name("results")


def keep(run: Path, weights: bool = True) -> Path:
    """Copy a measured run's files, checkpoints excepted, to ``train/results/<recipe>``.

    Args:
        run: the folder of the run.
        weights: copy the weights too, so that the copy is itself a run that can be evaluated,
            compared and released; otherwise its figures alone.

    Returns:
        The copy.

    Raises:
        UserError: the folder is no run, or was not measured yet.
        ReleaseError: its weights cannot be used.
    """
    kept = _copy(*_measured(run))
    if not weights:
        _drop_weights(kept)
    return kept.folder


def release(run: Path) -> None:
    """Keep a run's figures, put its weights in ``model/bundled``, write ``model/release.json``.

    The weights that were released so far go back to their own results folder, from which they can
    be released again. The release keeps the Hub repository and revision it names as long as the
    weights are the same.

    Raises:
        UserError: the folder is no run, or was not measured yet.
        ReleaseError: its weights cannot be used.
    """
    candidate, recipe = _measured(run)
    hub = UNPUBLISHED
    try:
        previous = read_release(RELEASE_FILE)
    except ReleaseError:  # there is none yet, or it is replaced, as its own advice says
        RELEASE_FILE.unlink(missing_ok=True)
    else:
        _put_back(previous)
        if previous.sha256 == candidate.sha256:
            hub = {"repository": previous.repository, "revision": previous.revision}
    kept = _copy(candidate, recipe)
    bundled = RELEASE_FILE.parent / "bundled"
    bundled.mkdir(exist_ok=True)
    for older in (*bundled.glob("*.tflite"), *bundled.glob("*.weights.h5")):
        older.unlink()
    for file in (kept.weights_file, kept.keras_weights_file):
        shutil.copy(file, bundled)
    _drop_weights(kept)
    dataclasses.replace(
        kept,
        weights=f"bundled/{kept.weights_file.name}",
        keras_weights=f"bundled/{kept.keras_weights_file.name}",
        results=f"../train/results/{recipe}",
        **hub,
    ).write(RELEASE_FILE)
    print(f"released {recipe}: wrote {RELEASE_FILE} and {bundled}")


def _measured(run: Path) -> tuple[Release, str]:
    """What a run may be released as, and the name of its recipe."""
    candidate = find_release(run)
    load_classifier(candidate)
    load_network(candidate)
    settings = candidate.folder / "settings.json"
    if not settings.is_file():
        raise UserError(f"{run} is not a run; give the folder that train fit wrote")
    figures = candidate.results_folder / "figures.json"
    if not figures.is_file() or json.loads(figures.read_text())["sha256"] != candidate.sha256:
        raise UserError(f"{run} is not measured; first: python -m train evaluate --weights {run}")
    return candidate, json.loads(settings.read_text())["recipe"]


def _copy(candidate: Release, recipe: str) -> Release:
    kept = RESULTS / recipe
    if kept.resolve() != candidate.folder.resolve():
        # Figures of earlier weights must not stay beside those of these.
        shutil.rmtree(kept, ignore_errors=True)
        kept.mkdir(parents=True)
        for file in candidate.folder.iterdir():
            if file.is_file() and file.name != NOT_PUBLISHED:
                shutil.copy(file, kept)
    print(f"kept {candidate.folder} as {kept}")
    return read_release(kept / "release.json")


def _drop_weights(kept: Release) -> None:
    kept.weights_file.unlink()
    kept.keras_weights_file.unlink()
    (kept.folder / "release.json").unlink()


def _put_back(previous: Release) -> None:
    if previous.weights_file.is_file() and previous.keras_weights_file.is_file():
        previous.results_folder.mkdir(parents=True, exist_ok=True)
        for file in (previous.weights_file, previous.keras_weights_file):
            shutil.move(file, previous.results_folder / file.name)
        dataclasses.replace(
            previous,
            weights=previous.weights_file.name,
            keras_weights=previous.keras_weights_file.name,
            results=".",
        ).write(previous.results_folder / "release.json")
