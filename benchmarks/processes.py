"""Running apps as child processes, and the memory of a process."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

from tests.helpers.running_app import RunningApp

REFERENCE, FAST_EXPIRY = (Path(__file__).with_name(name) for name in ("reference", "fast_expiry"))
"""Folders of two apps: a bare Interface, and this app with uploads that are soon deleted."""

SPACE = Path(__file__).with_name("space")
"""Hides a package of the development environment that a Space lacks."""


@contextlib.contextmanager
def running_app(
    folder: Path, uploads: Path, wait: bool = True, **environment: str
) -> Iterator[RunningApp]:
    """Start the app.py of a folder without a Hub, wait until it can predict, stop it at the end."""
    defaults = {"GRADIO_TEMP_DIR": str(uploads), "HF_HUB_OFFLINE": "1", "PYTHONPATH": str(SPACE)}
    app = RunningApp(folder, defaults | environment)
    try:
        if wait:
            app.wait()
        yield app
    finally:
        app.stop()


def memory(process: int | str = "self") -> float:
    """Return the resident megabytes of a process (Linux only)."""
    pages = int(Path(f"/proc/{process}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20
