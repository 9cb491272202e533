"""The app with uploads that are deleted within half a minute instead of an hour."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

import app
from page import uploads

uploads.SWEEP_SECONDS, uploads.KEEP_SECONDS = 5, 20
app.main()
