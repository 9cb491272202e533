"""The running app where the machine fails it: killed, stopped, without a disk or a home."""

import os
import subprocess
import sys
import threading

import httpx
import pytest
from plain_http import call, upload
from running_app import EXAMPLES, ROOT, RunningApp
from trouble import large_pictures

LONGEST_STOP = 12
"""Seconds, of which ten are the app's own limit."""

LUNG = EXAMPLES["lung"].read_bytes()


def environment(folder):
    return {"GRADIO_TEMP_DIR": str(folder / "uploads"), "HF_HUB_OFFLINE": "1"}


@pytest.fixture(scope="module")
def small_disk(tmp_path_factory):
    """A folder with room for four megabytes; None where it cannot be made."""
    folder = tmp_path_factory.mktemp("disk")
    mount = ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(folder)]
    superuser = sys.platform == "linux" and os.geteuid() == 0
    if superuser and subprocess.run(mount, capture_output=True).returncode == 0:
        yield folder
        subprocess.run(["umount", str(folder)], check=True)
    else:
        yield None


@pytest.fixture(scope="module")
def apps(tmp_path_factory, small_disk):
    """An app and its folder for each fault; all start at once, which saves half the time."""
    nowhere = dict.fromkeys(("HOME", "XDG_CACHE_HOME", "HF_HOME", "MPLCONFIGDIR"), "/proc/none")
    folders = {fault: tmp_path_factory.mktemp(fault) for fault in ("killed", "stopped", "homeless")}
    if small_disk:
        folders["full"] = small_disk
    apps = {
        fault: RunningApp(ROOT, environment(folder) | (nowhere if fault == "homeless" else {}))
        for fault, folder in folders.items()
    }
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
    """Visitors who ask until the app is gone."""

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


def test_an_app_that_is_killed_under_load_starts_again_as_if_it_had_not_been(apps):
    killed, folder = apps["killed"]
    visitors = busy(killed)
    killed.process.kill()
    for visitor in visitors:
        visitor.join()
    again = RunningApp(ROOT, environment(folder))
    try:
        again.wait()
        assert again.weights_line == killed.weights_line
        assert answer(again) == ("complete", "lung")
        assert "Traceback" not in again.log
    finally:
        again.stop()


def test_a_stopped_app_finishes_what_it_has_begun_and_keeps_nothing(apps):
    app, folder = apps["stopped"]
    large = large_pictures()["54 million, alpha.png"]
    with httpx.Client(base_url=f"{app.url}/gradio_api", timeout=60) as http:
        picture = upload(http, "large.png", large) | {"meta": {"_type": "gradio.FileData"}}
        # As an open page has it.
        with http.stream("GET", "/heartbeat/visitor"):
            event = http.post("/call/predict", json={"data": [picture]}).json()["event_id"]
            with http.stream("GET", f"/call/predict/{event}") as reply:
                app.process.terminate()
                assert "event: complete" in reply.read().decode()
    assert app.process.wait(LONGEST_STOP) == 0
    assert not [file for file in folder.rglob("*") if file.is_file()]
    assert "Traceback" not in app.log


def test_a_full_disk_refuses_uploads_and_recovers(apps):
    if "full" not in apps:
        pytest.skip("only the superuser can make a small disk")
    app, disk = apps["full"]
    assert answer(app) == ("complete", "lung")
    filler = disk / "filler"
    with pytest.raises(OSError), open(filler, "wb", buffering=0) as full:
        while True:
            full.write(bytes(2**16))
    # The answer may be lost to the rest of the body.
    refused = pytest.raises((httpx.HTTPStatusError, httpx.TransportError))
    with httpx.Client(base_url=f"{app.url}/gradio_api", timeout=60) as http, refused:
        upload(http, "a.png", bytes(10**6))
    assert httpx.get(f"{app.url}/config", timeout=60).status_code == 200
    filler.unlink()
    assert answer(app) == ("complete", "lung")
    assert "No space left" in app.log


def test_an_app_without_a_home_and_a_cache_answers(apps):
    app, _ = apps["homeless"]
    assert answer(app) == ("complete", "lung")
    assert "Traceback" not in app.log
