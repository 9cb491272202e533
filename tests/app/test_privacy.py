"""What clients send is neither kept nor logged."""

import base64
import os
import socket
import threading
import time

import httpx
import pytest

from page import uploads
from page.i18n import TEXTS
from tests.helpers.plain_http import call, upload
from tests.helpers.running_app import EXAMPLES, ROOT, RunningApp

NOT_AN_IMAGE = TEXTS["not_an_image"]["en"]

JUMPING_APP = f"""
import datetime, os, pathlib, runpy, sys, time
from types import SimpleNamespace
jumps = pathlib.Path("jumps").absolute()
os.chdir({str(ROOT)!r})
sys.path.insert(0, os.getcwd())
now, lstat = time.time, pathlib.Path.lstat

def shown(moment):
    past = [line.split() for line in jumps.read_text().splitlines()]
    return moment + sum(float(by) for begin, by in past if float(begin) <= moment)

def shown_lstat(file):
    found = lstat(file)
    times = (found.st_ctime, found.st_mtime)
    return SimpleNamespace(st_ctime=shown(times[0]), st_mtime=shown(times[1]))

class JumpingDatetime(datetime.datetime):
    now = classmethod(lambda cls: datetime.datetime.fromtimestamp(shown(now())))

time.time = lambda: shown(now())
pathlib.Path.lstat = shown_lstat
from page import uploads
from page.gradio_compat import environment
environment.configure(uploads.create_folder())  # As app.py does before it imports Gradio.
from gradio import state_holder
state_holder.datetime = SimpleNamespace(datetime=JumpingDatetime)

uploads.SWEEP_SECONDS = 0.2
runpy.run_path("app.py", run_name="__main__")
"""
"""``python app.py`` that deletes old files all the time, on a machine whose clock jumps. Each line
of the file "jumps" holds a time of the true clock and the seconds by which the clock jumps then."""

SECRETS = ("jane-doe", "1948", "Monday", "etc/passwd", "internal.example", "uploads-of-visitors")


@pytest.fixture(scope="module")
def jumping(tmp_path_factory):
    """An app whose clock jumps, its folder for uploads, and a function that makes it jump."""
    folder = tmp_path_factory.mktemp("jumping")
    uploads, jumps = folder / "uploads-of-visitors", folder / "jumps"
    jumps.touch()
    (folder / "app.py").write_text(JUMPING_APP)
    # Left behind by a killed process.
    left = uploads / "brain-lung-other" / "123" / "abc"
    left.mkdir(parents=True)
    (left / "jane-doe.png").write_bytes(b"left")

    def jump(seconds):
        with open(jumps, "a") as lines:
            lines.write(f"{time.time()} {seconds}\n")

    with RunningApp.bundled(uploads, folder) as app:
        yield app, uploads, jump


@pytest.fixture(scope="module")
def visited(jumping):
    """The files that existed during requests of every kind, and those left an hour later."""
    app, uploads, jump = jumping
    kept = visit(app, uploads)
    # Not even a folder: its name would tell whether somebody had sent a given image.
    own = uploads / "brain-lung-other" / str(app.process.pid)
    end = time.monotonic() + 60
    while (left := set(uploads.rglob("*"))) != {own.parent, own} and time.monotonic() < end:
        # The app may write the last of the aborted upload after the first jump.
        jump(3600)
        time.sleep(0.5)
    return kept, left - {own.parent, own}


def visit(app, uploads):
    """Send requests of every kind; return the files that existed meanwhile."""
    image, kept = EXAMPLES["lung"].read_bytes(), set()
    with httpx.Client(base_url=f"{app.url}/gradio_api", timeout=60) as http:
        for name, content in {
            "jane-doe-1948.png": image,
            "jane-doe-1948.txt": b"Seen on Monday.",
            "jane-doe-1948.dcm": bytes(128) + b"DICM Monday jane-doe",
        }.items():
            sent = upload(http, name, content)
            kept |= files(uploads)
            call(http, sent)
        data = base64.b64encode(image).decode()
        call(http, {"url": f"data:image/png;name=jane-doe;base64,{data}"})
        call(http, {"url": "data:image/png;base64,jane-doe"})
        for path in ("/etc/passwd", "http://internal.example/1948", "jane-doe"):
            call(http, {"path": path})
        http.post("/call/predict", json={"data": ["Seen on Monday."]})
        http.post("/call/predict", json={"data": [{"path": 1948, "name": "jane-doe"}]})
        http.post("/upload", content=b"jane-doe", headers={"Content-Type": "multipart/form-data"})
        http.get("/file=/home/jane-doe")
    break_off_an_upload(app)
    return kept | files(uploads)


def break_off_an_upload(app):
    url = httpx.URL(app.url)
    head = 'Content-Disposition: form-data; name="files"; filename="jane-doe.png"\r\n\r\n'
    with socket.create_connection((url.host, url.port)) as connection:
        connection.sendall(
            b"POST /gradio_api/upload HTTP/1.1\r\nHost: a\r\nContent-Length: 9000000\r\n"
            b"Content-Type: multipart/form-data; boundary=b\r\n\r\n"
            b"--b\r\n" + head.encode() + bytes(2**20)
        )
        connection.settimeout(0.5)
        with pytest.raises(TimeoutError):
            connection.recv(1)


def files(folder):
    return {file for file in folder.rglob("*") if file.is_file()}


def test_uploads_are_deleted_within_an_hour(visited):
    kept, left = visited
    assert len(kept) >= 3
    assert not left


def test_files_of_other_programs_are_kept(tmp_path, monkeypatch):
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path))

    another_program = tmp_path / "old.png"
    left = tmp_path / "brain-lung-other" / "1" / "old.png"
    another_app = tmp_path / "brain-lung-other" / "2" / "recent.png"
    long_ago = time.time() - 2 * uploads.KEEP_SECONDS
    for file, when in ((another_program, long_ago), (left, long_ago), (another_app, time.time())):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(EXAMPLES["lung"].read_bytes())
        os.utime(file, (when, when))
    # As ``app.main`` does at its start and end. The cache may hold the folder of another test.
    folder = uploads.create_folder.__wrapped__()
    uploads.sweep_forever(folder)
    end = time.monotonic() + 60
    while left.exists() and time.monotonic() < end:
        time.sleep(0.05)
    assert not left.exists()
    uploads.delete_folder(folder)
    assert not folder.exists()
    assert another_program.exists()
    assert another_app.exists()


def test_the_default_intervals_delete_within_an_hour():
    # A folder may be deleted one sweep after the file in it.
    assert uploads.KEEP_SECONDS + 2 * uploads.SWEEP_SECONDS <= 3600


def test_the_log_contains_nothing_of_a_visit(jumping, visited):
    app, _, _ = jumping
    log = app.read_log()
    assert not [secret for secret in SECRETS if secret in log]
    assert not [line for line in log.splitlines() if "127.0.0.1" in line and app.url not in line]


def test_refused_payloads_log_no_traceback(app):
    log = app.read_log()
    with httpx.Client(base_url=f"{app.url}/gradio_api", timeout=60) as http:
        assert call(http, {"path": "/etc/passwd"})[0] == "error"
    assert app.read_log() == log


def test_predictions_and_deletion_survive_clock_changes(jumping):
    app, uploads, jump = jumping
    right = ("complete", "lung")
    image, results, stop = EXAMPLES["lung"].read_bytes(), [], threading.Event()
    # A file that is being written when the clock jumps by a day is taken for an old one.
    uploading = threading.Lock()

    def send_images():
        with httpx.Client(base_url=f"{app.url}/gradio_api", timeout=60) as http:
            # Without a pause it would only keep the machine busy.
            while not stop.wait(0.05):
                with uploading:
                    sent = upload(http, "a.png", image)
                results.append(call(http, sent))

    def wait_for_predictions():
        until = results.count(right) + 2
        end = time.monotonic() + 60
        while results.count(right) < until:
            assert time.monotonic() < end, app.log
            time.sleep(0.05)

    def is_deleted(file):
        end = time.monotonic() + 60
        while file.exists() and time.monotonic() < end:
            time.sleep(0.05)
        return not file.exists()

    def uploaded(name):
        """Upload a file and return its path."""
        with httpx.Client(base_url=f"{app.url}/gradio_api", timeout=60) as http:
            upload(http, name, name.encode())
        (file,) = uploads.rglob(name)
        return file

    client = threading.Thread(target=send_images)
    # As an open page does.
    with httpx.stream("GET", f"{app.url}/gradio_api/heartbeat/visitor", timeout=60) as heartbeat:
        beats = heartbeat.iter_lines()
        client.start()
        try:
            wait_for_predictions()
            before = uploaded("before.png")
            with uploading:
                jump(86_400)
            assert is_deleted(before)
            wait_for_predictions()
            early = uploaded("early.png")
            with uploading:
                jump(-3600)
            wait_for_predictions()
            assert next(line for line in beats if line)
            # Its age is unknown now.
            assert is_deleted(early)
            wait_for_predictions()
        finally:
            stop.set()
            client.join()
    # An image that was sent just before the clock jumped by a day may be gone.
    assert set(results) - {right} <= {("error", NOT_AN_IMAGE)}
    assert "Traceback" not in app.read_log()
