"""Change the figures of runs, and assert that a refused release changes nothing."""

import json

import pytest

from model.release import read_release
from train.release import release


def content(folder):
    """Return the bytes of each file under a folder, by its relative path."""
    return {
        str(file.relative_to(folder)): file.read_bytes()
        for file in folder.rglob("*")
        if file.is_file()
    }


def refusal(kind, run, released):
    """Return the one line with which a release fails; it changes nothing."""
    before = content(released.parents[1])
    with pytest.raises(kind) as caught:
        release(run)
    message = str(caught.value)
    assert "\n" not in message
    assert content(released.parents[1]) == before
    return message


def edit_figures(run, **changes):
    """Set values of the figures.json of a run."""
    file = run / "figures.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | changes))


def compared(run, released, accuracy):
    """Write that the released network has an accuracy on the images that the run was tested on."""
    summary = {"balanced_accuracy": {"value": accuracy, "low": 0, "high": 1}}
    baseline = {"sha256": read_release(released).sha256, "splits": {"external": summary}}
    edit_figures(run, released=baseline)
