"""Many clients at once, each asking about one picture after the other."""

import argparse
import asyncio
import itertools
import random
import statistics
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

from tests.bench.http import Connection, Failed
from tests.bench.processes import HURRIED, REFERENCE, App, Worker
from tests.bench.rounds import Row, compare
from tests.running_app import EXAMPLES

WARM_ANSWERS = 2500
"""Answers after which memory counts as what it is to stay; Gradio keeps the last 2,000 sessions."""

CORES = 2
"""That the app is made for."""

SECONDS_UNTIL_DELETED = 30
"""Longer than an app of the folder HURRIED keeps an upload."""


class Crowd:
    """Clients of one app, who also open its page once a second.

    Args:
        url: where the app is.
        clients: how many ask at once.

    Attributes:
        waits: seconds from picture to answer, of all answers.
        pages: seconds that opening the page took.
        errors: what went wrong, if anything.
        seconds: how long the last crowd took.
    """

    def __init__(self, url: str, clients: int):
        self._url, self._clients = url, clients
        self._pictures = [file.read_bytes() for file in EXAMPLES.values()]
        self._count = itertools.count()
        self.waits, self.pages, self.errors = [], [], []
        self.seconds = 0.0

    def ask(self, seconds: float = 3600, answers: int | None = None) -> None:
        """Let them ask until the time is over or the answers are there."""
        self.waits, self.pages, self.errors = [], [], []
        start = time.perf_counter()
        asyncio.run(self._ask(start + seconds, answers))
        self.seconds = time.perf_counter() - start

    async def _ask(self, end: float, answers: int | None) -> None:
        def goes_on():
            return time.perf_counter() < end and (answers is None or len(self.waits) < answers)

        visitor = asyncio.create_task(self._open_page(goes_on))
        await asyncio.gather(*(self._client(goes_on) for _ in range(self._clients)))
        await visitor

    async def _client(self, goes_on) -> None:
        connection = Connection(self._url)
        while goes_on():
            number = next(self._count)
            # No two are the same file; what follows a picture's end is not looked at.
            picture = self._pictures[number % len(self._pictures)] + random.randbytes(16)
            start = time.perf_counter()
            try:
                await connection.ask(picture)
                self.waits.append(time.perf_counter() - start)
            except (Failed, OSError, asyncio.IncompleteReadError) as error:
                self.errors.append(repr(error))
                connection.close()
                await asyncio.sleep(0.1)
        connection.close()

    async def _open_page(self, goes_on) -> None:
        while goes_on():
            connection = Connection(self._url)
            start = time.perf_counter()
            await connection.request("GET", "/")
            self.pages.append(time.perf_counter() - start)
            connection.close()
            await asyncio.sleep(1)


def measure(options: argparse.Namespace) -> list[Row]:
    """The app and the bare one in turn, a part of the time each; then its memory."""
    seen = {}
    turn = options.seconds / options.rounds
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        uploads = folder / "uploads"
        app = stack.enter_context(App(HURRIED, uploads))
        bare = stack.enter_context(App(REFERENCE, folder / "bare"))
        task = ("answer", *map(str, EXAMPLES.values()))
        workers = [stack.enter_context(Worker(*task)) for _ in range(CORES)]
        crowds = {}
        for each in (app, bare):
            each.wait()
            crowds[each] = Crowd(each.url, options.clients)
            crowds[each].ask(answers=options.clients)
        crowd, bare_crowd = crowds.values()
        crowd.ask(answers=WARM_ANSWERS)
        before, answered, errors = app.memory(), 0, []
        for _ in range(options.rounds):
            crowd.ask(turn)
            answered += len(crowd.waits)
            bare_crowd.ask(turn / 4)
            measured = {
                "rate": len(crowd.waits) / crowd.seconds,
                "bare rate": len(bare_crowd.waits) / bare_crowd.seconds,
                "wait": statistics.median(crowd.waits),
                "page": max(crowd.pages),
                "possible": _possible(workers, turn / 4),
            }
            for name, value in measured.items():
                seen.setdefault(name, []).append(value)
            errors += crowd.errors
        crowd.ask(answers=options.answers - answered)
        answered += len(crowd.waits)
        errors += crowd.errors
        after = app.memory()
        time.sleep(SECONDS_UNTIL_DELETED)
        left = sum(file.is_file() for file in uploads.rglob("*"))
    print(*sorted(set(errors)), sep="\n", end="")
    fair = [options.clients / rate for rate in seen["rate"]]
    clients = f"{options.clients} clients"
    return [
        compare(f"{clients}: errors", [len(errors)], "none", [0], "", at_most=0),
        compare(
            f"{clients}: answers a second",
            seen["rate"],
            f"{CORES} processes that only decode and compute",
            seen["possible"],
            unit="/s",
            at_least=0.8,
        ),
        compare(
            f"{clients}: answers a second",
            seen["rate"],
            "a bare Interface",
            seen["bare rate"],
            unit="/s",
        ),
        compare(
            f"{clients}: median wait",
            seen["wait"],
            "clients / answers a second",
            fair,
            at_most=1.25,
        ),
        compare(
            f"{clients}: slowest opening of the page",
            seen["page"],
            "one second",
            [1.0] * options.rounds,
            at_most=1,
        ),
        compare(
            f"memory after {answered:,} answers",
            [after],
            f"after {WARM_ANSWERS}",
            [before],
            unit="MB",
            at_most=1.02,
        ),
        compare("uploads left when their time is over", [left], "none", [0], "", at_most=0),
    ]


def _possible(workers: list[Worker], seconds: float) -> float:
    """Answers a second of processes, one for each core, that only decode and compute."""
    end = time.perf_counter() + seconds

    def work(worker: Worker) -> int:
        answers = 0
        while time.perf_counter() < end:
            worker.call()
            answers += 1
        return answers

    with ThreadPoolExecutor(len(workers)) as pool:
        return sum(pool.map(work, workers)) / seconds
