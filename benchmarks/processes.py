"""Child processes: what must not share an interpreter, and the memory it takes."""

import json
import subprocess
import sys
from pathlib import Path

from tests.helpers.running_app import ROOT, RunningApp

REFERENCE = Path(__file__).parent / "reference"
HURRIED = Path(__file__).parent / "hurried"
"""The folders of a bare app and of one that forgets soon; ROOT is that of the real one."""

SPACE = Path(__file__).parent / "space"
"""What makes a developer's environment lack what a Space lacks."""


class Worker:
    """A task of ``benchmarks.tasks`` in a process of its own, ready to be called.

    Args:
        task: the name of a function there.
        arguments: strings that it gets.

    Attributes:
        facts: what the task told of itself when it was ready.
    """

    def __init__(self, task: str, *arguments: str):
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.tasks", task, *arguments],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self.facts = self._read()

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()

    def call(self):
        """Let the task do its work once: the seconds it took, or whatever else it measures."""
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        return self._read()

    def _read(self):
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"{self._process.args} ended with {self._process.wait()}")
        return json.loads(line)


class App(RunningApp):
    """An app whose process can be looked at, stopped at the end of a block.

    Args:
        folder: holds its app.py.
        uploads: the folder it keeps uploads in.
        environment: more variables.
    """

    def __init__(self, folder: Path, uploads: Path, **environment: str):
        super().__init__(
            folder,
            {
                "GRADIO_TEMP_DIR": str(uploads),
                "HF_HUB_OFFLINE": "1",
                "PYTHONPATH": str(SPACE),
                **environment,
            },
        )

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.stop()

    def memory(self) -> float:
        """Resident megabytes of its process."""
        return memory(self.process.pid)


def memory(process: int | str = "self") -> float:
    """Resident megabytes of a process."""
    status = Path(f"/proc/{process}/status").read_text()
    kilobytes = next(line.split()[1] for line in status.splitlines() if line.startswith("VmRSS"))
    return int(kilobytes) / 1024
