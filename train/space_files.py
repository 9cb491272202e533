"""Copy what serves the app, for a Space or a container: python -m train.space_files FOLDER."""

import shutil
import sys
from pathlib import Path

from model.release import read_release

ROOT = Path(__file__).parents[1]

FILES = ("app.py", "LICENSE", "README.md", "requirements.txt", "requirements-serve.txt")
FOLDERS = ("examples", "model", "page")


def copy_space_files(folder: Path, root: Path = ROOT) -> None:
    """Copy what serving needs: no tests, no training, and results of the released weights only.

    Args:
        folder: must not exist yet.
        root: checkout of this repository.
    """
    release = read_release(root / "model" / "release.json")
    names = ("__pycache__", "*.pyc", "*.pyi", release.keras_weights_file.name, "replay.npz")
    ignored = shutil.ignore_patterns(*names)
    for name in FOLDERS:
        shutil.copytree(root / name, folder / name, ignore=ignored)
    for name in FILES:
        shutil.copy(root / name, folder / name)
    results = release.results_folder.resolve()
    copied = folder / results.relative_to(root.resolve())
    copied.mkdir(parents=True)
    for file in (*results.glob("*.json"), *results.glob("origins.csv")):
        shutil.copy(file, copied)
    shutil.copy(results.parent / "independent_test.json", copied.parent)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(f"usage: {Path(sys.executable).name} -m train.space_files FOLDER")
    try:
        copy_space_files(Path(sys.argv[1]))
    except FileExistsError as error:
        sys.exit(f"error: {error.filename} exists; name a new folder")
