"""python -m model --workers and --scheduler: Dask with real worker processes, on real images."""

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
from distributed import LocalCluster

from model import __main__ as command_line
from model import cluster
from model.imaging import ERROR_MESSAGES

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"
IMAGES = [EXAMPLES / name for name in ("brain-mri.png", "lung-ct.png", "landscape.jpg")]

TIMEOUT = 60
"""Seconds after which a wait fails."""

PRELOAD = """
import os, time
from model import batch_predict

def dask_setup(worker):
    read_frames = batch_predict.read_frames

    def wait_and_read_frames(file):
        if file.name.startswith("blocking"):
            open(f"{file}.{os.getpid()}", "x").close()
            while not os.path.exists(f"{file}.released"):
                time.sleep(0.01)
        return read_frames(file)

    batch_predict.read_frames = wait_and_read_frames
"""
"""Workers run this first: they write down their process id and wait at images with such a name, so
that a test knows when which worker is busy."""


@pytest.fixture
def start(tmp_path):
    """A function that starts the command, whose workers wait at a ``BlockingImage``."""
    started = []
    preload = tmp_path / "preload.py"
    preload.write_text(PRELOAD)

    def start(*arguments, **environment):
        process = subprocess.Popen(
            [sys.executable, "-m", "model", *map(str, arguments)],
            cwd=ROOT,
            env=os.environ
            | {"DASK_DISTRIBUTED__WORKER__PRELOAD": f"[{str(preload)!r}]"}
            | environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
            # Shells start background jobs, such as these tests may be, with Ctrl-C ignored.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )
        started.append(process)
        return process

    yield start
    for process in started:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        process.stdout.close()


class BlockingImage:
    """An image at which a worker waits until it is released.

    Args:
        path: the file name must begin with "blocking".
    """

    def __init__(self, path: Path):
        shutil.copy(IMAGES[0], path)
        self.path = path
        self._killed = set()

    def worker(self) -> int:
        """Wait for a worker at this image and return its process id."""
        return wait_for(lambda: self._workers() - self._killed).pop()

    def kill_worker(self) -> int:
        """Kill the worker at this image and return its process id."""
        worker = self.worker()
        os.kill(worker, signal.SIGKILL)
        self._killed.add(worker)
        return worker

    def release(self) -> None:
        Path(f"{self.path}.released").touch()

    def _workers(self) -> set[int]:
        return {int(file.suffix[1:]) for file in self.path.parent.glob(f"{self.path.name}.[0-9]*")}


def is_running(process: int) -> bool:
    try:
        return bool(Path(f"/proc/{process}/cmdline").read_bytes())
    except OSError:
        return False


def wait_for(condition):
    """Call a function until it returns something true, and return that."""
    deadline = time.monotonic() + TIMEOUT
    while time.monotonic() < deadline:
        if found := condition():
            return found
        time.sleep(0.01)
    pytest.fail("the condition did not become true")


def make_folder(folder: Path, count: int) -> Path:
    folder.mkdir()
    for i in range(count):
        image = IMAGES[i % len(IMAGES)]
        shutil.copy(image, folder / f"{i:03}{image.suffix}")
    return folder


def finish(process, status):
    printed, _ = process.communicate(timeout=TIMEOUT)
    assert process.returncode == status, printed
    return printed


def rows(out: Path):
    return [json.loads(line) for line in out.read_text().splitlines()]


def rows_by_path(out: Path):
    """Return the rows by path, after asserting that each path occurs once."""
    by_path = {row["path"]: row for row in rows(out)}
    assert len(by_path) == len(rows(out))
    return by_path


def test_a_lost_worker_is_replaced_and_each_image_written_once(
    start, tmp_path, monkeypatch, capsys
):
    # The blocking images are in different batches, after one that the lost worker has finished.
    counts = {"first": 2 * cluster.BATCH, "middle": cluster.BATCH - 1, "last": cluster.BATCH - 1}
    folders = [make_folder(tmp_path / name, count) for name, count in counts.items()]
    blocking = [BlockingImage(folder / "blocking.png") for folder in folders]
    whole = IMAGES[0].read_bytes()
    (folders[1] / "empty.png").touch()
    (folders[1] / "half.png").write_bytes(whole[: len(whole) // 2])
    out = tmp_path / "predictions.jsonl"
    process = start(*folders, "--workers", 2, "--out", out)

    lost = blocking[0].kill_worker()
    blocking[0].release()
    # Two workers wait at the same time, and the lost one is not among them.
    workers = {image.worker() for image in blocking[1:]}
    assert len(workers) == 2
    assert lost not in workers
    for image in blocking[1:]:
        image.release()
    finish(process, status=1)

    written = rows_by_path(out)
    assert (
        written.pop(str(folders[1] / "empty.png"))["error"] == "this is an empty file, not an image"
    )
    assert written.pop(str(folders[1] / "half.png"))["error"] == ERROR_MESSAGES["damaged"]
    monkeypatch.setattr(sys, "argv", ["model", "--json", *map(str, IMAGES)])
    with pytest.raises(SystemExit):
        command_line.main()
    printed = map(json.loads, capsys.readouterr().out.splitlines())
    predicted = {Path(row["path"]).read_bytes(): row for row in printed}
    assert len(written) == sum(counts.values()) + len(blocking)
    for path, row in written.items():
        assert row == predicted[Path(path).read_bytes()] | {"path": path}


def test_a_killed_run_leaves_no_process_and_is_continued(start, tmp_path):
    folder = make_folder(tmp_path / "folder", cluster.BATCH)
    blocking = BlockingImage(tmp_path / "blocking.png")
    out = tmp_path / "predictions.jsonl"
    command = (folder, blocking.path, "--workers", 1, "--out", out)
    process = start(*command)
    worker = blocking.worker()
    wait_for(lambda: len(rows(out)) == cluster.BATCH)
    process.kill()
    wait_for(lambda: not is_running(worker))
    # A process that is killed while it writes leaves an unfinished line. Finished lines are kept.
    kept = out.read_text().replace('"label": "other"', '"label": "kept"')
    assert "kept" in kept
    out.write_text(kept + '{"path": "' + str(blocking.path))
    blocking.release()

    finish(start(*command), status=0)
    assert out.read_text().startswith(kept)
    (new,) = rows(out)[cluster.BATCH :]
    assert (new["path"], new["label"]) == (str(blocking.path), "brain")

    # Nothing is left to predict.
    written = out.read_text()
    finish(start(*command), status=0)
    assert out.read_text() == written


def test_an_interrupt_from_the_terminal_ends_all_processes_with_one_sentence(start, tmp_path):
    blocking = BlockingImage(tmp_path / "blocking.png")
    process = start(blocking.path, "--workers", 1, "--out", tmp_path / "predictions.jsonl")
    worker = blocking.worker()
    os.killpg(process.pid, signal.SIGINT)
    printed = finish(process, status=1)
    assert printed.splitlines()[-1] == "interrupted; run the same command again to continue"
    assert "Traceback" not in printed
    assert not is_running(worker)


def test_a_file_that_crashes_workers_is_named_and_its_batch_predicted(start, tmp_path):
    folder = make_folder(tmp_path / "folder", 3)
    blocking = BlockingImage(tmp_path / "blocking.png")
    out = tmp_path / "predictions.jsonl"
    command = (blocking.path, folder, "--workers", 1, "--out", out)
    process = start(*command, DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES="0")
    for _ in ("in its batch", "on its own"):
        blocking.kill_worker()
    finish(process, status=1)
    written = rows_by_path(out)
    assert written.pop(str(blocking.path))["error"] == cluster.CRASH_MESSAGE
    assert [row["label"] for row in written.values()] == ["brain", "lung", "other"]


def test_a_running_cluster_is_used(start, tmp_path):
    out = tmp_path / "predictions.jsonl"
    # Its scheduler and its worker are threads here, which saves two processes.
    with LocalCluster(
        n_workers=1, processes=False, protocol="tcp://", host="127.0.0.1", dashboard_address=None
    ) as running:
        finish(start(*IMAGES, "--scheduler", running.scheduler_address, "--out", out), status=0)
    assert rows_by_path(out).keys() == {str(image) for image in IMAGES}


def test_an_invalid_address_is_one_line(tmp_path, monkeypatch):
    command = ["model", str(IMAGES[0]), "--out", str(tmp_path / "predictions.jsonl")]
    monkeypatch.setattr(sys, "argv", [*command, "--scheduler", "name:port"])
    with pytest.raises(SystemExit) as ended:
        command_line.main()
    assert ended.value.code == "error: name:port is not an address such as tcp://name:8786"
