"""Archive an evaluated run in train/results, or make it the released one."""

import dataclasses
import json
import shlex
import shutil
from pathlib import Path

from model.classifier import load_classifier
from model.release import RELEASE_FILE, Release, ReleaseError, read_release
from model.weights import bundled_weights
from train.errors import UserError
from train.eval.inference import load_release
from train.export.model_card import NOT_PUBLISHED
from train.export.network import UNPUBLISHED
from train.files import RESULTS, keras_weights, read_released
from train.networks import load_network
from train.publish import check_name
from train.replay import FILE, features_file


def archive(weights: Path, figures_only: bool = False) -> Path:
    """Copy an evaluated run, without its checkpoints, to ``train/results/<recipe>``.

    Args:
        weights: the run, as ``load_release`` takes it.
        figures_only: copy only settings, history and figures. Otherwise the copy is itself a run
            that can be evaluated, compared and released.

    Returns:
        The copy.

    Raises:
        UserError: the folder is not a run, it was not evaluated yet, or the copy would replace the
            results of the released network.
        ReleaseError: its weights cannot be used.
    """
    candidate, recipe = _evaluated_run(weights)
    folder = (RESULTS / recipe).resolve()
    if figures_only and folder == candidate.folder.resolve():
        raise UserError(f"{folder} is the run itself; --figures-only would delete its weights")
    released = read_released(RELEASE_FILE)
    if (
        released
        and released.results_folder.resolve() == folder
        and (figures_only or released.sha256 != candidate.sha256)
    ):
        raise UserError(
            f"{folder} has the results of the released network; to replace it: "
            f"python -m train release --weights {shlex.quote(str(weights))}"
        )
    archived = _copy(candidate, recipe)
    if figures_only:
        for file in archived.folder.iterdir():
            if file.suffix != ".json" or file.name in ("network.json", "release.json"):
                file.unlink()
    return archived.folder


def release(weights: Path, anyway: bool = False, repo_id: str = "") -> None:
    """Release an evaluated run: write ``model/bundled`` and ``model/release.json``.

    The run is archived too. The previous weights are moved to their results folder, from which they
    can be released again; if the new results need that folder, it is renamed. The release keeps its
    Hub repository and revision if the weights are the same and ``repo_id`` does not change them.

    Args:
        weights: the run, as ``load_release`` takes it.
        anyway: release it even if it is worse than what is released now.
        repo_id: "user/name", the repository that the release names until it is published; without
            one the app does not ask the Hub.

    Raises:
        UserError: the folder is not a run, it was not evaluated yet, or it is worse than the
            released network.
        ReleaseError: its weights cannot be used.
    """
    if repo_id:
        check_name(repo_id)
    candidate, recipe = _evaluated_run(weights)
    if not anyway:
        _require_no_worse(candidate, weights)
    hub = UNPUBLISHED | ({"repository": repo_id} if repo_id else {})
    previous = read_released(RELEASE_FILE)
    if not previous:
        RELEASE_FILE.unlink(missing_ok=True)
    else:
        _keep(previous, candidate, recipe)
        if previous.sha256 == candidate.sha256 and repo_id in ("", previous.repository):
            hub = {"repository": previous.repository, "revision": previous.revision}
    archived = _copy(candidate, recipe)
    bundled = RELEASE_FILE.parent / "bundled"
    bundled.mkdir(exist_ok=True)
    files = _weights_files(archived)
    for file in files:
        shutil.copy(file, bundled / f"{file.name}.new")
    # If anything fails before this line, the earlier release still works.
    for older in (*bundled.glob("*.tflite"), *bundled.glob("*.weights.h5"), bundled / FILE):
        older.unlink(missing_ok=True)
    for file in files:
        (bundled / f"{file.name}.new").rename(bundled / file.name)
    dataclasses.replace(
        archived,
        weights=f"bundled/{archived.weights_file.name}",
        keras_weights=f"bundled/{archived.keras_weights_file.name}",
        results=f"../train/results/{recipe}",
        **hub,
    ).write(RELEASE_FILE)
    for file in (*files, archived.folder / "release.json"):
        file.unlink()
    print(f"released {recipe}: wrote {RELEASE_FILE} and {bundled}")
    print(
        "next: python -m train docs renews the tables, python -m pytest tests the app with the new "
        "weights, python app.py shows it, python -m train publish uploads the weights to your "
        "repository (docs/deploy.md says how to serve them)"
    )


def _evaluated_run(weights: Path) -> tuple[Release, str]:
    """Load and check the release of a run, and the name of its recipe."""
    candidate = load_release(weights)
    load_classifier(candidate)
    load_network(candidate)
    settings = candidate.folder / "settings.json"
    if not settings.is_file():
        raise UserError(f"{weights} is not a run; give the folder that train fit wrote")
    figures = candidate.results_folder / "figures.json"
    if not figures.is_file() or json.loads(figures.read_text())["sha256"] != candidate.sha256:
        raise UserError(
            f"{weights} was not evaluated yet; first: "
            f"python -m train evaluate --weights {shlex.quote(str(weights))} --data DIR"
        )
    return candidate, json.loads(settings.read_text())["recipe"]


def _weights_files(release: Release) -> list[Path]:
    files = (release.weights_file, release.keras_weights_file, features_file(release))
    return [file for file in files if file.is_file()]


def _copy(candidate: Release, recipe: str) -> Release:
    archived = RESULTS / recipe
    if archived.resolve() != candidate.folder.resolve():
        if _measured(archived) != candidate.sha256:
            # Do not mix figures of different weights, and do not delete released weights.
            if (archived / "release.json").is_file():
                _rename(archived, read_release(archived / "release.json"))
            shutil.rmtree(archived, ignore_errors=True)
        archived.mkdir(parents=True, exist_ok=True)
        for file in candidate.folder.iterdir():
            if file.is_file() and file.name != NOT_PUBLISHED:
                shutil.copy(file, archived)
    print(f"archived {candidate.folder} as {archived}")
    return read_release(archived / "release.json")


def _measured(results: Path) -> str | None:
    """Return the sha256 of the weights that a results folder was measured with."""
    file = results / "figures.json"
    return json.loads(file.read_text())["sha256"] if file.is_file() else None


def _kept(results: Path, release: Release) -> Path:
    return results.with_name(f"{results.name}-{release.sha256[:8]}")


def _rename(results: Path, release: Release) -> None:
    """Rename the results folder of a release, for others of the same recipe."""
    kept = _kept(results, release)
    shutil.rmtree(kept, ignore_errors=True)  # An earlier copy of the same weights.
    results.rename(kept)


def _require_no_worse(candidate: Release, weights: Path) -> None:
    """Compare a run with the released network on the split that it was evaluated on last."""
    figures = json.loads((candidate.results_folder / "figures.json").read_text())
    released = read_released(RELEASE_FILE)
    if not released or released.sha256 == candidate.sha256:
        return
    if released.labels != candidate.labels:
        print("not compared with the released network, which has other labels")
        return
    baseline = figures.get("released", {"sha256": None})
    if baseline["sha256"] != released.sha256:
        raise UserError(
            f"{weights} was not compared with the released network; first: "
            f"python -m train evaluate --weights {shlex.quote(str(weights))} --data DIR"
        )
    split, measured = list(figures["splits"].items())[-1]
    ours, theirs = (
        part["balanced_accuracy"]["value"] for part in (measured, baseline["splits"][split])
    )
    if ours < theirs:
        raise UserError(
            f"{weights} is worse than the released network: balanced accuracy {ours:.3f} instead "
            f"of {theirs:.3f} on {split}; to release it all the same, add --anyway"
        )


def _keep(previous: Release, candidate: Release, recipe: str) -> None:
    """Copy released weights to their results folder, which becomes a run again.

    The folder is renamed if the candidate has the same recipe.
    """
    folder = previous.results_folder.resolve()
    replaced = folder == (RESULTS / recipe).resolve()
    if replaced and previous.sha256 == candidate.sha256:
        return
    try:
        bundled_weights(previous)
        keras_weights(previous)
    except ReleaseError:  # They are missing, or from a release that failed.
        return
    if replaced:
        # Otherwise a release that failed has already renamed it.
        if _measured(folder) == previous.sha256:
            _rename(folder, previous)
        folder = _kept(folder, previous)
    folder.mkdir(parents=True, exist_ok=True)
    for file in _weights_files(previous):
        shutil.copy(file, folder)
    dataclasses.replace(
        previous,
        weights=previous.weights_file.name,
        keras_weights=previous.keras_weights_file.name,
        results=".",
    ).write(folder / "release.json")
    if previous.sha256 == candidate.sha256:
        return
    print(
        f"kept the earlier release as {folder}; to bring it back: "
        f"python -m train release --weights {shlex.quote(str(folder))} --anyway"
    )
