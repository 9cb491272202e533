"""Keep an app without visitors from taking processor time."""

import gradio as gr

POLL_SECONDS = 0.005
"""Time after which Gradio's queue looks for calls again; on Linux it does so every millisecond."""

PROGRESS_SECONDS = 1
"""Time after which it looks for progress, which no function here reports."""


def poll_less(blocks: gr.Blocks) -> None:
    """Let the queue of blocks sleep longer. Must run after ``blocks.queue``, which creates it."""
    queue = blocks._queue
    # On Windows it sleeps longer by default.
    queue.sleep_when_free = max(queue.sleep_when_free, POLL_SECONDS)
    queue.progress_update_sleep_when_free = PROGRESS_SECONDS
