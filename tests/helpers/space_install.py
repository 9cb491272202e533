"""Check that a Space can install the requirements: python tests/space_install.py (needs PyPI)."""

import subprocess
import sys
from pathlib import Path

from huggingface_hub import SpaceCard

ROOT = Path(__file__).parents[2]


def main() -> None:
    """Resolve requirements.txt with what a Space adds, for its Python on Linux; fail loudly."""
    card = SpaceCard.load(ROOT / "README.md").data
    added = f"gradio[oauth,mcp]=={card.sdk_version}\nspaces\n"
    resolved = subprocess.run(
        [
            *(sys.executable, "-m", "uv", "pip", "compile", "--quiet", "--no-python-downloads"),
            *(
                "--python-version",
                card.python_version,
                "--python-platform",
                "x86_64-manylinux_2_28",
            ),
            *("--no-build", str(ROOT / "requirements.txt"), "-"),
        ],
        input=added,
        text=True,
        capture_output=True,
    )
    if resolved.returncode:
        sys.exit(f"a Space cannot install requirements.txt:\n{resolved.stderr}")
    packages = [line for line in resolved.stdout.splitlines() if "==" in line]
    print(f"a Space with Python {card.python_version} installs {len(packages)} packages")


if __name__ == "__main__":
    main()
