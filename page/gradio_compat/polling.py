"""Keep an app without visitors from taking processor time."""

import gradio as gr

POLL_SECONDS = 0.005
"""Time between two looks of Gradio's queue for calls; its default on Linux is a millisecond."""

PROGRESS_SECONDS = 1
"""Time between two looks for progress, which no function here reports."""


def poll_less(blocks: gr.Blocks) -> None:
    """Let the queue of blocks sleep longer. Must run after ``blocks.queue``, which creates it."""
    queue = blocks._queue
    # On Windows it sleeps longer by default.
    queue.sleep_when_free = max(queue.sleep_when_free, POLL_SECONDS)
    queue.progress_update_sleep_when_free = PROGRESS_SECONDS
