"""Nothing that a visitor sent stays on disk or reaches the log."""

import contextlib
import os
import shutil
import threading
import time
from pathlib import Path

import gradio as gr
from gradio.utils import get_upload_folder

from page import UPLOADS
from page.i18n import TEXTS

SWEEP_SECONDS = 300
"""From one deletion of old files to the next."""

KEEP_SECONDS = 2700
"""Age at which a file is deleted."""


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
            text = TEXTS["not_an_image"]["en"]
            raise gr.Error(text, title="", print_exception=False) from error


def sweep_uploads() -> None:
    """Delete old uploads now, and for as long as the process lives.

    Gradio could delete those that it knows of, but it would keep the name of each and the folder
    that it was in, and what an upload left that was broken off, or a process that was killed.
    """
    threading.Thread(target=_sweep, name="sweep-uploads", daemon=True).start()


def delete_uploads() -> None:
    """Delete all that visitors sent to this process, when it ends."""
    shutil.rmtree(get_upload_folder(), ignore_errors=True)


def _sweep():
    while True:
        with contextlib.suppress(OSError):  # There are none yet.
            _delete_old(UPLOADS)
        time.sleep(SWEEP_SECONDS)


def _delete_old(folder):
    # One after the other: after a crowd there are many.
    with os.scandir(folder) as entries:
        for entry in entries:
            # Another deletes it at the same time, or it is not ours.
            with contextlib.suppress(OSError):
                # One from the future was there before the clock was set back.
                age = abs(time.time() - Path(entry).lstat().st_mtime)
                if not entry.is_dir(follow_symlinks=False):
                    if age > KEEP_SECONDS:
                        os.unlink(entry)
                    continue
                _delete_old(entry)
                # Gradio makes a folder before the file in it.
                if age > SWEEP_SECONDS and entry.path != get_upload_folder():
                    os.rmdir(entry)  # Fails while there is a file in it.
