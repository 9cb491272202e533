"""Environment variables that Gradio reads when it is imported or when components are created."""

import os
from pathlib import Path


def configure(folder: Path) -> None:
    """Set them for this process. Must run before ``import gradio``.

    Args:
        folder: for everything that Gradio writes to disk.
    """
    os.environ["GRADIO_TEMP_DIR"] = str(folder)
    # Gradio summarises up to 10,000 calls after each call, which takes ever longer.
    os.environ.setdefault("GRADIO_ANALYTICS_MAX_EVENTS", "1")
    os.environ.setdefault("GRADIO_ANALYTICS_CACHE_FREQUENCY", str(10**9))
