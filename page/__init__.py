"""What a visitor sees; imports model, never app."""

import os
import tempfile
from pathlib import Path

# Gradio reads it at its import. A folder of our own, since page.privacy sweeps it.
os.environ.setdefault("GRADIO_TEMP_DIR", str(Path(tempfile.gettempdir()) / "brain-lung-other"))
