"""Copy the app, its documents and its training to a Space: python -m train.space_files FOLDER."""

import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]

FILES = (
    *("app.py", "Dockerfile", "LICENSE", "README.md"),
    *("requirements.txt", "requirements-serve.txt", "requirements-train.txt"),
)
FOLDERS = ("docs", "examples", "model", "page", "train")


def copy_space_files(folder: Path, root: Path = ROOT) -> None:
    """Copy what runs on a Space or is linked from there: no tests, no weights to train from.

    Args:
        folder: must not exist yet.
        root: checkout of this repository.
    """
    ignored = shutil.ignore_patterns("__pycache__", "*.pyc", "*.pyi", "*.weights.h5", "*.npz")
    for name in FOLDERS:
        shutil.copytree(root / name, folder / name, ignore=ignored)
    for name in FILES:
        shutil.copy(root / name, folder / name)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(f"usage: {Path(sys.executable).name} -m train.space_files FOLDER")
    try:
        copy_space_files(Path(sys.argv[1]))
    except FileExistsError as error:
        sys.exit(f"error: {error.filename} exists; name a new folder")
