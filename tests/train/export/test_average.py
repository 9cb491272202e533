import dataclasses
import json
import shutil

import numpy as np
import pytest

from model.classifier import load_classifier
from model.release import read_release
from train.data.dataset import read_dataset
from train.errors import UserError
from train.export.average import average
from train.fit import fit
from train.networks import load_network

pytestmark = pytest.mark.usefixtures("uncompiled")


@pytest.fixture(scope="module")
def other_run(tmp_path_factory, tree, tiny_recipe):
    out = tmp_path_factory.mktemp("runs") / "other"
    fit("tiny", dataclasses.replace(tiny_recipe, seed=1), read_dataset([tree]), out)
    return out


def weights_of(folder):
    return load_network(read_release(folder / "release.json")).get_weights()


def predict_logits(folder):
    inputs = np.random.default_rng(0).integers(0, 256, (5, 16, 16, 3), np.uint8)
    return load_classifier(read_release(folder / "release.json")).logits(inputs)


def test_every_weight_is_the_mean_of_the_runs(run, other_run, tree, tmp_path):
    average([run, other_run], read_dataset([tree]), tmp_path)
    means = zip(weights_of(run), weights_of(other_run), strict=True)
    for averaged, pair in zip(weights_of(tmp_path), means, strict=True):
        np.testing.assert_allclose(averaged, np.mean(pair, axis=0), rtol=2e-3, atol=1e-5)
    assert not np.allclose(predict_logits(tmp_path), predict_logits(run))
    assert not np.allclose(predict_logits(tmp_path), predict_logits(other_run))


def test_the_average_of_a_run_and_its_copy_is_the_run(run, tree, tmp_path):
    shutil.copytree(run, tmp_path / "copy")
    average([run, tmp_path / "copy"], read_dataset([tree]), tmp_path / "average")
    # The .tflite file of a run was made before its Keras weights were rounded.
    np.testing.assert_allclose(predict_logits(tmp_path / "average"), predict_logits(run), atol=0.02)
    temperature = read_release(run / "release.json").temperature
    averaged = read_release(tmp_path / "average" / "release.json").temperature
    assert averaged == pytest.approx(temperature, rel=0.02)


def test_an_average_has_the_files_of_a_run_except_its_history(run, other_run, tree, tmp_path):
    average([run, other_run], read_dataset([tree]), tmp_path)
    files = {file.name for file in run.iterdir() if file.is_file()}
    assert {file.name for file in tmp_path.iterdir()} == files - {"history.json", "curves.png"}
    assert (tmp_path / "origins.csv").read_bytes() == (run / "origins.csv").read_bytes()


def test_settings_list_the_averaged_runs(run, other_run, tree, tmp_path):
    average([run, other_run], read_dataset([tree]), tmp_path)
    settings = json.loads((tmp_path / "settings.json").read_text())
    average_of = [
        json.loads((folder / "settings.json").read_text())
        | {"weights_sha256": read_release(folder / "release.json").keras_sha256, "share": 0.5}
        for folder in (run, other_run)
    ]
    assert settings.pop("average_of") == average_of
    assert settings == json.loads((run / "settings.json").read_text())


def test_an_average_of_an_average_lists_the_runs_of_both(run, other_run, tree, tmp_path):
    average([run, other_run], read_dataset([tree]), tmp_path / "average")
    average([tmp_path / "average", other_run], read_dataset([tree]), tmp_path / "nested")
    parts = json.loads((tmp_path / "nested" / "settings.json").read_text())["average_of"]
    trained = [read_release(each / "release.json").keras_sha256 for each in (run, other_run)]
    assert [part["weights_sha256"] for part in parts] == [*trained, trained[1]]
    assert [part["share"] for part in parts] == [0.25, 0.25, 0.5]


def test_runs_that_cannot_be_averaged_are_refused(run, tree, tmp_path):
    with pytest.raises(UserError, match="at least two"):
        average([run], read_dataset([tree]), tmp_path / "average")
    with pytest.raises(UserError, match="another --out"):
        average([run, run], read_dataset([tree]), run)
    shutil.copytree(run, tmp_path / "foreign")
    settings = tmp_path / "foreign" / "settings.json"
    settings.write_text(settings.read_text().replace('"network": "tiny"', '"network": "giant"'))
    with pytest.raises(UserError, match="runs are of different networks: giant, tiny"):
        average([run, tmp_path / "foreign"], read_dataset([tree]), tmp_path / "average")
    settings.unlink()
    with pytest.raises(UserError, match="is not a run"):
        average([run, tmp_path / "foreign"], read_dataset([tree]), tmp_path / "average")
    assert not (tmp_path / "average").exists()
