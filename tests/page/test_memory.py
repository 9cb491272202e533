"""What Gradio would keep of every call for ever is forgotten while the app goes on answering."""

import time

import httpx
from plain_http import call, upload
from running_app import EXAMPLES, ROOT, RunningApp

LONGEST_WAIT = 60
"""Seconds."""

TELLING_APP = f"""
import sys, threading, time
sys.path.insert(0, {str(ROOT)!r})
from page import memory
memory.FORGET_SECONDS = 0.2
import app

def tell():
    told = None
    while True:
        sessions = len(app.demo._queue.pending_event_ids_session)
        names = sum(map(len, app.demo.temp_file_sets))
        if (sessions, names) != told:
            told = sessions, names
            print(f"keeps {{sessions}} sessions, {{names}} names", flush=True)
        time.sleep(0.01)

threading.Thread(target=tell, daemon=True).start()
app.main()
"""


def wait_until(condition):
    end = time.monotonic() + LONGEST_WAIT
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)


def test_sessions_and_names_go_when_their_calls_and_files_are_gone(tmp_path):
    (tmp_path / "app.py").write_text(TELLING_APP)
    uploads = tmp_path / "uploads"
    app = RunningApp(tmp_path, {"GRADIO_TEMP_DIR": str(uploads), "HF_HUB_OFFLINE": "1"})

    def kept():
        return [line for line in app.log.splitlines() if line.startswith("keeps ")][-1]

    try:
        app.wait()
        examples_only = kept()
        with httpx.Client(base_url=f"{app.url}/gradio_api", timeout=60) as http:
            for round_ in range(2):
                for label, file in EXAMPLES.items():
                    sent = upload(http, f"{round_}.png", file.read_bytes())
                    assert call(http, sent) == ("complete", label)
                wait_until(lambda: kept().startswith("keeps 0 sessions"))
                assert kept() != examples_only
                for file in uploads.glob("*/*.png"):
                    file.unlink()
                wait_until(lambda: kept() == examples_only)
    finally:
        app.stop()
    assert app.log.count("keeps 1 sessions") > 0
    assert "Traceback" not in app.log
