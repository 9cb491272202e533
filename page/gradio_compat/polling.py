"""Keep an app without visitors from taking processor time."""

import gradio as gr

POLL_SECONDS = 0.005
"""Time after which Gradio's queue looks for calls again; by default it does every millisecond."""

PROGRESS_SECONDS = 1
"""Time after which it looks for progress, which no function here reports."""


def poll_less(blocks: gr.Blocks) -> None:
    """Let the queue of blocks sleep longer. Must run after ``blocks.queue``, which creates it."""
    blocks._queue.sleep_when_free = POLL_SECONDS
    blocks._queue.progress_update_sleep_when_free = PROGRESS_SECONDS
