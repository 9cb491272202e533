"""python -m model.bulk: Dask with real worker processes, on real pictures."""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from model import __main__ as command_line
from model import bulk
from model.batch_predict import ERROR_MESSAGES

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"
PICTURES = sorted([*EXAMPLES.glob("*.png"), *EXAMPLES.glob("*.jpg")])

PATIENCE = 60
"""Seconds after which what does not happen has failed."""

HOLD = """
import os, time
from model import batch_predict as folder

def dask_setup(worker):
    read = folder.read_image

    def read_when_let_go(file):
        if file.name.startswith("held"):
            open(f"{file}.{os.getpid()}", "x").close()
            while not os.path.exists(f"{file}.go"):
                time.sleep(0.01)
        return read(file)

    folder.read_image = read_when_let_go
"""
"""What Dask has the workers run first: they stop at a picture of such a name, and say who they are,
so that a test need not guess when one is at work."""


@pytest.fixture
def start(tmp_path):
    """A function that starts the command, whose workers stop at a picture that is ``held``."""
    started = []
    hold = tmp_path / "hold.py"
    hold.write_text(HOLD)

    def start(*arguments, **environment):
        process = subprocess.Popen(
            [sys.executable, "-m", "model.bulk", *map(str, arguments)],
            cwd=ROOT,
            env=os.environ
            | {"DASK_DISTRIBUTED__WORKER__PRELOAD": f"[{str(hold)!r}]"}
            | environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        process.stdout.close()


class Held:
    """A picture at which a worker stops until it is let go.

    Args:
        path: a name that begins with "held".
    """

    def __init__(self, path: Path):
        shutil.copy(PICTURES[0], path)
        self.path = path
        self._killed = set()

    def worker(self) -> int:
        """The process that has stopped there, now or soon."""
        return until(lambda: self._workers() - self._killed).pop()

    def kill(self) -> int:
        """Kill that process."""
        worker = self.worker()
        os.kill(worker, signal.SIGKILL)
        self._killed.add(worker)
        return worker

    def let_go(self) -> None:
        Path(f"{self.path}.go").touch()

    def _workers(self) -> set[int]:
        return {int(file.suffix[1:]) for file in self.path.parent.glob(f"{self.path.name}.[0-9]*")}


def runs(process: int) -> bool:
    try:
        return bool(Path(f"/proc/{process}/cmdline").read_bytes())
    except OSError:
        return False


def until(look):
    """What a function finds, once it finds something."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if found := look():
            return found
        time.sleep(0.01)
    pytest.fail("waited in vain")


def copies(folder: Path, count: int) -> Path:
    folder.mkdir()
    for i in range(count):
        picture = PICTURES[i % len(PICTURES)]
        shutil.copy(picture, folder / f"{i:03}{picture.suffix}")
    return folder


def ended(process, status):
    printed, _ = process.communicate(timeout=PATIENCE)
    assert process.returncode == status, printed
    return printed


def rows(out: Path):
    return [json.loads(line) for line in out.read_text().splitlines()]


def by_path(out: Path):
    """The rows by their path, of which each must be there once."""
    found = {row["path"]: row for row in rows(out)}
    assert len(found) == len(rows(out))
    return found


def test_a_lost_worker_comes_back_and_no_picture_is_lost_or_repeated(
    start, tmp_path, monkeypatch, capsys
):
    folders = [copies(tmp_path / name, 40) for name in ("first", "middle", "last")]
    held = [Held(folder / "held.png") for folder in folders]
    whole = PICTURES[0].read_bytes()
    (folders[1] / "empty.png").touch()
    (folders[1] / "half.png").write_bytes(whole[: len(whole) // 2])
    out = tmp_path / "answers.jsonl"
    process = start(*folders, "--workers", 2, "--out", out)

    lost = held[0].kill()
    held[0].let_go()
    # Both wait at once, so there are two, of which the lost one is none.
    workers = {picture.worker() for picture in held[1:]}
    assert len(workers) == 2
    assert lost not in workers
    for picture in held[1:]:
        picture.let_go()
    ended(process, status=1)

    found = by_path(out)
    assert found.pop(str(folders[1] / "empty.png"))["error"] == ERROR_MESSAGES["not_a_picture"]
    assert found.pop(str(folders[1] / "half.png"))["error"] == ERROR_MESSAGES["damaged"]
    monkeypatch.setattr(sys, "argv", ["model", "--json", *map(str, folders)])
    with pytest.raises(SystemExit):
        command_line.main()
    expected = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert len(expected) == 3 * 41
    assert found == {row["path"]: row for row in expected}


def test_a_killed_run_leaves_no_process_and_goes_on_when_called_again(start, tmp_path):
    folder = copies(tmp_path / "folder", bulk.BATCH)
    held = Held(tmp_path / "held.png")
    out = tmp_path / "answers.jsonl"
    command = (folder, held.path, "--workers", 1, "--out", out)
    process = start(*command)
    worker = held.worker()
    until(lambda: len(rows(out)) == bulk.BATCH)
    process.kill()
    until(lambda: not runs(worker))
    # It was killed while it wrote, and what it wrote before is not to be done again.
    before = out.read_text().replace('"label": "other"', '"label": "kept"')
    assert "kept" in before
    out.write_text(before + '{"path": "' + str(held.path))
    held.let_go()

    ended(start(*command), status=0)
    assert out.read_text().startswith(before)
    (new,) = rows(out)[bulk.BATCH :]
    assert (new["path"], new["label"]) == (str(held.path), "brain")

    # Nothing is left to do.
    written = out.read_text()
    ended(start(*command), status=0)
    assert out.read_text() == written


def test_an_interrupt_from_the_terminal_ends_it_with_one_sentence(start, tmp_path):
    held = Held(tmp_path / "held.png")
    process = start(held.path, "--workers", 1, "--out", tmp_path / "answers.jsonl")
    worker = held.worker()
    os.killpg(process.pid, signal.SIGINT)
    held.let_go()
    printed = ended(process, status=1)
    assert printed.splitlines()[-1] == "interrupted; the same command goes on"
    assert "Traceback" not in printed
    assert not runs(worker)


def test_a_file_that_ends_its_reader_is_named_and_those_beside_it_are_answered(start, tmp_path):
    folder = copies(tmp_path / "folder", 3)
    held = Held(tmp_path / "held.png")
    out = tmp_path / "answers.jsonl"
    command = (held.path, folder, "--workers", 1, "--out", out)
    process = start(*command, DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES="0")
    for _ in ("with others", "alone"):
        held.kill()
    ended(process, status=1)
    found = by_path(out)
    assert found.pop(str(held.path))["error"] == bulk.FATAL
    assert [row["label"] for row in found.values()] == ["brain", "brain", "other"]


def test_a_cluster_that_runs_already_is_used(start, tmp_path):
    contact = tmp_path / "scheduler.json"
    dask = [sys.executable, "-m", "dask"]
    options = ["--scheduler-file", str(contact), "--no-dashboard"]
    log = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": ROOT}
    at = ["--host", "127.0.0.1"]
    with contextlib.ExitStack() as stack:
        for command in (["scheduler", "--port", "0"], ["worker", "--nthreads", "1"]):
            process = subprocess.Popen([*dask, *command, *at, *options], **log)
            stack.enter_context(process)
            stack.callback(process.terminate)
            until(contact.exists)
        address = json.loads(contact.read_text())["address"]
        out = tmp_path / "answers.jsonl"
        ended(start(*PICTURES, "--scheduler", address, "--out", out), status=0)
    assert by_path(out).keys() == {str(picture) for picture in PICTURES}


@pytest.mark.parametrize(
    ("content", "line"),
    [('{"path": "a.png", "label": "brain"}\nnotes\n', 2), ("[1]\n", 1), ('{"label": "a"}\n', 1)],
)
def test_a_file_of_something_else_is_not_written_to(tmp_path, monkeypatch, content, line):
    out = tmp_path / "notes.txt"
    out.write_text(content)
    monkeypatch.setattr(sys, "argv", ["bulk", str(PICTURES[0]), "--out", str(out)])
    with pytest.raises(SystemExit) as ended:
        bulk.main()
    assert ended.value.code == (
        f"error: line {line} of {out} is not an answer; give another file to --out"
    )
    assert out.read_text() == content


def test_an_output_file_that_cannot_be_made_is_one_line(tmp_path, monkeypatch):
    out = tmp_path / "missing" / "answers.jsonl"
    monkeypatch.setattr(sys, "argv", ["bulk", str(PICTURES[0]), "--out", str(out)])
    with pytest.raises(SystemExit) as ended:
        bulk.main()
    assert ended.value.code.startswith("error: ")
    assert str(out) in ended.value.code
    assert "\n" not in ended.value.code


def test_what_is_no_address_is_one_line(tmp_path, monkeypatch):
    command = ["bulk", str(PICTURES[0]), "--out", str(tmp_path / "answers.jsonl")]
    monkeypatch.setattr(sys, "argv", [*command, "--scheduler", "name:port"])
    with pytest.raises(SystemExit) as ended:
        bulk.main()
    assert ended.value.code == "error: name:port is no address such as tcp://name:8786"


def test_without_dask_one_line_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    out = tmp_path / "answers.jsonl"
    monkeypatch.setattr(sys, "argv", ["bulk", str(PICTURES[0]), "--out", str(out)])
    with pytest.raises(SystemExit) as ended:
        bulk.main()
    assert ended.value.code == "error: Dask is missing: pip install -r requirements-bulk.txt"
