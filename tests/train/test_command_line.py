import dataclasses
import importlib
import inspect
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import ImageOps

from model.release import read_release
from model.weights import sha256_of
from tests.helpers.release_file import edit_release
from train import __main__ as command_line
from train.data.dataset import read_dataset
from train.eval import scaled_photos

ROOT = Path(__file__).parents[2]


@pytest.fixture
def error(monkeypatch):
    """Return a function that runs a command and returns the line with which it fails."""

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["train", *map(str, arguments)])
        with pytest.raises(SystemExit) as caught:
            command_line.main()
        # Python prints a string to stderr and exits with status 1.
        assert isinstance(caught.value.code, str)
        line = caught.value.code
        assert line.startswith("error: ")
        assert "\n" not in line
        return line

    return run


@pytest.fixture
def fit(error, tree, tmp_path):
    """Return a function that runs ``fit`` with other options than those that work."""

    def run(**options):
        given = {"recipe": "original", "data": tree, "out": tmp_path / "out"} | options
        return error("fit", *(part for key, value in given.items() for part in (f"--{key}", value)))

    return run


@pytest.fixture
def candidate(run, tmp_path):
    return shutil.copytree(run, tmp_path / "candidate")


def write_empty(root, *folders):
    for folder in folders:
        (root / folder).mkdir(parents=True)
        (root / folder / "1.png").touch()
        (root / folder / "2.png").touch()
    return root


def test_an_unknown_recipe_is_refused_with_the_known_ones(fit):
    line = fit(recipe="resnet")
    assert "'resnet'" in line
    assert "original" in line.partition("choose one of: ")[2]


def test_a_missing_dataset(fit, tmp_path):
    assert f"{tmp_path / 'nowhere'} is not a folder" in fit(data=tmp_path / "nowhere")


def test_a_folder_without_classes(fit, tmp_path):
    (tmp_path / "cats").mkdir()
    assert "name them brain, lung and other" in fit(data=tmp_path)


def test_an_empty_class(fit, tmp_path):
    data = write_empty(tmp_path / "data", "brain", "other")
    assert "no readable image of lung; add some" in fit(data=data)


def test_a_class_of_unreadable_images(fit, tmp_path):
    data = write_empty(tmp_path / "data", "brain", "lung", "other")
    assert "no readable image of brain, lung, other" in fit(data=data)


def test_a_dataset_without_training_images(fit, tree, tmp_path):
    shutil.copytree(tree / "val", tmp_path / "data" / "val")
    assert "has no split 'train'; it has: val" in fit(data=tmp_path / "data")


def test_a_folder_that_cannot_be_written(fit, error, run, tree, tmp_path):
    (tmp_path / "file").touch()
    line = fit(out=tmp_path / "file" / "run")
    assert "cannot be written (Not a directory); give another --out" in line
    line = error("evaluate", "--weights", run, "--data", tree, "--out", tmp_path / "file")
    assert "cannot be written (File exists); give another --out" in line


def test_a_run_with_other_settings(fit, run):
    assert f"{run} has a run with other recipe, network, " in fit(out=run)


def test_a_study_of_other_labels(error, tree, tmp_path, monkeypatch):
    release = dataclasses.replace(read_release(), labels=("cat", "dog"))
    monkeypatch.setattr(command_line, "read_release", lambda: release)
    line = error("shortcuts", "--data", tree, "--out", tmp_path)
    assert "about the labels brain, lung, other; it cannot run with cat, dog" in line


def test_a_missing_split(error, run, tree, tmp_path):
    arguments = ("--data", tree, "--split", "test", "--out", tmp_path)
    line = error("evaluate", "--weights", run, *arguments)
    assert "has no split 'test'; it has: external, train, val" in line


@pytest.mark.parametrize(
    "command", ["evaluate", "compare", "robustness", "explain", "ood", "archive", "release"]
)
def test_missing_weights(error, tree, tmp_path, command):
    with_data = ("evaluate", "compare", "robustness", "explain")
    arguments = ("--data", tree) if command in with_data else ()
    line = error(command, "--weights", tmp_path, *arguments)
    assert f"{tmp_path} names it; give the folder that train fit wrote" in line


@pytest.mark.parametrize("content", ["", "{", "[]", "{}"])
def test_a_malformed_release_file(error, candidate, tree, content):
    (candidate / "release.json").write_text(content)
    line = error("evaluate", "--weights", candidate, "--data", tree)
    assert "release.json" in line
    assert "write it with: python -m train release" in line


def test_an_unknown_network(error, candidate):
    edit_release(candidate / "release.json", network="resnet")
    line = error("release", "--weights", candidate)
    assert "'resnet'" in line


def test_a_weights_file_without_a_network(error, candidate, tree):
    shutil.copy(read_release().keras_weights_file, candidate / "tiny.tflite")
    sha256 = sha256_of(candidate / "tiny.tflite")
    edit_release(candidate / "release.json", sha256=sha256)
    line = error("evaluate", "--weights", candidate, "--data", tree)
    assert "tiny.tflite does not contain a network; release one: python -m train release" in line


def test_damaged_weights(error, candidate, tree):
    (candidate / "tiny.tflite").write_bytes(b"damaged")
    line = error("evaluate", "--weights", candidate, "--data", tree)
    assert "tiny.tflite is not the file that release.json names" in line


def test_a_run_that_was_not_evaluated(error, candidate):
    line = error("release", "--weights", candidate)
    assert f"first: python -m train evaluate --weights {candidate}" in line


def python_m_train(*arguments):
    return subprocess.run(
        [sys.executable, "-m", "train", *map(str, arguments)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
    )


def test_an_error_is_one_line_and_exit_status_1(tmp_path):
    nowhere = tmp_path / "nowhere"
    ended = python_m_train("evaluate", "--weights", nowhere, "--data", tmp_path)
    assert ended.returncode == 1
    assert ended.stdout == ""
    assert ended.stderr == (
        f"error: no release.json in or beside {nowhere} names it; "
        "give the folder that train fit wrote\n"
    )


def test_the_help_names_every_command():
    ended = python_m_train("--help")
    assert ended.returncode == 0
    for command in command_line.COMMANDS:
        assert re.search(rf"^    {command}\s", ended.stdout, re.MULTILINE)


@pytest.mark.parametrize("command", command_line.COMMANDS)
def test_every_command_is_a_function_with_its_options_as_parameters(command, monkeypatch):
    target, _, *options = command_line.COMMANDS[command]
    module, _, name = target.partition(":")
    parameters = inspect.signature(getattr(importlib.import_module(module), name)).parameters
    given = {settings.get("dest", name[2:].replace("-", "_")) for name, settings in options}
    if "recipe" in given:
        given.add("recipe_name")
    if {"data", "labels"} <= given:
        # The dataset has them.
        assert "labels" in inspect.signature(read_dataset).parameters
        given.remove("labels")
    required = {key for key, value in parameters.items() if value.default is value.empty}
    assert required <= given <= set(parameters)


@pytest.mark.parametrize(
    "command",
    [
        "fit --recipe resnet --data . --out nowhere",
        "fit --recipe original --data nowhere --out nowhere",
        "release --weights nowhere",
    ],
)
def test_a_wrong_call_fails_before_tensorflow_is_imported(command):
    code = (
        "import sys\n"
        "from train.__main__ import main\n"
        "try:\n    main()\n"
        "except SystemExit as error:\n    print(error)\n"
        "print('tensorflow' in sys.modules)"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code, *command.split()], cwd=ROOT, capture_output=True, text=True
    )
    line, imported = ended.stdout.splitlines()
    assert line.startswith("error: ")
    assert imported == "False"


def test_ctrl_c_ends_a_command_with_one_word(monkeypatch):
    def interrupt():
        raise KeyboardInterrupt

    monkeypatch.setattr("train.docs.write_docs", interrupt)
    monkeypatch.setattr(sys, "argv", ["train", "docs"])
    with pytest.raises(SystemExit) as caught:
        command_line.main()
    assert caught.value.code == "interrupted"


def test_a_command_without_its_options_shows_its_usage():
    ended = python_m_train("fit")
    assert ended.returncode == 2
    assert "usage: python -m train fit" in ended.stderr
    assert "--recipe, --data, --out" in ended.stderr


@pytest.fixture
def succeed(monkeypatch, capsys):
    """Return a function that runs a command and returns what it printed."""
    monkeypatch.setattr("train.eval.metrics.RESAMPLES", 5)
    monkeypatch.setattr("train.eval.ood.IMAGES_PER_KIND", 5)
    monkeypatch.setattr("train.eval.robustness.CORRUPTIONS", {"mirrored": mirrored})

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["train", *map(str, arguments)])
        capsys.readouterr()
        command_line.main()
        return capsys.readouterr().out

    return run


def mirrored(image, rng):
    return ImageOps.mirror(image)


@pytest.mark.usefixtures("no_plots")
def test_evaluate(succeed, candidate, tree, tmp_path):
    arguments = ("--data", tree, "--split", "val", "--out", tmp_path)
    assert "balanced accuracy" in succeed("evaluate", "--weights", candidate, *arguments)
    figures = json.loads((tmp_path / "figures.json").read_text())
    assert list(figures["splits"]) == ["val"]


@pytest.mark.usefixtures("no_plots")
def test_compare(succeed, run, candidate, tree, tmp_path):
    succeed("evaluate", "--weights", candidate, "--data", tree)
    arguments = ("--weights", run, candidate, "--data", tree, "--out", tmp_path / "out")
    shown = succeed("compare", *arguments)
    compared = json.loads((tmp_path / "out" / "comparison.json").read_text())["networks"]
    assert list(compared) == ["tiny", "candidate"]
    for name, network in compared.items():
        assert name in shown
        splits = json.loads((candidate / "figures.json").read_text())["splits"]
        for split in splits.values():
            del split["selective"]  # which comparisons do not have
        assert network["splits"] == splits
        assert network["bytes"] == (run / "tiny.tflite").stat().st_size
    times = (f"{network['milliseconds']:.1f} ms" for network in compared.values())
    assert f"| forward pass of one image, median | {' | '.join(times)} |" in shown


def test_weights_of_the_same_name_cannot_be_compared(error, run, tree):
    line = error("compare", "--weights", run, run, "--data", tree)
    assert "have folders named tiny" in line


def test_robustness(succeed, candidate, tree):
    shown = succeed("robustness", "--weights", candidate, "--data", tree)
    measured = json.loads((candidate / "robustness.json").read_text())["networks"]["candidate"]
    assert set(measured) == {"none", "mirrored"}
    assert "| mirrored |" in shown
    succeed("evaluate", "--weights", candidate, "--data", tree)
    uncorrupted = json.loads((candidate / "figures.json").read_text())["splits"]["external"]
    for figure, interval in measured["none"].items():
        assert interval == uncorrupted[figure]


def test_ood(succeed, candidate):
    shown = succeed("ood", "--weights", candidate)
    kinds = json.loads((candidate / "ood.json").read_text())["kinds"]
    for kind, measured in kinds.items():
        assert f"| {kind} | 5 |" in shown
        assert measured["quantiles"] == sorted(measured["quantiles"])
        assert 0 <= measured["above_half"] <= 1


def test_explain(succeed, candidate, tree):
    shown = succeed("explain", "--weights", candidate, "--data", tree)
    explained = json.loads((candidate / "explanation.json").read_text())
    assert (explained["images"], explained["sources"]) == (6, 6)
    for measured in explained["maps"].values():
        difference = measured["insertion"]["value"] - measured["deletion"]["value"]
        assert measured["difference"]["value"] == pytest.approx(difference, abs=2e-4)
    assert "| occlusion |" in shown


def test_scaled_photos(succeed, candidate, tree, monkeypatch):
    # Smaller photos, to save time.
    monkeypatch.setattr(scaled_photos, "PHOTO_SIDE", 1200)
    monkeypatch.setattr(scaled_photos, "OTHER_SIDES", ())
    shown = succeed("scaled-photos", "--weights", candidate, "--data", tree)
    measured = json.loads((candidate / "scaled_photos.json").read_text())
    assert (measured["images"], measured["sources"]) == (6, 6)
    for changes in measured["sides"].values():
        assert changes["other_label_when_sure"] <= changes["other_label"] <= 6
        assert 0 < changes["median_change"] < changes["largest_change"] < 0.5
    assert "| photos with another label |" in shown
    # As the page scales them.
    script = (ROOT / "page" / "static" / "shrink.js").read_text(encoding="utf-8")
    assert f"LONGEST_SIDE = {scaled_photos.SCALED_SIDE};" in script
    assert f'"image/jpeg", {scaled_photos.QUALITY / 100})' in script
