"""Keep a measured run in the repository, or make it the released one."""

import json
import shutil
from pathlib import Path

from model.release import RELEASE_FILE, Release, ReleaseError, read_release, write_release
from train.candidates import find_release, load_classifier
from train.errors import UserError
from train.fit import UNPUBLISHED
from train.model_card import KEPT_HOME

RESULTS = Path(__file__).with_name("results")


def keep(run: Path) -> Release:
    """Copy a run's files, checkpoints excepted, to ``train/results/<recipe>``.

    What was copied there is itself a run that can be evaluated, compared and released.

    Returns:
        The copy.

    Raises:
        UserError: the folder is no run, or was not measured yet.
        ReleaseError: its weights cannot be used.
    """
    candidate = find_release(run)
    load_classifier(candidate)
    settings = candidate.folder / "settings.json"
    if not settings.is_file():
        raise UserError(f"{run} is not a run; give the folder that train fit wrote")
    figures = candidate.results_folder / "figures.json"
    if not figures.is_file() or json.loads(figures.read_text())["sha256"] != candidate.sha256:
        raise UserError(f"{run} is not measured; first: python -m train evaluate --weights {run}")
    kept = RESULTS / json.loads(settings.read_text())["recipe"]
    if kept.resolve() != candidate.folder.resolve():
        # Figures of earlier weights must not stay beside those of these.
        shutil.rmtree(kept, ignore_errors=True)
        kept.mkdir(parents=True)
        for file in candidate.folder.iterdir():
            if file.is_file() and file.name != KEPT_HOME:
                shutil.copy(file, kept)
    print(f"kept {run} as {kept}")
    return read_release(kept / "release.json")


def release(run: Path) -> None:
    """Keep a run, copy its weights to ``model/bundled`` and write ``model/release.json``.

    The release keeps the Hub repository and revision it names as long as the weights are the same.

    Raises:
        UserError: the folder is no run, or was not measured yet.
        ReleaseError: its weights cannot be used.
    """
    kept = keep(run)
    bundled = RELEASE_FILE.parent / "bundled" / kept.weights_file.name
    for old in bundled.parent.glob("*.weights.h5"):
        old.unlink()
    bundled.parent.mkdir(exist_ok=True)
    shutil.copy(kept.weights_file, bundled)
    hub = UNPUBLISHED
    try:
        if read_release(RELEASE_FILE).sha256 == kept.sha256:
            hub = {}
    except ReleaseError:  # there is none yet, or it is replaced, as its own advice says
        RELEASE_FILE.unlink(missing_ok=True)
    write_release(
        RELEASE_FILE,
        network=kept.network,
        labels=list(kept.labels),
        temperature=kept.temperature,
        weights=f"bundled/{bundled.name}",
        results=f"../train/results/{kept.folder.name}",
        sha256=kept.sha256,
        **hub,
    )
    print(f"released {kept.folder.name}: wrote {RELEASE_FILE} and {bundled}")
