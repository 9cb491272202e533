"""python -m model, on real pictures with the released weights."""

import contextlib
import json
import os
import pty
import shutil
import subprocess
import sys
import termios
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from model import __main__ as command_line
from model import batch_predict as model_folder
from model.imaging import read_image
from model.release import read_release
from tests.helpers.release_file import edit_release

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"


@pytest.fixture
def run(monkeypatch, capsys):
    """A function that runs the command: its exit status, its output and its errors, as lines."""

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["model", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            command_line.main()
        printed = capsys.readouterr()
        return ended.value.code, printed.out.splitlines(), printed.err.splitlines()

    return run


@pytest.fixture
def folder(tmp_path):
    """Pictures at two levels, and what else lies about in a folder."""
    (tmp_path / "b").mkdir()
    shutil.copy(EXAMPLES / "lung-ct.png", tmp_path / "b" / "lung.PNG")
    shutil.copy(EXAMPLES / "landscape.jpg", tmp_path / "c.jpeg")
    shutil.copy(EXAMPLES / "brain-mri.png", tmp_path / "a.png")
    (tmp_path / "notes.txt").write_text("Seen on Monday.")
    (tmp_path / "._a.png").write_bytes(b"kept beside a.png by some systems")
    (tmp_path / "folder.png").mkdir()
    return tmp_path


def test_a_line_names_the_picture_its_label_and_every_confidence(run):
    file = EXAMPLES / "brain-mri.png"
    status, lines, errors = run(file)
    assert (status, errors) == (0, [])
    (columns,) = (line.split("\t") for line in lines)
    assert columns[:2] == [str(file), "brain"]
    confidences = {name: float(value) for name, value in map(str.split, columns[2:])}
    assert list(confidences) == ["brain", "lung", "other"]
    assert sum(confidences.values()) == pytest.approx(1, abs=2e-4)
    assert max(confidences, key=confidences.get) == "brain"


def test_a_folder_is_answered_in_order_with_all_pictures_below_it(run, folder):
    status, lines, errors = run(folder)
    assert (status, errors) == (0, [])
    assert [line.split("\t")[:2] for line in lines] == [
        [str(folder / "a.png"), "brain"],
        [str(folder / "b" / "lung.PNG"), "lung"],
        [str(folder / "c.jpeg"), "other"],
    ]


def test_json_gives_the_confidences_that_the_classifier_gives(run, folder):
    classify = model_folder.bundled_classifier().classify
    status, lines, errors = run("--json", folder)
    assert (status, errors) == (0, [])
    for file, line in zip(("a.png", "b/lung.PNG", "c.jpeg"), lines, strict=True):
        row = json.loads(line)
        expected = classify(read_image(folder / file))
        assert row["path"] == str(folder / file)
        assert row["confidences"] == pytest.approx(expected, rel=1e-3, abs=1e-7)
        assert row["label"] == max(expected, key=expected.get)


def test_what_cannot_be_read_is_named_and_the_rest_goes_on(run, folder):
    whole = (folder / "a.png").read_bytes()
    (folder / "a.png").write_bytes(whole[: len(whole) // 2])
    (folder / "empty").mkdir()
    status, lines, errors = run(
        folder / "missing.png", folder, folder / "notes.txt", folder / "empty"
    )
    assert status == 1
    assert [line.split("\t")[1] for line in lines] == ["lung", "other"]
    assert errors == [
        f"{folder / 'missing.png'}: there is no such file",
        f"{folder / 'empty'}: there is no picture in this folder",
        f"{folder / 'a.png'}: this picture is damaged and cannot be read to its end",
        f"{folder / 'notes.txt'}: this is not a picture that can be read",
    ]


def test_more_pictures_than_fit_one_batch_keep_their_order(run, tmp_path, monkeypatch):
    monkeypatch.setattr(command_line, "BATCH", 3)
    # The second batch has nothing to answer, the third is not full.
    for i, name in enumerate(("brain-mri.png", "lung-ct.png", "landscape.jpg", *3 * [""])):
        if name:
            shutil.copy(EXAMPLES / name, tmp_path / f"{i}.png")
        else:
            (tmp_path / f"{i}.png").touch()
    shutil.copy(EXAMPLES / "lung-ct-coronal.png", tmp_path / "6.png")
    status, lines, errors = run(tmp_path)
    assert status == 1
    assert [line.split("\t")[:2] for line in lines] == [
        [str(tmp_path / f"{i}.png"), label]
        for i, label in ((0, "brain"), (1, "lung"), (2, "other"), (6, "lung"))
    ]
    assert len(errors) == 3


def test_every_format_that_can_be_read_is_found_in_a_folder(run, tmp_path):
    grey = Image.fromarray(np.zeros((8, 8), np.uint8))
    for suffix in ("bmp", "gif", "jfif", "jp2", "jpg", "png", "tga", "tif", "tiff", "webp"):
        grey.save(tmp_path / f"picture.{suffix}")
    status, lines, errors = run(tmp_path)
    assert (status, errors) == (0, [])
    assert len(lines) == 10


def test_a_release_that_does_not_hold_is_one_line(run, monkeypatch, tmp_path):
    copy = tmp_path / "release.json"
    shutil.copy(ROOT / "model" / "release.json", copy)
    edit_release(copy, weights="nothing.tflite")
    monkeypatch.setattr(model_folder, "read_release", lambda: read_release(copy))
    model_folder.bundled_classifier.cache_clear()
    status, lines, _ = run(EXAMPLES / "brain-mri.png")
    assert status.startswith("error: nothing.tflite is missing")
    assert "\n" not in status
    assert lines == []


def test_the_hub_is_not_asked(run, hub):
    status, lines, _ = run(EXAMPLES / "lung-ct.png")
    assert (status, len(lines)) == (0, 1)
    assert hub.requests == []


def test_without_a_path_the_usage_is_shown(run):
    status, _, errors = run()
    assert status == 2
    assert errors[0].startswith("usage: python -m model")


def test_wrong_paths_are_named_before_tensorflow_is_imported():
    command = [sys.executable, "-X", "importtime", "-m", "model", "missing.png"]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert ended.returncode == 1
    modules = {line.rpartition("|")[2].strip() for line in ended.stderr.splitlines()}
    assert "missing.png: there is no such file" in ended.stderr
    assert "model.imaging" in modules
    assert "tensorflow" not in modules


def test_a_terminal_shows_progress_and_the_output_stays_clean(run, monkeypatch):
    terminal, program_side = pty.openpty()
    termios.tcsetwinsize(terminal, (24, 80))
    with open(program_side, "w") as stderr:
        monkeypatch.setattr(sys, "stderr", stderr)
        status, lines, _ = run(EXAMPLES)
    shown = b""
    with contextlib.suppress(OSError):  # The end, since nobody writes to it any more.
        while part := os.read(terminal, 65536):
            shown += part
    os.close(terminal)
    assert status == 0
    assert b"0/5" in shown
    assert b"5/5" in shown
    assert [line.split("\t")[0] for line in lines] == sorted(map(str, EXAMPLES.glob("*.*g")))


def test_a_reader_that_has_enough_ends_it_quietly(run, monkeypatch):
    reader, writer = os.pipe()
    os.close(reader)
    with open(writer, "w") as closed:
        monkeypatch.setattr(sys, "stdout", closed)
        monkeypatch.setattr(sys, "argv", ["model", str(EXAMPLES)])
        command_line.main()
