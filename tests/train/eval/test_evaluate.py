import contextlib
import io
import json
import re
import shutil
from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from model.classifier import Classifier, load_classifier
from model.imaging import read_image
from model.release import LABELS, ReleaseError, read_release
from tests.helpers.release_file import edit_release
from train.data.dataset import LabelledImage, read_dataset
from train.errors import UserError
from train.eval.evaluate import _default_split, evaluate
from train.eval.inference import load_release, predict_logits
from train.eval.plots import MISTAKES_SHOWN, plot_mistakes
from train.eval.split import Split
from train.eval.tables import evaluation_report

pytestmark = pytest.mark.usefixtures("fewer_resamples")


@pytest.fixture(scope="module")
def evaluated(run, tree, tmp_path_factory):
    """Return the folder of an evaluated run, and what the command printed."""
    folder = tmp_path_factory.mktemp("evaluated") / "tiny"
    shutil.copytree(run, folder)
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        evaluate(folder, read_dataset([tree]), "external", None)
    return folder, printed.getvalue()


@pytest.fixture(scope="module")
def figures(evaluated):
    return json.loads((evaluated[0] / "figures.json").read_text())


def refusal(kind, *arguments):
    """Return the one line with which evaluating fails."""
    with pytest.raises(kind) as caught:
        evaluate(*arguments)
    message = str(caught.value)
    assert "\n" not in message
    return message


def table_rows(text):
    """Return the cells of every line of the Markdown tables."""
    lines = [line for line in text.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def test_figures_and_plots_are_written_into_the_run(evaluated, run):
    plots = {"confusion.png", "reliability.png", "mistakes.png"}
    written = {file.name for file in evaluated[0].iterdir()} - {file.name for file in run.iterdir()}
    assert written == plots | {"figures.json"}
    for name in plots:
        with Image.open(evaluated[0] / name) as plot:
            assert min(plot.size) > 300
            assert np.asarray(plot.convert("L")).std() > 5


def test_the_named_split_and_val_are_evaluated(evaluated, figures):
    release = read_release(evaluated[0] / "release.json")
    assert (figures["network"], figures["sha256"]) == ("tiny", release.sha256)
    assert figures["temperature"] == release.temperature
    assert list(figures["splits"]) == ["val", "external"]
    assert [split["images"] for split in figures["splits"].values()] == [12, 24]
    assert [split["sources"] for split in figures["splits"].values()] == [6, 6]


def test_the_released_network_is_measured_on_the_same_images(evaluated, figures, tree):
    released = read_release()
    assert figures["released"]["sha256"] == released.sha256
    classifier = Classifier(released.weights_file, released.labels, released.temperature)
    for name, summary in figures["released"]["splits"].items():
        hits = defaultdict(list)
        for image in read_dataset([tree])[name]:
            prediction = classifier.classify(read_image(image.path))
            hits[image.label].append(max(prediction, key=prediction.get) == image.label)
        accuracy = np.mean([np.mean(each) for each in hits.values()])
        assert summary["balanced_accuracy"]["value"] == pytest.approx(accuracy, abs=5e-5)
    [row] = [row for row in table_rows(evaluated[1]) if row[0] == "the release at that time"]
    value = figures["released"]["splits"]["external"]["balanced_accuracy"]["value"]
    assert row[2].startswith(f"{value:.3f} [")


@pytest.mark.usefixtures("no_plots")
def test_the_released_network_is_not_compared_with_itself(tree, tmp_path):
    evaluate(read_release().folder, read_dataset([tree]), "external", tmp_path)
    assert "released" not in json.loads((tmp_path / "figures.json").read_text())


@pytest.mark.parametrize("split", ["val", "external"])
def test_the_figures_are_those_of_classifying_image_by_image(evaluated, figures, tree, split):
    release = read_release(evaluated[0] / "release.json")
    classifier = Classifier(release.weights_file, release.labels, release.temperature)
    counts = {label: dict.fromkeys(LABELS, 0) for label in LABELS}
    squares = []
    for image in read_dataset([tree])[split]:
        prediction = classifier.classify(read_image(image.path))
        counts[image.label][max(prediction, key=prediction.get)] += 1
        squares.append(sum((prediction[name] - (name == image.label)) ** 2 for name in LABELS))
    found = figures["splits"][split]
    assert found["confusion_matrix"] == [list(row.values()) for row in counts.values()]
    recalls = [counts[label][label] / sum(counts[label].values()) for label in LABELS]
    assert found["balanced_accuracy"]["value"] == pytest.approx(np.mean(recalls), abs=1e-4)
    assert found["brier_score"]["value"] == pytest.approx(np.mean(squares), abs=1e-3)


def test_the_printed_tables_show_the_figures_of_both_splits_side_by_side(evaluated, figures):
    text = evaluated[1]
    rows = {row[0]: row[1:] for row in table_rows(text)}
    splits = figures["splits"]
    assert rows["metric"] == [
        "validation (val): 12 images, 6 sources",
        "selection (external): 24 images, 6 sources",
    ]
    shown = {
        "balanced accuracy": [split["balanced_accuracy"] for split in splits.values()],
        "accuracy": [split["accuracy"] for split in splits.values()],
        "AUROC of “other”": [split["auroc_other"] for split in splits.values()],
        "expected calibration error": [s["expected_calibration_error"] for s in splits.values()],
        "Brier score (0 to 2)": [split["brier_score"] for split in splits.values()],
    }
    for label in LABELS:
        for title in ("precision", "recall", "F1"):
            shown[f"{title} of {label}"] = [
                split["classes"][label][title.lower()] for split in splits.values()
            ]
    for title in ("selective_accuracy", "rejected_accuracy"):
        shown[title.replace("_", " ")] = [split["selective"][title] for split in splits.values()]
    for title, expected in shown.items():
        for cell, figure in zip(rows[title], expected, strict=True):
            if figure is None:
                assert cell == "no such prediction"
                continue
            numbers = [float(number) for number in re.findall(r"\d\.\d{3}", cell)]
            assert numbers == pytest.approx(list(figure.values()), abs=5.1e-4), title
    for source, row in splits["external"]["recall_per_source"].items():
        assert rows[source] == [str(row["images"]), f"{row['recall']:.3f}"]
    matrices = [row[1:] for row in table_rows(text) if row[0] in LABELS and len(row) == 4]
    assert [[int(count) for count in row] for row in matrices] == [
        row for split in splits.values() for row in split["confusion_matrix"]
    ]


@pytest.mark.usefixtures("no_plots")
def test_a_dataset_without_val_is_evaluated_on_one_split(run, tree, tmp_path):
    shutil.copytree(tree / "external", tmp_path / "tree" / "external")
    evaluate(run, read_dataset([tmp_path / "tree"]), "external", tmp_path / "out")
    figures = json.loads((tmp_path / "out" / "figures.json").read_text())
    assert list(figures["splits"]) == ["external"]
    assert not (run / "figures.json").exists()


@pytest.mark.usefixtures("no_plots")
def test_the_default_is_a_test_split_or_else_val(run, write_tree, tmp_path):
    trees = {
        default: write_tree(tmp_path / default, **splits)
        for default, splits in {
            "external": {"val": 1, "external": 1},
            "test": {"val": 1, "test": 1},
            "val": {"val": 1},
        }.items()
    }
    for default, tree in trees.items():
        assert _default_split(read_dataset([tree])) == default
    evaluate(run, read_dataset([trees["test"]]), None, tmp_path / "out")
    figures = json.loads((tmp_path / "out" / "figures.json").read_text())
    assert list(figures["splits"]) == ["val", "test"]


@pytest.mark.usefixtures("no_plots")
def test_unreadable_images_are_named_and_skipped(run, tree, tmp_path, capsys):
    shutil.copytree(tree / "external", tmp_path / "tree" / "external")
    bad = tmp_path / "tree" / "external" / "brain" / "external-a" / "bad.png"
    bad.write_bytes(b"not an image")
    evaluate(run, read_dataset([tmp_path / "tree"]), "external", tmp_path / "out")
    assert f"skipped, not a readable image: {bad}" in capsys.readouterr().out
    figures = json.loads((tmp_path / "out" / "figures.json").read_text())
    assert figures["splits"]["external"]["images"] == 24


def test_a_missing_split_and_an_unwritable_folder_are_one_line(run, tree, tmp_path):
    assert "it has: external, train, val" in refusal(
        UserError, run, read_dataset([tree]), "test", tmp_path
    )
    (tmp_path / "file").touch()
    message = refusal(UserError, run, read_dataset([tree]), "external", tmp_path / "file" / "out")
    assert "cannot be written" in message


def test_weights_are_found_by_folder_file_or_release(run):
    expected = read_release(run / "release.json")
    for path in (run, run / "release.json", run / "tiny.tflite"):
        assert load_release(path) == expected


def test_weights_a_folder_below_their_release_are_found(tmp_path, run):
    shutil.copytree(run, tmp_path / "bundled")
    edit_release(tmp_path / "bundled" / "release.json", weights="bundled/tiny.tflite")
    (tmp_path / "bundled" / "release.json").rename(tmp_path / "release.json")
    for path in (tmp_path, tmp_path / "bundled" / "tiny.tflite"):
        assert load_release(path).weights_file == tmp_path / "bundled" / "tiny.tflite"


@pytest.mark.parametrize("name", ["tiny.weights.h5", "typo", "typo.tflite"])
def test_other_weights_near_a_release_are_refused(run, name, monkeypatch):
    with pytest.raises(ReleaseError, match="names it; give the folder"):
        load_release(run / name)
    monkeypatch.chdir(run)
    with pytest.raises(ReleaseError, match="names it; give the folder"):
        load_release(Path(name))


def test_weights_that_are_not_those_released_are_refused(run, tree, tmp_path):
    folder = tmp_path / "tiny"
    shutil.copytree(run, folder)
    shutil.copy(folder / "tiny.weights.h5", folder / "tiny.tflite")
    assert "tiny.tflite" in refusal(
        ReleaseError, folder, read_dataset([tree]), "external", tmp_path
    )
    (folder / "tiny.tflite").unlink()
    assert "missing" in refusal(ReleaseError, folder, read_dataset([tree]), "external", tmp_path)


def test_logits_do_not_depend_on_the_other_images(run, tree):
    classifier = load_classifier(load_release(run))
    images = read_dataset([tree])["external"] * 3
    together = predict_logits(classifier, images, "")
    assert together.shape == (72, 3)
    for i in (0, 31, 32, 71):
        [single] = predict_logits(classifier, [images[i]], "")
        np.testing.assert_allclose(together[i], single, rtol=1e-4, atol=1e-5)


COLOURS = {"red": (255, 0, 0), "lime": (0, 255, 0), "blue": (0, 0, 255)}


def contact_sheet(tmp_path, predictions):
    """Draw the mistakes among images of lungs, each a colour, a prediction and a confidence.

    Returns the positions of the pixels of each colour on the sheet.
    """
    images, confidences = [], []
    for i, (colour, predicted, confidence) in enumerate(predictions):
        path = tmp_path / f"{i}.png"
        Image.new("RGB", (20, 20), colour).save(path)
        images.append(LabelledImage(path, "lung", "source"))
        row = np.full(3, (1 - confidence) / 2)
        row[LABELS.index(predicted)] = confidence
        confidences.append(row)
    plot_mistakes(Split(images), np.array(confidences), tmp_path / "sheet.png")
    with Image.open(tmp_path / "sheet.png") as sheet:
        pixels = np.asarray(sheet.convert("RGB"))
    return {name: np.argwhere((pixels == rgb).all(axis=2)) for name, rgb in COLOURS.items()}


def test_the_contact_sheet_shows_only_mistakes_most_confident_first(tmp_path):
    found = contact_sheet(
        tmp_path, [("lime", "brain", 0.6), ("blue", "lung", 0.99), ("red", "other", 0.9)]
    )
    assert len(found["blue"]) == 0
    assert found["red"][:, 1].max() < found["lime"][:, 1].min()  # red is left of lime


def test_the_contact_sheet_is_empty_without_mistakes(tmp_path):
    found = contact_sheet(tmp_path, [("blue", "lung", 0.9)])
    assert not any(len(positions) for positions in found.values())


def test_the_contact_sheet_shows_at_most_forty_mistakes(tmp_path, monkeypatch):
    assert MISTAKES_SHOWN == 40
    monkeypatch.setattr("train.eval.plots.MISTAKES_SHOWN", 8)  # Fewer, to save time.
    many = [("red", "brain", 0.9)] * 8 + [("lime", "brain", 0.5)] * 6
    found = contact_sheet(tmp_path, many)
    assert len(found["red"]) > 0
    assert len(found["lime"]) == 0  # these are less confident


@pytest.mark.usefixtures("no_plots")
def test_several_folders_are_measured_together_and_one_by_one(run, tree, write_images, tmp_path):
    added = tmp_path / "added"
    for label in LABELS:
        write_images(added / "external" / label / "added", label, count=6, seed=9)
    evaluate(run, read_dataset([tree, added]), "external", tmp_path)
    figures = json.loads((tmp_path / "figures.json").read_text())
    assert figures["splits"]["external"]["images"] == 42
    folders = figures["folders"]
    assert {name: f["images"] for name, f in folders.items()} == {tree.name: 24, "added": 18}
    for folder in (tree, added):
        evaluate(run, read_dataset([folder]), "external", tmp_path / folder.name)
        single = json.loads((tmp_path / folder.name / "figures.json").read_text())["splits"]
        for metric in ("balanced_accuracy", "classes", "selective"):
            assert folders[folder.name][metric] == single["external"][metric]
    table = table_rows(evaluation_report(figures))
    assert [f"{tree.name}: 24 images, 6 sources", "added: 18 images, 3 sources"] in [
        row[1:] for row in table
    ]


@pytest.mark.usefixtures("no_plots")
def test_only_folders_with_every_class_are_measured_one_by_one(
    run, tree, write_images, tmp_path, monkeypatch
):
    monkeypatch.chdir(tree)
    same_name, added = tmp_path / tree.name, tmp_path / "added"
    for label in LABELS:
        write_images(same_name / "external" / label / "again", label, count=6, seed=8)
    write_images(added / "external" / "other" / "added", "other", count=6, seed=9)
    evaluate(run, read_dataset([Path("."), same_name, added]), "external", tmp_path)
    folders = json.loads((tmp_path / "figures.json").read_text())["folders"]
    counts = {name: measured["images"] for name, measured in folders.items()}
    assert counts == {str(tree): 24, str(same_name): 18}
