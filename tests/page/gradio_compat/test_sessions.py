"""Finished sessions, streams and upload names are pruned while the app keeps predicting."""

import json
import time

import httpx
import pytest

from benchmarks.processes import FAST_EXPIRY
from tests.helpers.plain_http import call, upload
from tests.helpers.running_app import EXAMPLES, ROOT, RunningApp

LONGEST_WAIT = 60
"""Seconds."""

REPORTING_APP = f"""
import os, runpy, sys, threading, time
os.chdir({str(ROOT)!r})
sys.path.insert(0, os.getcwd())
from page.gradio_compat import launch as module, sessions

def report(blocks):
    last, queue = None, blocks._queue
    while True:
        kept = len(set(queue.pending_event_ids_session).union(queue.pending_messages_per_session))
        names = sum(map(len, blocks.temp_file_sets))
        records, summarised = queue.event_analytics, queue.event_count_at_last_cache
        if (kept, names, len(records), summarised) != last:
            last = kept, names, len(records), summarised
            print(f"keeps {{kept}} sessions, {{names}} names", flush=True)
            print(f"records {{len(records)}} calls, summarised {{summarised}}", flush=True)
        time.sleep(0.01)

def launch_and_report(blocks, **options):
    threading.Thread(target=report, args=[blocks], daemon=True).start()
    launch(blocks, **options)

sessions.PRUNE_SECONDS = 1
launch, module.launch = module.launch, launch_and_report
runpy.run_path({str(FAST_EXPIRY / "app.py")!r}, run_name="__main__")
"""
"""The app of the crowd benchmark, which no other test starts, and a report of what Gradio keeps."""


def wait_until(condition):
    end = time.monotonic() + LONGEST_WAIT
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    folder = tmp_path_factory.mktemp("app")
    (folder / "app.py").write_text(REPORTING_APP)
    with RunningApp.bundled(folder / "uploads", folder) as app:
        yield app
    assert "Traceback" not in app.log


@pytest.fixture
def http(app):
    with httpx.Client(base_url=f"{app.url}/gradio_api", timeout=60) as http:
        yield http


def test_sessions_and_upload_names_are_pruned_after_their_calls(app, http):
    def kept():
        return [line for line in app.log.splitlines() if line.startswith("keeps ")]

    def keeps_nothing():
        return kept()[-1] == "keeps 0 sessions, 0 names"

    wait_until(keeps_nothing)
    for label, file in EXAMPLES.items():
        sent = upload(http, "a.png", file.read_bytes())
        assert call(http, sent) == ("complete", label)
    wait_until(keeps_nothing)
    assert "keeps 1 sessions" in app.log
    assert {line.split()[3] for line in kept()} > {"0"}
    # As the variables for analytics say: Gradio records the last call only, and summarises none.
    records = {line for line in app.log.splitlines() if line.startswith("records ")}
    assert records == {"records 0 calls, summarised 0", "records 1 calls, summarised 0"}


def messages(http, session):
    """Yield the messages of a session's stream until it ends or only sends heartbeats."""
    with http.stream("GET", "/queue/data", params={"session_hash": session}) as stream:
        for line in stream.iter_lines():
            if line.startswith("data: "):
                message = json.loads(line.removeprefix("data: "))
                yield message["msg"]
                if message["msg"] in ("close_stream", "heartbeat"):
                    return


def test_a_stream_without_pending_events_is_closed_and_the_next_call_completes(app, http):
    calls = httpx.get(f"{app.url}/config").json()["dependencies"]
    (predict,) = (call["id"] for call in calls if call["api_name"] == "predict")
    for _ in range(2):
        sent = upload(http, "a.png", EXAMPLES["lung"].read_bytes())
        data = [sent | {"meta": {"_type": "gradio.FileData"}}]
        body = {"data": data, "fn_index": predict, "session_hash": "late"}
        http.post("/queue/join", json=body).raise_for_status()
        received = list(messages(http, "late"))
        assert received[-2:] == ["process_completed", "close_stream"]
        # A second stream, opened after the last event.
        assert list(messages(http, "late")) == ["close_stream"]
