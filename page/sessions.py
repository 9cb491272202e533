"""Gives up what is kept of calls that are over, so that an app needs no more memory with time."""

import asyncio
import contextlib
import ctypes
from collections.abc import AsyncIterator

import gradio as gr
from gradio.server_messages import CloseStreamMessage

FORGET_SECONDS = 10
"""From one time to the next."""

M_ARENA_MAX = -8
"""As in malloc.h of glibc."""


def share_one_heap() -> None:
    """Let threads that are still to start take memory from one heap.

    glibc gives each of them its own by default, which keeps what a large picture once needed.
    """
    _ask_glibc("mallopt", M_ARENA_MAX, 1)


def _ask_glibc(function: str, *arguments: int) -> None:
    with contextlib.suppress(AttributeError):  # Another C library has no such function.
        getattr(ctypes.CDLL(None), function)(*arguments)


@contextlib.asynccontextmanager
async def forgetting(app: gr.routes.App) -> AsyncIterator[None]:
    """A lifespan in which is forgotten what Gradio would keep of every call for ever.

    It takes memory, and time too: Gradio looks through all sessions that ever were at each answer.
    """
    task = asyncio.create_task(_go_on(app))
    yield
    task.cancel()


async def _go_on(app):
    while True:
        await asyncio.sleep(FORGET_SECONDS)
        forget(app.get_blocks())
        # What is free goes back to the system, so that the heap does not stay as it was in a crowd.
        _ask_glibc("malloc_trim", 0)


def forget(blocks: gr.Blocks) -> None:
    """Drop sessions that wait for nothing, and the names of uploads, by which none is deleted.

    Streams that listen for nothing are closed: Gradio's Python client may open one for an answer
    that has just come by another, and its program would not end.

    To be called where the app runs, since nothing else may change them meanwhile.
    """
    sessions = blocks._queue.pending_event_ids_session
    streams = blocks._queue.pending_messages_per_session
    for session, messages in list(streams.items()):
        if not sessions.get(session):
            if messages._getters:
                messages.put_nowait(CloseStreamMessage())
            else:
                del streams[session]
    for session in [session for session, waiting in sessions.items() if not waiting]:
        del sessions[session]
    for names in blocks.temp_file_sets:
        names.clear()
