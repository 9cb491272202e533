"""What a visitor sees; imports model, never app."""

import os
import tempfile
from pathlib import Path

UPLOADS = Path(os.environ.get("GRADIO_TEMP_DIR") or tempfile.gettempdir()) / "brain-lung-other"
"""What visitors sent, of each process in a folder of its own; page.uploads deletes it."""

_own = UPLOADS / str(os.getpid())
_own.mkdir(mode=0o700, parents=True, exist_ok=True)
# Gradio reads these when it is imported.
os.environ["GRADIO_TEMP_DIR"] = str(_own)
# After each call Gradio makes a table of up to 10,000 calls and sums it up, which takes ever
# longer; nobody looks at it.
os.environ.setdefault("GRADIO_ANALYTICS_MAX_EVENTS", "1")
os.environ.setdefault("GRADIO_ANALYTICS_CACHE_FREQUENCY", str(10**9))
