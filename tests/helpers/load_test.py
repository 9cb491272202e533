"""Many good, bad, slow and aborting clients at once: python -m tests.helpers.load_test.

Prints the outcomes. Exits with status 1 if an image got a wrong prediction, a bad file no error
message, or memory or files did not return to where they were.
"""

import argparse
import random
import socket
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path

import httpx

from tests.helpers.plain_http import call, upload
from tests.helpers.running_app import EXAMPLES, RunningApp

LARGEST_UPLOAD = 20 * 2**20

BAD = {"notes.png": b"Seen on Monday.", "cut.png": EXAMPLES["brain"].read_bytes()[:9000]}

GOOD = {label: file.read_bytes() for label, file in EXAMPLES.items()}


class Load:
    """Clients that send requests to an app for some time.

    Attributes:
        outcomes: count of each pair of request kind and outcome.
        faults: descriptions of wrong outcomes.
        waits: seconds that each prediction took.
    """

    def __init__(self, app: RunningApp, clients: int, seconds: float):
        self.outcomes, self.faults, self.waits = Counter(), [], []
        self._app, self._end = app, time.monotonic() + seconds
        self._threads = [threading.Thread(target=self._visit, args=(n,)) for n in range(clients)]

    def run(self) -> None:
        """Run all clients until the last one ends."""
        for thread in self._threads:
            thread.start()
        for thread in self._threads:
            thread.join()

    def _visit(self, number: int):
        chance = random.Random(number)
        visits = (
            *(self._good, self._bad, self._slow, self._aborted, self._left, self._too_large),
            *(self._route, self._route_bad),
        )
        # Loading certificates would take each client 40 ms.
        options = {"timeout": 120, "verify": False}
        with httpx.Client(base_url=f"{self._app.url}/gradio_api", **options) as http:
            while time.monotonic() < self._end:
                (visit,) = chance.choices(visits, weights=(12, 3, 1, 1, 2, 0.2, 6, 2))
                try:
                    outcome = visit(http, chance)
                except Exception as error:  # Count every kind of error.
                    outcome = f"failed ({type(error).__name__})"
                    self.faults.append(f"{visit.__name__[1:]}: {error!r}")
                self.outcomes[visit.__name__[1:].replace("_", " "), outcome] += 1
                if outcome.startswith("refused"):
                    time.sleep(chance.random())  # Like a visitor who tries again later.

    def _upload_and_call(self, http, name, content):
        return self._call(http, upload(http, name, content))

    def _call(self, http, image):
        begin = time.monotonic()
        try:
            answer = call(http, image)
        except httpx.HTTPStatusError as error:
            if error.response.status_code != 503:
                raise
            return "full", ""
        self.waits.append(time.monotonic() - begin)
        return answer

    def _good(self, http, chance):
        label = chance.choice(list(GOOD))
        return self._judge(
            self._upload_and_call(http, f"{label}.png", GOOD[label]), ("complete", label)
        )

    def _bad(self, http, chance):
        name = chance.choice(list(BAD))
        event, text = self._upload_and_call(http, name, BAD[name])
        return self._judge((event, event == "full" or text.endswith(".")), ("error", True))

    def _route(self, http, chance):
        label = chance.choice(list(GOOD))
        return self._judge(self._post(http, GOOD[label]), (200, label))

    def _route_bad(self, http, chance):
        event, text = self._post(http, chance.choice(list(BAD.values())))
        return self._judge((event, event == "full" or text.endswith(".")), (422, True))

    def _post(self, http, content):
        begin = time.monotonic()
        reply = http.post(f"{self._app.url}/predict", content=content)
        if reply.status_code == 503:
            return "full", ""
        self.waits.append(time.monotonic() - begin)
        answer = reply.json()
        return reply.status_code, answer.get("label") or answer["error"]

    def _judge(self, answer, expected):
        if answer[0] == "full":
            return "refused, the queue is full"
        if answer != expected:
            raise AssertionError(f"{answer} instead of {expected}")
        return "correct"

    def _slow(self, http, chance):
        """An upload that arrives in pieces."""

        def pieces():
            yield b'--b\r\nContent-Disposition: form-data; name="files"; filename="a.png"\r\n\r\n'
            content = GOOD["lung"]
            for start in range(0, len(content), len(content) // 5):
                time.sleep(0.3)
                yield content[start : start + len(content) // 5]
            yield b"\r\n--b--\r\n"

        headers = {"Content-Type": "multipart/form-data; boundary=b"}
        path = http.post("/upload", content=pieces(), headers=headers).raise_for_status().json()[0]
        return self._judge(self._call(http, {"path": path}), ("complete", "lung"))

    def _aborted(self, http, chance):
        """An upload that is aborted."""
        url = httpx.URL(self._app.url)
        with socket.create_connection((url.host, url.port), timeout=60) as connection:
            connection.sendall(
                b"POST /gradio_api/upload HTTP/1.1\r\nHost: a\r\nContent-Length: 900000\r\n"
                b"Content-Type: multipart/form-data; boundary=b\r\n\r\n--b\r\nContent-Disposition: "
                b'form-data; name="files"; filename="a.png"\r\n\r\n' + bytes(20_000)
            )
        return "gone"

    def _left(self, http, chance):
        """A client that does not wait for the prediction."""
        image = upload(http, "a.png", GOOD["brain"]) | {"meta": {"_type": "gradio.FileData"}}
        reply = http.post("/call/predict", json={"data": [image]})
        if reply.status_code == 503:
            return "refused, the queue is full"
        with http.stream("GET", f"/call/predict/{reply.json()['event_id']}"):
            return "gone"

    def _too_large(self, http, chance):
        files = {"files": ("a.png", bytes(LARGEST_UPLOAD + 1))}
        status = http.post("/upload", files=files).status_code
        if status != 413:
            raise AssertionError(f"status {status} instead of 413")
        return "refused, 413"


def call_when_there_is_room(http: httpx.Client, image: dict[str, str]) -> tuple[str, str]:
    """Return the result of the first call that the queue accepts.

    Raises:
        httpx.HTTPStatusError: the queue is full for a minute, or the call fails otherwise.
    """
    end = time.monotonic() + 60
    while True:
        try:
            return call(http, image)
        except httpx.HTTPStatusError as error:
            if error.response.status_code != 503 or time.monotonic() > end:
                raise
        time.sleep(0.05)


def run(clients: int, seconds: float) -> tuple[Load, dict[str, float]]:
    """Start an app, send requests, and stop it.

    Returns:
        The load, and "megabytes" by which memory grew after a warm-up of a tenth of the time, and
        "files" that the app left.
    """
    with tempfile.TemporaryDirectory() as folder:
        uploads = Path(folder)
        with RunningApp.bundled(uploads) as app:
            Load(app, clients, seconds / 10).run()
            before = _megabytes(app)
            load = Load(app, clients, seconds)
            load.run()
            grown = _megabytes(app) - before
            with httpx.Client(base_url=f"{app.url}/gradio_api", timeout=60) as http:
                image = upload(http, "a.png", GOOD["lung"])
                assert call_when_there_is_room(http, image) == ("complete", "lung")
        left = [file for file in uploads.rglob("*") if file.is_file()]
    return load, {"megabytes": grown, "files": len(left)}


def _megabytes(app) -> float:
    """Return the resident memory of the app's process, or 0 if the system does not report it."""
    status = Path(f"/proc/{app.process.pid}/status")
    if not status.exists():
        return 0
    (line,) = (line for line in status.read_text().splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


def main() -> None:
    """Print a line for every kind of request and outcome."""
    parser = argparse.ArgumentParser(prog="python -m tests.helpers.load_test", description=__doc__)
    parser.add_argument("--clients", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=120)
    arguments = parser.parse_args()
    load, left = run(arguments.clients, arguments.seconds)
    for (visit, outcome), count in sorted(load.outcomes.items()):
        print(f"{count:8} {visit}: {outcome}")
    waits = sorted(load.waits)
    print(f"{waits[len(waits) // 2]:8.2f} s median wait, {waits[-1]:.2f} s longest")
    print(f"{left['megabytes']:8.0f} MB more memory, {left['files']} files left")
    for fault, count in Counter(load.faults).most_common(10):
        print(f"{count:8} {fault}", file=sys.stderr)
    sys.exit(1 if load.faults or left["files"] or left["megabytes"] > 100 else 0)


if __name__ == "__main__":
    main()
