"""Write files so that an interruption leaves either the old or the new version."""

import json
import os
from pathlib import Path


def write_json(file: Path, content: dict | list) -> None:
    """Write a JSON file; a process killed at any moment leaves a complete file."""
    new = file.with_suffix(".new")
    new.write_text(json.dumps(content, indent=2) + "\n")
    os.replace(new, file)
