"""Change release files as tests need them, also to values that ``Release`` would not write."""

import json
from pathlib import Path


def edit_release(file: Path, **changes) -> None:
    """Set values of a release file and keep the others; creates the file where it is missing."""
    content = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    file.write_text(json.dumps(content | changes, indent=2) + "\n", encoding="utf-8")
