"""A finished and evaluated run, and a product that has no release yet."""

import shutil

import pytest

from model.weights import sha256_of
from tests.helpers.release_file import edit_release
from tests.helpers.releases import edit_figures
from train import release as release_module
from train.data.dataset import read_dataset
from train.eval import metrics
from train.eval.evaluate import evaluate


@pytest.fixture(scope="session")
def evaluated(run, tree, tmp_path_factory):
    """Return the folder of an evaluated run; tests must not change it."""
    folder = tmp_path_factory.mktemp("evaluated") / "tiny"
    shutil.copytree(run, folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(metrics, "RESAMPLES", 2)
        evaluate(folder, read_dataset([tree]), "external", None)
    return folder


@pytest.fixture
def candidate(evaluated, tmp_path):
    return shutil.copytree(evaluated, tmp_path / "runs" / "tiny")


@pytest.fixture
def other_candidate(candidate, tmp_path):
    """Return a run of the same recipe whose weights file differs in a byte that LiteRT ignores."""
    run = shutil.copytree(candidate, tmp_path / "runs" / "other")
    weights = run / "tiny.tflite"
    weights.write_bytes(weights.read_bytes() + b"\0")
    edit_release(run / "release.json", sha256=sha256_of(weights))
    edit_figures(run, sha256=sha256_of(weights))
    return run


@pytest.fixture
def released(tmp_path, monkeypatch):
    """Return the release file of a product that has none yet."""
    file = tmp_path / "product" / "model" / "release.json"
    file.parent.mkdir(parents=True)
    monkeypatch.setattr(release_module, "RELEASE_FILE", file)
    monkeypatch.setattr(release_module, "RESULTS", tmp_path / "product" / "train" / "results")
    return file
