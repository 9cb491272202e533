"""What Gradio would keep of every call for ever, forgotten: it takes memory, and time to search."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import gradio as gr

FORGET_SECONDS = 10
"""From one time to the next."""


@contextlib.asynccontextmanager
async def forgetting(app: gr.routes.App) -> AsyncIterator[None]:
    """A lifespan that forgets, as long as an app lives, whose calls are answered."""
    task = asyncio.create_task(_go_on(app))
    yield
    task.cancel()


async def _go_on(app):
    while True:
        await asyncio.sleep(FORGET_SECONDS)
        forget(app.get_blocks())


def forget(blocks: gr.Blocks) -> None:
    """Drop sessions that wait for nothing, and the names of uploads that are deleted.

    To be called where the app runs, since nothing else may change them meanwhile.
    """
    sessions = blocks._queue.pending_event_ids_session
    for session in [session for session, waiting in sessions.items() if not waiting]:
        del sessions[session]
    for files in blocks.temp_file_sets:
        files -= {file for file in files if not Path(file).exists()}
