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

from benchmarks.http import Connection, Failed
from benchmarks.processes import HURRIED, REFERENCE, App, Worker
from benchmarks.rounds import Row, compare
from tests.helpers.running_app import EXAMPLES

WARM_ANSWERS = 2500
"""Answers that make memory what it is to stay, and during which it is looked at."""

CORES = 2
"""That the app is made for."""

GRADIO = "by Gradio"

WAYS = {GRADIO: Connection.ask, "by `POST /predict`": Connection.ask_directly}
"""The ways in which clients ask."""

SECONDS_UNTIL_DELETED = 30
"""Longer than an app of the folder HURRIED keeps an upload."""


class Crowd:
    """Clients of one app, who also open its page once a second.

    Args:
        url: where the app is.
        clients: how many ask at once.
        ask: the method of ``Connection`` by which they ask.

    Attributes:
        waits: seconds from picture to answer, of all answers.
        pages: seconds that opening the page took.
        errors: what went wrong, if anything.
        seconds: how long the last crowd took.
    """

    def __init__(self, url: str, clients: int, ask=Connection.ask):
        self._url, self._clients, self._ask_about = url, clients, ask
        self._pictures = [file.read_bytes() for file in EXAMPLES.values()]
        self._count = itertools.count()
        self.waits, self.pages, self.errors = [], [], []
        self.seconds = 0.0

    @property
    def rate(self) -> float:
        """Answers a second of the last crowd."""
        return len(self.waits) / self.seconds

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
                await self._ask_about(connection, picture)
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
    """The app, in both ways, and the bare one in turn, a part of the time each; then its memory."""
    turn = options.seconds / options.rounds
    possible, rows = [], []
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        uploads = folder / "uploads"
        app = stack.enter_context(App(HURRIED, uploads))
        bare = stack.enter_context(App(REFERENCE, folder / "bare"))
        task = ("answer", *map(str, EXAMPLES.values()))
        workers = [stack.enter_context(Worker(*task)) for _ in range(CORES)]
        for each in (app, bare):
            each.wait()
        bare_crowd = Crowd(bare.url, options.clients)
        crowds = {way: Crowd(app.url, options.clients, ask) for way, ask in WAYS.items()}
        for crowd in (bare_crowd, *crowds.values()):
            crowd.ask(answers=options.clients)
        seen, bare_seen = {way: Seen() for way in crowds}, Seen()
        for _ in range(options.rounds):
            for way, crowd in crowds.items():
                crowd.ask(turn)
                seen[way].add(crowd)
            bare_crowd.ask(turn / 4)
            bare_seen.add(bare_crowd)
            possible.append(_possible(workers, turn / 4))
        for way, crowd in crowds.items():
            rows += _rows(f"{options.clients} clients {way}", options, seen[way], possible)
            if way == GRADIO:
                rows.append(
                    compare(
                        f"{options.clients} clients {way}: answers a second",
                        seen[way].rates,
                        "a bare Interface",
                        bare_seen.rates,
                        unit="/s",
                    )
                )
            rows.append(_memory(way, crowd, app, options.answers))
        time.sleep(SECONDS_UNTIL_DELETED)
        left = sum(file.is_file() for file in uploads.rglob("*"))
    rows.append(compare("uploads left when their time is over", [left], "none", [0], "", at_most=0))
    return rows


class Seen:
    """What was seen of a crowd: a value for each round, and all errors."""

    def __init__(self):
        self.rates, self.waits, self.pages, self.errors = [], [], [], []

    def add(self, crowd: Crowd) -> None:
        """Take in the last crowd."""
        self.rates.append(crowd.rate)
        self.waits.append(statistics.median(crowd.waits))
        self.pages.append(max(crowd.pages))
        self.errors += crowd.errors


def _rows(who: str, options: argparse.Namespace, seen: Seen, possible: list[float]) -> list[Row]:
    print(*sorted(set(seen.errors)), sep="\n", end="")
    fair = [options.clients / rate for rate in seen.rates]
    return [
        compare(f"{who}: errors", [len(seen.errors)], "none", [0], "", at_most=0),
        compare(
            f"{who}: answers a second",
            seen.rates,
            f"{CORES} processes that only decode and compute",
            possible,
            unit="/s",
            at_least=0.8,
        ),
        compare(
            f"{who}: median wait", seen.waits, "clients / answers a second", fair, at_most=1.25
        ),
        compare(
            f"{who}: slowest opening of the page",
            seen.pages,
            "one second",
            [1.0] * options.rounds,
            at_most=1,
        ),
    ]


def _memory(way: str, crowd: Crowd, app: App, answers: int) -> Row:
    """How memory grows by answers, from when it is warm."""
    before = _memory_during(crowd, app, WARM_ANSWERS)
    crowd.ask(answers=answers)
    given = len(crowd.waits)
    after = _memory_during(crowd, app, WARM_ANSWERS)
    return compare(
        f"memory after {given:,} more answers {way}",
        [after],
        "before",
        [before],
        unit="MB",
        at_most=1.02,
    )


def _memory_during(crowd: Crowd, app: App, answers: int) -> float:
    """Megabytes that the app usually takes while it gives some answers."""
    seen = []
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(crowd.ask, answers=answers)
        while not asked.done():
            seen.append(app.memory())
            time.sleep(0.25)
    if crowd.errors:
        raise RuntimeError(crowd.errors[0])
    return statistics.median(seen)


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
