"""Apps as child processes, and the memory of a process."""

import os
from pathlib import Path

from tests.helpers.running_app import RunningApp

REFERENCE, FAST_EXPIRY = (Path(__file__).with_name(name) for name in ("reference", "fast_expiry"))
"""Folders of two apps: a bare Interface, and this app with uploads that are soon deleted."""

SPACE = Path(__file__).with_name("space")
"""Hides a package of the development environment that a Space lacks."""


def running_app(folder: Path, uploads: Path) -> RunningApp:
    """Start the app.py of a folder without a Hub, for a ``with`` block."""
    environment = {"GRADIO_TEMP_DIR": str(uploads), "HF_HUB_OFFLINE": "1"}
    return RunningApp(folder, environment | {"PYTHONPATH": str(SPACE)})


def memory(process: int | str = "self") -> float:
    """Return the resident megabytes of a process (Linux only)."""
    pages = int(Path(f"/proc/{process}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20
