"""The running app when its machine fails: killed, stopped, without a disk or a home."""

import base64
import contextlib
import os
import socket
import subprocess
import sys
import threading
from pathlib import Path

import httpx
import pytest

from tests.helpers.bad_files import large_alpha_png
from tests.helpers.plain_http import call, upload
from tests.helpers.running_app import EXAMPLES, ROOT, RunningApp

LONGEST_STOP = 12
"""Seconds until a stopped app must have exited: its own limit of ten, and reserve."""

LUNG = EXAMPLES["lung"].read_bytes()

READ_ONLY = """
mount --bind "$1" "$1"
cut -d" " -f5 /proc/self/mountinfo | sort -u | while read -r point; do
    [ "$point" = "$1" ] || mount -o remount,bind,ro "$point"
done
shift
exec "$@"
"""
"""Shell script that runs a command with only one folder writable."""

CANNOT_BE_READ_ONLY = "the machine gives a process no view of its files in which it may not write"


def environment(folder):
    return {"GRADIO_TEMP_DIR": str(folder / "uploads"), "HF_HUB_OFFLINE": "1"}


@pytest.fixture(scope="module")
def small_disk(tmp_path_factory):
    """A folder with room for four megabytes; None where it cannot be created."""
    folder = tmp_path_factory.mktemp("disk")
    mount = ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(folder)]
    superuser = sys.platform == "linux" and os.geteuid() == 0
    if superuser and subprocess.run(mount, capture_output=True).returncode == 0:
        yield folder
        subprocess.run(["umount", str(folder)], check=True)
    else:
        yield None


def read_only(folder, *command):
    """Return the command line that runs a command with only the folder writable."""
    user = [] if os.geteuid() == 0 else ["--map-root-user"]
    shell = ["sh", "-c", READ_ONLY, "sh", str(folder)]
    return ["unshare", "--mount", "--propagation=private", *user, *shell, *map(str, command)]


@pytest.fixture(scope="module")
def read_only_disk(tmp_path_factory):
    """A folder that stays writable under ``read_only``; None where that is impossible."""
    folder = tmp_path_factory.mktemp("writable")
    tried = ["sh", "-c", '! touch "$1/probe" && touch "$0/probe"', folder, folder.parent]
    with contextlib.suppress(OSError):  # The command is missing.
        if subprocess.run(read_only(folder, *tried), capture_output=True).returncode == 0:
            (folder / "probe").unlink()
            return folder
    return None


@pytest.fixture(scope="module")
def apps(tmp_path_factory, small_disk, read_only_disk):
    """Two apps and their folders: one without a home, one to kill; both start at once."""
    nowhere = dict.fromkeys(("HOME", "XDG_CACHE_HOME", "HF_HOME", "MPLCONFIGDIR"), "/proc/none")
    folders = {
        "homeless": read_only_disk or tmp_path_factory.mktemp("homeless"),
        "killed": small_disk or tmp_path_factory.mktemp("killed"),
    }
    apps = {"killed": RunningApp(ROOT, environment(folders["killed"]))}
    if read_only_disk:
        start = tmp_path_factory.mktemp("start")
        command = read_only(read_only_disk, sys.executable, "app.py")
        (start / "app.py").write_text(
            f"import os\nos.chdir({str(ROOT)!r})\nos.execvp({command[0]!r}, {command!r})\n"
        )
        # Without GRADIO_TEMP_DIR: the app creates its own folder.
        own_folder = {"TMPDIR": str(read_only_disk), "HF_HUB_OFFLINE": "1"}
        apps["homeless"] = RunningApp(start, own_folder | nowhere)
    else:
        apps["homeless"] = RunningApp(ROOT, environment(folders["homeless"]) | nowhere)
    try:
        for app in apps.values():
            app.wait()
        yield {fault: (app, folders[fault]) for fault, app in apps.items()}
    finally:
        for app in apps.values():
            app.stop()


def answer(app, content=LUNG):
    with httpx.Client(base_url=f"{app.url}/gradio_api", timeout=60) as http:
        return call(http, upload(http, "scan.png", content))


def busy(app, count=4):
    """Run clients that send requests until the app is gone."""

    def visit():
        try:
            while True:
                answer(app)
        except (httpx.HTTPError, ValueError):
            return

    visitors = [threading.Thread(target=visit) for _ in range(count)]
    for visitor in visitors:
        visitor.start()
    assert answer(app) == ("complete", "lung")
    return visitors


def test_an_app_without_home_and_cache_predicts(apps):
    app, _ = apps["homeless"]
    assert answer(app) == ("complete", "lung")
    assert "Traceback" not in app.read_log()


def test_a_full_disk_refuses_uploads_and_recovers(apps, small_disk):
    if not small_disk:
        pytest.skip("only the superuser can make a small disk")
    app, disk = apps["killed"]
    assert answer(app) == ("complete", "lung")
    filler = disk / "filler"
    with pytest.raises(OSError), open(filler, "wb", buffering=0) as full:
        while True:
            full.write(bytes(2**16))
    # The response may be lost while the rest of the body is sent.
    refused = pytest.raises((httpx.HTTPStatusError, httpx.TransportError))
    with httpx.Client(base_url=f"{app.url}/gradio_api", timeout=60) as http, refused:
        upload(http, "a.png", bytes(10**6))
    assert httpx.get(f"{app.url}/config", timeout=60).status_code == 200
    filler.unlink()
    assert answer(app) == ("complete", "lung")
    assert "No space left" in app.read_log()


@pytest.fixture
def read_only_app(apps, read_only_disk):
    if not read_only_disk:
        pytest.skip(CANNOT_BE_READ_ONLY)
    return apps["homeless"]


def test_an_app_that_can_only_write_its_temporary_folder_predicts(read_only_app):
    app, folder = read_only_app
    seen_by_it = f"/proc/{app.process.pid}/root"
    for place in (ROOT, folder.parent):
        with pytest.raises(OSError, match="Read-only"):
            Path(f"{seen_by_it}{place}/probe").touch()
    assert httpx.get(app.url, timeout=60).status_code == 200
    assert answer(app) == ("complete", "lung")
    assert [file for file in folder.rglob("scan.png")]
    assert "Traceback" not in app.read_log()


@pytest.mark.parametrize("named", [{}, {"GRADIO_TEMP_DIR": str(ROOT)}], ids=["none", "read-only"])
def test_an_app_without_a_writable_folder_exits_with_one_line(read_only_disk, named):
    if not read_only_disk:
        pytest.skip(CANNOT_BE_READ_ONLY)
    # No variable names the folder that stays writable.
    command = read_only(read_only_disk, sys.executable, "app.py")
    temporary = ("TMPDIR", "TEMP", "TMP", "GRADIO_TEMP_DIR")
    known = {name: value for name, value in os.environ.items() if name not in temporary}
    ended = subprocess.run(command, cwd=ROOT, env=known | named, capture_output=True, text=True)
    assert ended.returncode == 1
    assert ended.stderr.startswith("error: there is no writable folder for uploads")
    assert ended.stderr.count("\n") == 1


def test_an_app_survives_a_disk_that_becomes_read_only(read_only_app):
    if os.geteuid() != 0:
        pytest.skip("only the superuser can change what another process sees")
    app, folder = read_only_app

    def remount(option):
        enter = ["nsenter", "--mount", f"--target={app.process.pid}"]
        mount = ["mount", "-o", f"remount,bind,{option}", str(folder)]
        subprocess.run(enter + mount, check=True)

    remount("ro")
    try:
        assert httpx.get(app.url, timeout=60).status_code == 200
        with httpx.Client(base_url=f"{app.url}/gradio_api", timeout=60) as http:
            reply = http.post(
                "/upload", files={"files": ("scan.png", EXAMPLES["brain"].read_bytes())}
            )
            assert (reply.status_code, reply.text) == (500, "Internal Server Error")
        with httpx.Client(base_url=f"{app.url}/gradio_api", timeout=60) as http:
            data = base64.b64encode(LUNG).decode()
            assert call(http, {"url": f"data:image/png;base64,{data}"}) == ("complete", "lung")
    finally:
        remount("rw")
    assert answer(app, EXAMPLES["brain"].read_bytes()) == ("complete", "brain")


@pytest.fixture(scope="module")
def restarted(apps):
    """An app that was started again where another was killed under load, and their folder.

    For the last tests of this file, because others need the app that it kills.
    """
    killed, folder = apps["killed"]
    visitors = busy(killed)
    killed.process.kill()
    for visitor in visitors:
        visitor.join()
    with RunningApp(ROOT, environment(folder)) as app:
        yield app, folder


def test_an_app_killed_under_load_starts_again_cleanly(apps, restarted):
    killed, _ = apps["killed"]
    app, folder = restarted
    assert (folder / "uploads" / "brain-lung-other" / str(killed.process.pid)).exists()
    assert app.weights_line == killed.weights_line
    assert answer(app) == ("complete", "lung")
    assert "Traceback" not in app.read_log()


def test_a_stopped_app_finishes_predictions_and_deletes_uploads(restarted):
    app, folder = restarted
    uploads = folder / "uploads"
    own = uploads / "brain-lung-other" / str(app.process.pid)
    of_the_killed_app = {file for file in uploads.rglob("*") if own not in (file, *file.parents)}
    large = large_alpha_png()
    url = httpx.URL(app.url)
    with (
        httpx.Client(base_url=f"{app.url}/gradio_api", timeout=60) as http,
        socket.create_connection((url.host, url.port)) as slow_upload,
    ):
        slow_upload.sendall(b"POST /predict HTTP/1.1\r\nHost: a\r\nContent-Length: 900000\r\n\r\n")
        image = upload(http, "large.png", large) | {"meta": {"_type": "gradio.FileData"}}
        # As an open page does.
        with http.stream("GET", "/heartbeat/visitor"):
            event = http.post("/call/predict", json={"data": [image]}).json()["event_id"]
            with http.stream("GET", f"/call/predict/{event}") as reply:
                app.process.terminate()
                assert "event: complete" in reply.read().decode()
    assert app.process.wait(LONGEST_STOP) == 0
    assert not own.exists()
    assert set(uploads.rglob("*")) == of_the_killed_app
    app.stop()
    assert "Traceback" not in app.log
