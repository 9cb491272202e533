"""What a finished run consists of."""

import json

import h5py
import numpy as np
import pytest

from model.release import read_release


def read_arrays(file):
    """Return every array of a weights file, by name."""
    arrays = {}
    with h5py.File(file) as opened:
        opened.visititems(
            lambda name, item: (
                arrays.update({name: item[()]}) if isinstance(item, h5py.Dataset) else None
            )
        )
    return arrays


def read_history(run):
    return json.loads((run / "history.json").read_text())


def assert_same_result(run, other):
    assert len(read_history(run)) == len(read_history(other))
    for logs, other_logs in zip(read_history(run), read_history(other), strict=True):
        assert logs == pytest.approx(other_logs, rel=1e-5)
    arrays, other_arrays = (read_arrays(folder / "tiny.weights.h5") for folder in (run, other))
    assert arrays.keys() == other_arrays.keys()
    for key, array in arrays.items():
        # The last bit of half precision.
        np.testing.assert_allclose(array, other_arrays[key], rtol=1e-3, atol=1e-7)
    assert {file.name for file in run.iterdir()} == {file.name for file in other.iterdir()}
    temperature = read_release(other / "release.json").temperature
    assert read_release(run / "release.json").temperature == pytest.approx(temperature, rel=1e-3)
