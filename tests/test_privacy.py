"""What a visitor sends is neither kept nor logged."""

import base64
import socket
import time

import httpx
import pytest
from plain_http import call, upload
from running_app import EXAMPLES, ROOT, RunningApp

SPEED = 600
"""Seconds that pass for the app's housekeeping in one."""

FAST_APP = f"""
import asyncio, datetime, os, sys, time, types
os.chdir({str(ROOT)!r})
sys.path.insert(0, os.getcwd())
from gradio import route_utils
begin, sleep, now = time.time(), time.sleep, time.time

def fast(seconds):
    return begin + (seconds - begin) * {SPEED}

class FastDatetime(datetime.datetime):
    now = classmethod(lambda cls: cls.fromtimestamp(now()))
    fromtimestamp = classmethod(lambda cls, t: datetime.datetime.fromtimestamp(fast(t)))

class FastAsyncio(types.ModuleType):
    __getattr__ = staticmethod(lambda name: getattr(asyncio, name))
    sleep = staticmethod(lambda seconds: asyncio.sleep(seconds / {SPEED}))

route_utils.datetime, route_utils.asyncio = FastDatetime, FastAsyncio("asyncio")

import app
from page import privacy
privacy.SWEEP_SECONDS /= {SPEED}
privacy.LEFTOVER_SECONDS /= {SPEED}
app.main()
"""
"""``python app.py``, in which an hour passes in six seconds for what deletes files."""

SECRETS = ("jane-doe", "1948", "Monday", "etc/passwd", "internal.example", "uploads-of-visitors")


@pytest.fixture(scope="module")
def visited(tmp_path_factory):
    """An app with a fast clock, and its folder, after visits of every kind."""
    folder = tmp_path_factory.mktemp("fast")
    uploads = folder / "uploads-of-visitors"
    uploads.mkdir()
    (folder / "app.py").write_text(FAST_APP)
    # What a process left that was killed.
    (uploads / "abc").mkdir()
    (uploads / "abc" / "jane-doe.png").write_bytes(b"left")
    app = RunningApp(folder, {"GRADIO_TEMP_DIR": str(uploads), "HF_HUB_OFFLINE": "1"})
    try:
        app.wait()
        kept = visit(app, uploads)
        yield app, uploads, kept
    finally:
        app.stop()


def visit(app, uploads):
    """Ask in every way; the files that there were meanwhile."""
    picture, kept = EXAMPLES["lung"].read_bytes(), set()
    with httpx.Client(base_url=f"{app.url}/gradio_api", timeout=60) as http:
        for name, content in {
            "jane-doe-1948.png": picture,
            "jane-doe-1948.txt": b"Seen on Monday.",
            "jane-doe-1948.dcm": bytes(128) + b"DICM Monday jane-doe",
        }.items():
            sent = upload(http, name, content)
            kept |= files(uploads)
            call(http, sent)
        data = base64.b64encode(picture).decode()
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


def test_an_hour_after_the_last_visit_nothing_is_on_disk(visited):
    _, uploads, kept = visited
    assert len(kept) >= 3
    end = time.monotonic() + 60
    while files(uploads) and time.monotonic() < end:
        time.sleep(0.2)
    assert not files(uploads)


def test_the_clock_of_an_app_that_is_not_sped_up_deletes_within_the_hour():
    from page.privacy import KEEP_SECONDS, LEFTOVER_SECONDS, SWEEP_SECONDS

    assert max(KEEP_SECONDS, LEFTOVER_SECONDS) + SWEEP_SECONDS <= 3600
    assert KEEP_SECONDS + SWEEP_SECONDS < LEFTOVER_SECONDS


def test_the_log_holds_nothing_of_a_visit(visited):
    app, _, _ = visited
    assert not [secret for secret in SECRETS if secret in app.log]
    lines = app.log.splitlines()
    assert not [line for line in lines if "127.0.0.1" in line and app.url not in line]


def test_a_refused_payload_is_no_traceback_in_the_log(app):
    log = app.log
    with httpx.Client(base_url=f"{app.url}/gradio_api", timeout=60) as http:
        assert call(http, {"path": "/etc/passwd"})[0] == "error"
    assert app.log == log
