"""Read the files of a release's results folder that belong to its weights."""

import csv
import json
from pathlib import Path

from model.release import LABELS, Release


def read_results(release: Release) -> dict:
    """Read the results of the released weights.

    Returns:
        The content of each JSON file of the results folder by its stem, and the rows of origins.csv
        as "origins". A file that is missing, unreadable or about other weights is left out. For our
        labels also the content of independent_test.json as "independent", with "earlier": whether
        it is about an earlier release.
    """
    folder = release.results_folder
    results = {file.stem: _read(file, json.load) for file in folder.glob("*.json")}
    results["origins"] = _read(folder / "origins.csv", lambda opened: list(csv.DictReader(opened)))
    current = {
        name: content
        for name, content in results.items()
        if content and release.is_measured_in(content)
    }
    # Beside the folders of the releases, since it is measured from outside.
    independent = _read(folder.parent / "independent_test.json", json.load)
    if independent and tuple(release.labels) == LABELS:
        earlier = independent["weights_sha256"] != release.sha256
        current["independent"] = independent | {"earlier": earlier}
    return current


def _read(file: Path, parse):
    try:
        with open(file, newline="", encoding="utf-8") as opened:
            return parse(opened)
    except (OSError, ValueError, csv.Error):
        return None
