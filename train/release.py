"""Make a finished run the released one."""

import json
import shutil
from pathlib import Path

from model.release import RELEASE_FILE, ReleaseError, read_release, write_release
from train.candidates import find_release, load_classifier
from train.errors import UserError
from train.fit import UNPUBLISHED
from train.model_card import KEPT_HOME

RESULTS = Path(__file__).with_name("results")


def release(run: Path) -> None:
    """Copy a run's files to ``train/results/<network>``, its weights to ``model/bundled`` too, and
    write ``model/release.json``. What was copied there is itself a run that can be released again.

    The release keeps the Hub repository and revision it names as long as the weights are the same.

    Raises:
        UserError: the folder is no run, or was not measured yet.
        ReleaseError: its weights cannot be used.
    """
    candidate = find_release(run)
    load_classifier(candidate)
    if candidate.folder.resolve() != candidate.results_folder.resolve():
        raise UserError(f"{run} is not a run; give the folder that train fit wrote")
    figures = candidate.results_folder / "figures.json"
    if not figures.is_file() or json.loads(figures.read_text())["sha256"] != candidate.sha256:
        raise UserError(f"{run} is not measured; first: python -m train evaluate --weights {run}")
    results = RESULTS / candidate.network
    if results.resolve() != candidate.folder.resolve():
        # Figures of earlier weights must not stay beside those of these.
        shutil.rmtree(results, ignore_errors=True)
        results.mkdir(parents=True)
        for file in candidate.folder.iterdir():
            if file.is_file() and file.name != KEPT_HOME:
                shutil.copy(file, results)
    bundled = RELEASE_FILE.parent / "bundled" / candidate.weights_file.name
    for old in bundled.parent.glob("*.weights.h5"):
        old.unlink()
    bundled.parent.mkdir(exist_ok=True)
    shutil.copy(candidate.weights_file, bundled)
    hub = UNPUBLISHED
    try:
        if read_release(RELEASE_FILE).sha256 == candidate.sha256:
            hub = {}
    except ReleaseError:  # there is none yet, or it is replaced, as its own advice says
        RELEASE_FILE.unlink(missing_ok=True)
    write_release(
        RELEASE_FILE,
        network=candidate.network,
        labels=list(candidate.labels),
        temperature=candidate.temperature,
        weights=f"bundled/{bundled.name}",
        results=f"../train/results/{candidate.network}",
        sha256=candidate.sha256,
        **hub,
    )
    print(f"released {candidate.network}: wrote {RELEASE_FILE}, {bundled} and {results}")
