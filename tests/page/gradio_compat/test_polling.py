"""An app without visitors sleeps."""

import asyncio

import app
from model.release import read_release
from page.gradio_compat.polling import POLL_SECONDS, PROGRESS_SECONDS
from tests.helpers.async_tests import async_test


@async_test
async def test_the_queue_looks_for_calls_and_progress_no_more_often_than_we_say(monkeypatch):
    queue = app.build(read_release())._queue
    slept = []

    async def sleep(seconds):
        slept.append(seconds)
        queue.stopped = len(slept) > 2

    monkeypatch.setattr(asyncio, "sleep", sleep)
    for look, seconds in (
        (queue.start_processing, POLL_SECONDS),
        (queue.start_progress_updates, PROGRESS_SECONDS),
    ):
        slept.clear()
        queue.stopped = False
        await look()
        assert len(slept) == 3
        assert min(slept) >= seconds
