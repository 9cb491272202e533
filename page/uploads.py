"""The folder for what clients send: created at start, swept while running, deleted at the end."""

import contextlib
import functools
import os
import shutil
import tempfile
import threading
import time
from pathlib import Path

SWEEP_SECONDS = 300
"""Time between two deletions of old files, in seconds."""

KEEP_SECONDS = 2700
"""Age at which files are deleted, in seconds."""


@functools.cache
def create_folder() -> Path:
    """Create the folder for the uploads of this process, readable only by its user.

    It lies in a folder that all processes of this app share, below ``GRADIO_TEMP_DIR`` or the
    system's folder for temporary files.

    Raises:
        OSError: no folder can be created there.
    """
    root = Path(os.environ.get("GRADIO_TEMP_DIR") or tempfile.gettempdir())
    folder = root / "brain-lung-other" / str(os.getpid())
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def sweep_forever(folder: Path) -> None:
    """Delete old uploads now and from time to time, in a thread, for as long as the process lives.

    Gradio's ``delete_cache`` keeps the folder of each upload, which is named after its content, and
    files of aborted uploads and of processes that were killed.

    Args:
        folder: from ``create_folder``; what killed processes left beside it is deleted too.
    """
    threading.Thread(target=_sweep, args=[folder], name="sweep-uploads", daemon=True).start()


def delete_folder(folder: Path) -> None:
    """Delete all uploads of this process."""
    shutil.rmtree(folder, ignore_errors=True)


def _sweep(folder):
    while True:
        with contextlib.suppress(OSError):  # Someone else deleted the shared folder.
            _delete_old(folder.parent, keep=folder)
        time.sleep(SWEEP_SECONDS)


def _delete_old(folder, keep):
    # One entry at a time: after a crowd there are many.
    with os.scandir(folder) as entries:
        for entry in entries:
            # Another process may delete it at the same time, or it belongs to another user.
            with contextlib.suppress(OSError):
                # A file from the future was written before the clock was set back.
                age = abs(time.time() - Path(entry).lstat().st_mtime)
                if not entry.is_dir(follow_symlinks=False):
                    if age > KEEP_SECONDS:
                        os.unlink(entry)
                    continue
                _delete_old(entry, keep)
                # Gradio creates a folder before the file in it.
                if age > SWEEP_SECONDS and Path(entry) != keep:
                    os.rmdir(entry)  # Fails while there is a file in it.
