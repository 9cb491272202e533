"""python -m model, on real images with the released weights; workers are in test_cluster.py."""

import contextlib
import json
import os
import pty
import shutil
import subprocess
import sys
import termios
from pathlib import Path

import pytest

from model import __main__ as command_line
from model import batch_predict
from model.batch_predict import find_images
from model.imaging import ERROR_MESSAGES, read_image
from model.release import read_release
from tests.helpers.release_file import edit_release

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"


@pytest.fixture
def run(monkeypatch, capsys):
    """A function that runs the command and returns its exit status, stdout and stderr lines."""

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["model", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            command_line.main()
        printed = capsys.readouterr()
        return ended.value.code, printed.out.splitlines(), printed.err.splitlines()

    return run


@pytest.fixture
def folder(tmp_path):
    """A folder with images at two levels and a text file."""
    folder = tmp_path / "images"
    (folder / "b").mkdir(parents=True)
    shutil.copy(EXAMPLES / "lung-ct.png", folder / "b" / "lung.PNG")
    shutil.copy(EXAMPLES / "landscape.jpg", folder / "c.jpeg")
    shutil.copy(EXAMPLES / "brain-mri.png", folder / "a.png")
    (folder / "notes.txt").write_text("Seen on Monday.")
    return folder


@pytest.fixture
def out(tmp_path):
    return tmp_path / "predictions.jsonl"


def rows(file):
    return [json.loads(line) for line in file.read_text().splitlines()]


def cut_in_half(file):
    content = file.read_bytes()
    file.write_bytes(content[: len(content) // 2])


def test_a_line_has_the_path_the_label_and_every_confidence(run):
    file = EXAMPLES / "brain-mri.png"
    status, lines, errors = run(file)
    assert (status, errors) == (0, [])
    (columns,) = (line.split("\t") for line in lines)
    assert columns[:2] == [str(file), "brain"]
    confidences = {label: float(value) for label, value in map(str.split, columns[2:])}
    assert list(confidences) == ["brain", "lung", "other"]
    assert sum(confidences.values()) == pytest.approx(1, abs=2e-4)
    assert max(confidences, key=confidences.get) == "brain"


def test_a_folder_is_predicted_in_order_with_its_subfolders(run, folder):
    status, lines, errors = run(folder)
    assert (status, errors) == (0, [])
    assert [line.split("\t")[:2] for line in lines] == [
        [str(folder / "a.png"), "brain"],
        [str(folder / "b" / "lung.PNG"), "lung"],
        [str(folder / "c.jpeg"), "other"],
    ]


def test_json_has_the_confidences_of_the_classifier(run, folder):
    classify = batch_predict.bundled_classifier().classify
    status, lines, errors = run("--json", folder)
    assert (status, errors) == (0, [])
    for file, line in zip(("a.png", "b/lung.PNG", "c.jpeg"), lines, strict=True):
        row = json.loads(line)
        expected = classify(read_image(folder / file))
        assert row["path"] == str(folder / file)
        assert row["confidences"] == pytest.approx(expected, rel=1e-3, abs=1e-7)
        assert row["label"] == max(expected, key=expected.get)


def test_unreadable_paths_are_named_and_the_rest_is_predicted(run, folder):
    cut_in_half(folder / "a.png")
    (folder / "empty").mkdir()
    status, lines, errors = run(
        folder / "missing.png", folder, folder / "notes.txt", folder / "empty"
    )
    assert status == 1
    assert [line.split("\t")[1] for line in lines] == ["lung", "other"]
    assert errors == [
        f"{folder / 'missing.png'}: no such file",
        f"{folder / 'empty'}: there is no image in this folder",
        f"{folder / 'a.png'}: {ERROR_MESSAGES['damaged']}",
        f"{folder / 'notes.txt'}: this is a text file, not an image",
    ]


def test_an_output_file_gets_the_same_records_as_stdout(run, folder, out):
    cut_in_half(folder / "a.png")
    _, printed, _ = run("--json", folder)
    status, lines, errors = run(folder, "--out", out)
    assert (status, lines) == (1, [])
    message = ERROR_MESSAGES["damaged"]
    assert errors == [f"{folder / 'a.png'}: {message}"]
    failed, *predicted = rows(out)
    assert failed == {"path": str(folder / "a.png"), "error": message}
    assert predicted == list(map(json.loads, printed))


def test_an_interrupted_run_is_continued_and_each_image_written_once(run, folder, out, monkeypatch):
    def interrupted(file):
        if file.name == "c.jpeg":
            raise KeyboardInterrupt
        return predict_file(file)

    predict_file = batch_predict.predict_file
    cut_in_half(folder / "a.png")
    # Twice the same image, which must be written once.
    arguments = (folder, folder / "a.png", "--out", out)
    with monkeypatch.context() as patch:
        patch.setattr(batch_predict, "predict_file", interrupted)
        status, _, _ = run(*arguments)
    assert status == "interrupted; run the same command again to continue"
    # A process that is killed while it writes leaves an unfinished line. Finished lines are kept.
    kept = out.read_text().replace('"label": "lung"', '"label": "kept"')
    out.write_text(kept + '{"path": "' + str(folder / "c.jpeg"))

    status, _, errors = run(*arguments)
    assert (status, errors) == (1, [])  # The error is that of the first run.
    assert out.read_text().startswith(kept)
    assert [(Path(row["path"]).name, row.get("label")) for row in rows(out)] == [
        ("a.png", None),
        ("lung.PNG", "kept"),
        ("c.jpeg", "other"),
    ]

    written = out.read_text()
    assert run(*arguments)[0] == 1
    assert out.read_text() == written


def test_an_interrupt_without_an_output_file_is_one_word(run, monkeypatch):
    def interrupted(file):
        raise KeyboardInterrupt

    monkeypatch.setattr(batch_predict, "predict_file", interrupted)
    assert run(EXAMPLES)[0] == "interrupted"


def test_an_output_file_with_something_else_is_left_as_it_is(run, out):
    out.write_text("notes\n")
    status, _, _ = run(EXAMPLES, "--out", out)
    assert status == f"error: line 1 of {out} is not a prediction; choose another file for --out"
    assert out.read_text() == "notes\n"


def test_an_output_file_that_cannot_be_created_is_one_line(run, tmp_path):
    out = tmp_path / "missing" / "predictions.jsonl"
    status, _, _ = run(EXAMPLES, "--out", out)
    assert status.startswith("error: ")
    assert str(out) in status
    assert "\n" not in status


def test_an_invalid_release_is_one_line(run, monkeypatch, tmp_path):
    copy = tmp_path / "release.json"
    shutil.copy(ROOT / "model" / "release.json", copy)
    edit_release(copy, weights="nothing.tflite")
    monkeypatch.setattr(batch_predict, "read_release", lambda: read_release(copy))
    batch_predict.bundled_classifier.cache_clear()
    status, lines, _ = run(EXAMPLES / "brain-mri.png")
    assert status.startswith("error: nothing.tflite is missing")
    assert "\n" not in status
    assert lines == []


def test_the_hub_gets_no_request(run, hub):
    status, lines, _ = run(EXAMPLES / "lung-ct.png")
    assert (status, len(lines)) == (0, 1)
    assert hub.requests == []


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "the following arguments are required: PATH"),
        ([EXAMPLES, "--workers", "2"], "--workers and --scheduler need --out"),
        ([EXAMPLES, "--scheduler", "tcp://a:1"], "--workers and --scheduler need --out"),
        ([EXAMPLES, "--out", "a", "--workers", "0"], "--workers must be 1 or more"),
        ([EXAMPLES, "--out", "a", "--json"], "--json is for printing"),
        ([EXAMPLES, "--out", "a", "--workers", "1", "--scheduler", "b"], "not allowed with"),
    ],
)
def test_wrong_arguments_show_the_usage(run, arguments, message):
    status, _, errors = run(*arguments)
    assert status == 2
    assert errors[0].startswith("usage: python -m model")
    assert message in errors[-1]


def test_without_dask_one_line_says_what_to_install(run, out, monkeypatch):
    monkeypatch.delitem(sys.modules, "model.cluster", raising=False)
    monkeypatch.delattr("model.cluster", raising=False)
    monkeypatch.setitem(sys.modules, "distributed", None)
    status, _, _ = run(EXAMPLES, "--workers", "1", "--out", out)
    assert status == "error: Dask is missing; install it: pip install -r requirements-bulk.txt"


def imported_modules(*arguments):
    """Run the command in a new process; return the modules it imports and its stderr."""
    command = [sys.executable, "-X", "importtime", "-m", "model", *map(str, arguments)]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)
    lines = ended.stderr.splitlines()
    modules = {line.rpartition("|")[2].strip() for line in lines if line.startswith("import time")}
    assert "model.imaging" in modules
    return modules, [line for line in lines if not line.startswith("import time")]


def test_missing_paths_are_named_without_importing_tensorflow():
    modules, errors = imported_modules("missing.png")
    assert errors == ["missing.png: no such file"]
    assert not modules & {"tensorflow", "keras"}


def test_dask_and_tensorflow_are_not_imported_to_predict_in_this_process(out):
    modules, _ = imported_modules(EXAMPLES, "--out", out)
    assert len(rows(out)) == len(find_images([EXAMPLES])[0])
    assert not modules & {"dask", "distributed", "tensorflow", "keras"}


def test_importing_the_package_changes_no_environment_variable():
    code = (
        "import os; before = dict(os.environ);"
        "import model, model.batch_predict, model.weights; assert os.environ == before"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)


def test_a_terminal_shows_progress_and_stdout_stays_clean(run, monkeypatch):
    terminal, program_side = pty.openpty()
    termios.tcsetwinsize(terminal, (24, 80))
    with open(program_side, "w") as stderr:
        monkeypatch.setattr(sys, "stderr", stderr)
        status, lines, _ = run(EXAMPLES)
    shown = b""
    with contextlib.suppress(OSError):  # Reading fails at the end of a closed terminal.
        while part := os.read(terminal, 65536):
            shown += part
    os.close(terminal)
    assert status == 0
    count = len(find_images([EXAMPLES])[0])
    assert f"0/{count}".encode() in shown
    assert f"{count}/{count}".encode() in shown
    assert [line.split("\t")[0] for line in lines] == sorted(map(str, EXAMPLES.glob("*.*g")))


def test_a_closed_pipe_ends_the_command_quietly(run, monkeypatch):
    reader, writer = os.pipe()
    os.close(reader)
    with open(writer, "w") as closed:
        monkeypatch.setattr(sys, "stdout", closed)
        monkeypatch.setattr(sys, "argv", ["model", str(EXAMPLES)])
        command_line.main()
