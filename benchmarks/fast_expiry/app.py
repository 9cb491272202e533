"""The app with uploads that expire within half a minute instead of an hour."""

import runpy
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from page import uploads  # noqa: E402

uploads.SWEEP_SECONDS, uploads.KEEP_SECONDS = 5, 20
runpy.run_path(str(ROOT / "app.py"), run_name="__main__")
