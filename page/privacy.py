"""Nothing that a visitor sent stays on disk or reaches the log."""

import contextlib
import threading
import time
from pathlib import Path

import gradio as gr
from gradio.utils import get_upload_folder

from page.texts import TEXTS

SWEEP_SECONDS = 300
"""From one deletion of old files to the next."""

KEEP_SECONDS = 2700
"""Age at which Gradio deletes the uploads that it knows of."""

LEFTOVER_SECONDS = 3200
"""Age at which any file among the uploads is deleted: later, so that Gradio forgets its own."""


class PrivateBlocks(gr.Blocks):
    """``gr.Blocks`` that log nothing of a payload that is refused.

    Gradio would write a traceback, with the path, the address or the text that was sent, and tell
    the sender nothing.
    """

    async def preprocess_data(self, *args, **kwargs):
        """Turn whatever a payload raises into the sentence that it holds no picture."""
        try:
            return await super().preprocess_data(*args, **kwargs)
        except gr.Error:
            raise
        except Exception as error:
            # The page sends no such payload, and which language its sender reads is not known here.
            text = TEXTS["not_a_picture"]["en"]
            raise gr.Error(text, title="", print_exception=False) from error


def sweep_uploads() -> None:
    """Delete old uploads now, and for as long as the process lives.

    Gradio deletes those that it knows of, but not what an upload left that was broken off, nor what
    a process left that was killed.
    """
    threading.Thread(target=_sweep, name="sweep-uploads", daemon=True).start()


def _sweep():
    while True:
        for file in Path(get_upload_folder()).rglob("*"):
            # Another deletes it at the same time, or it is not ours.
            with contextlib.suppress(OSError):
                # One from the future was there before the clock was set back.
                age = abs(time.time() - file.lstat().st_mtime)
                if file.is_file() and age > LEFTOVER_SECONDS:
                    file.unlink()
        time.sleep(SWEEP_SECONDS)
