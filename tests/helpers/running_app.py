"""The app as a child process, and its example images."""

import contextlib
import os
import random
import socket
import subprocess
import sys
import threading
from pathlib import Path

ROOT = Path(__file__).parents[2]

EXAMPLES = {
    "brain": ROOT / "examples" / "brain-mri.png",
    "lung": ROOT / "examples" / "lung-ct.png",
    "other": ROOT / "examples" / "landscape.jpg",
}
"""The example images on the page, by their label."""

PORTS = range(10_000, 32_000)
"""Below those of outgoing connections, which could take one before the app does."""

LONGEST_START = 240
"""Seconds until an app that has not logged its weights counts as failed."""

LONGEST_STOP = 60
"""Seconds until an app that does not stop counts as hanging."""

LONGEST_LOGGING = 60
"""Seconds until an app that does not log an invalid request counts as hanging."""

INVALID_REQUEST = "WARNING:  Invalid HTTP request received.\n"
"""What uvicorn logs about bytes that are not HTTP."""


def free_port() -> int:
    """Return a port that no program has."""
    while True:
        port = random.choice(PORTS)
        with contextlib.suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port


class RunningApp:
    """``python app.py`` as a child process, in a ``with`` block from ready to stopped.

    Args:
        checkout: folder to start it in.
        environment: variables to add to those of this process, except the app's own variables.

    Attributes:
        url: URL of the page.
        process: the child process.
        uploads: the folder for uploads, if one was given.
        weights_line: the line of its log that names the weights.
        log: its standard output and error as far as they have arrived here; see ``read_log``.
    """

    def __init__(self, checkout: Path, environment: dict[str, str]):
        port = free_port()
        self.uploads = Path(environment.get("GRADIO_TEMP_DIR", ""))
        self.url = f"http://127.0.0.1:{port}"
        self.log = ""
        self.weights_line = ""
        self._named_weights = threading.Event()
        self._marked = threading.Event()
        self._marked.set()
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("GRADIO_", "MODEL_"))}
        self.process = subprocess.Popen(
            [sys.executable, "app.py"],
            cwd=checkout,
            env=kept | environment | {"GRADIO_SERVER_PORT": str(port), "PYTHONUNBUFFERED": "1"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._reader = threading.Thread(target=self._collect_log)
        self._reader.start()

    @classmethod
    def bundled(cls, uploads: Path, checkout: Path = ROOT):
        """Start the app of a checkout with its bundled weights and a folder for uploads."""
        return cls(checkout, {"GRADIO_TEMP_DIR": str(uploads), "HF_HUB_OFFLINE": "1"})

    def _collect_log(self):
        for line in self.process.stdout:
            if line == INVALID_REQUEST and not self._marked.is_set():
                self._marked.set()
                continue
            self.log += line
            if line.startswith("weights: "):
                self.weights_line = line.strip()
                self._named_weights.set()
        self._named_weights.set()

    def __enter__(self):
        try:
            self.wait()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_) -> None:
        self.stop()

    def wait(self) -> None:
        """Wait until the weights are loaded."""
        self._named_weights.wait(LONGEST_START)
        assert self.weights_line, f"the app did not start:\n{self.log}"

    def read_log(self) -> str:
        """Return the log with everything that the app has written until now.

        ``log`` lacks lines that are still in the pipe or that the app writes just after a response.
        An invalid request makes it log one line more, which arrives after those and is left out.
        """
        self._marked.clear()
        address = self.url.removeprefix("http://").split(":")
        with socket.create_connection(address) as connection:
            connection.sendall(b"not HTTP\r\n\r\n")
            assert self._marked.wait(LONGEST_LOGGING), f"the app does not log:\n{self.log}"
        return self.log

    def stop(self) -> None:
        """Stop it with SIGTERM, sent ten times at once, and read the rest of its log."""
        for _ in range(10):
            self.process.terminate()
        self.process.wait(LONGEST_STOP)
        self._reader.join()
        self.process.stdout.close()
