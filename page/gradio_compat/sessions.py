"""Prune what Gradio keeps of finished calls, so that memory does not grow with time."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Collection

import gradio as gr
from gradio.server_messages import CloseStreamMessage

from page.heap import release_free_memory

PRUNE_SECONDS = 10
"""Time between two prunings."""


@contextlib.asynccontextmanager
async def prune_lifespan(app: gr.routes.App) -> AsyncIterator[None]:
    """Lifespan that prunes finished sessions, which Gradio never removes.

    They take memory, and time: Gradio searches through all of them for every prediction.
    """
    task = asyncio.create_task(_prune_forever(app))
    yield
    task.cancel()


async def _prune_forever(app):
    idle = set()
    while True:
        await asyncio.sleep(PRUNE_SECONDS)
        idle = prune_sessions(app.get_blocks(), idle)
        release_free_memory()


def prune_sessions(blocks: gr.Blocks, idle_before: Collection[str]) -> set[str]:
    """Drop idle sessions and Gradio's list of upload paths (page.uploads deletes the files).

    Streams without a pending event are closed: Gradio's Python client may open one for an event
    that has just completed on another, and its program would never exit. Its session is kept
    between two prunings, because a stream of a session that is gone breaks off with an error.

    Must run in the app's event loop, because nothing else may change the sessions meanwhile.

    Args:
        blocks: the app's blocks.
        idle_before: the sessions that were idle at the pruning before.

    Returns:
        The sessions that are idle now and still kept.
    """
    sessions = blocks._queue.pending_event_ids_session
    streams = blocks._queue.pending_messages_per_session
    idle = set()
    for session, messages in list(streams.items()):
        if sessions.get(session):
            continue
        if messages._getters:
            messages.put_nowait(CloseStreamMessage())
        elif session in idle_before:
            del streams[session]
        else:
            idle.add(session)
    for session in [session for session, pending in sessions.items() if not pending]:
        del sessions[session]
    for paths in blocks.temp_file_sets:
        paths.clear()
    return idle
