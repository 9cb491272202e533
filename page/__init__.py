"""What a visitor sees; imports model, never app."""

import os
import tempfile
from pathlib import Path

# Gradio reads these when it is imported. A folder of our own, since page.privacy sweeps it.
os.environ.setdefault("GRADIO_TEMP_DIR", str(Path(tempfile.gettempdir()) / "brain-lung-other"))
# After each call Gradio makes a table of up to 10,000 calls and sums it up, which takes ever
# longer; nobody looks at it.
os.environ.setdefault("GRADIO_ANALYTICS_MAX_EVENTS", "1")
os.environ.setdefault("GRADIO_ANALYTICS_CACHE_FREQUENCY", str(10**9))
