"""Answer many pictures in several processes: python -m model.bulk folder/ --out answers.jsonl

Dask (https://distributed.dask.org) gives the pictures to the processes, starts another in place of
one that is lost, and has done again what that one had not handed over. Only this process writes.
"""

import argparse
import contextlib
import json
import os
import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from tqdm import tqdm

from model.batch_predict import find_images, json_line, predict_file
from model.release import ReleaseError

BATCH = 16
"""Pictures that a worker gets at a time; those of a lost one are begun anew."""

AHEAD = 256
"""Batches that the scheduler is given in advance, so that it need not hold them all."""

LEAVE_INTERRUPTS = """
import signal

signal.signal(signal.SIGINT, signal.SIG_IGN)
"""
"""What a worker runs first: a terminal's Ctrl-C reaches it too, but the main process ends it."""

FATAL = "the process that reads this file ends, again and again"


def main() -> None:
    """Append a line for every picture; exit with status 1 if one could not be read."""
    parser = argparse.ArgumentParser(
        prog="python -m model.bulk",
        description="Say of each picture whether it shows brain imaging, lung imaging or "
        "something other, as python -m model does, in several processes. Called again, it goes on "
        "where it was interrupted. This is not a medical device.",
    )
    parser.add_argument(
        "paths", nargs="+", type=Path, metavar="PATH", help="a picture, or a folder of pictures"
    )
    parser.add_argument(
        "--out", type=Path, required=True, help="file that gets one JSON object per line"
    )
    where = parser.add_mutually_exclusive_group()
    where.add_argument(
        "--workers", type=int, default=os.cpu_count(), help="processes of this machine"
    )
    where.add_argument("--scheduler", metavar="ADDRESS", help="that of a running Dask cluster")
    arguments = parser.parse_args()
    if arguments.workers < 1:
        parser.error("--workers is to be 1 or more")
    try:
        failures = _append_answers(arguments)
    except ModuleNotFoundError as error:
        if error.name != "distributed":
            raise
        sys.exit("error: Dask is missing: pip install -r requirements-bulk.txt")
    except (ReleaseError, OSError) as error:
        sys.exit(f"error: {error}")
    except KeyboardInterrupt:
        sys.exit("interrupted; the same command goes on")
    sys.exit(1 if failures else 0)


@contextlib.contextmanager
def engine(workers: int, scheduler: str | None = None):
    """A client of Dask with workers that are ready to be given work, until the end of the block.

    Args:
        workers: processes to start on this machine, one thread each.
        scheduler: address of a cluster to use instead.

    Raises:
        OSError: there is no cluster at the address.
    """
    from dask import config
    from distributed import Client, LocalCluster

    with contextlib.ExitStack() as stack:
        if not scheduler:
            scheduler = stack.enter_context(
                LocalCluster(
                    n_workers=workers,
                    threads_per_worker=1,
                    dashboard_address=None,
                    # Besides what the user's own settings of Dask name.
                    preload=[LEAVE_INTERRUPTS, *config.get("distributed.worker.preload")],
                )
            )
        try:
            client = Client(scheduler)
        except ValueError as error:
            raise OSError(f"{scheduler} is no address such as tcp://name:8786") from error
        yield stack.enter_context(client)


def answers(files: list[Path], client) -> Iterator[tuple[Path, dict[str, float] | str]]:
    """Each file once, in the order in which they are done, with what ``predict_file`` says of it.

    Args:
        files: the files, under paths that hold for the workers too.
        client: what ``engine`` gives.

    Raises:
        ReleaseError: the release cannot be used.
    """
    from distributed import KilledWorker, as_completed

    batches = (files[start : start + BATCH] for start in range(0, len(files), BATCH))
    given, suspects = {}, []

    def give(batch: list[Path]):
        # Workers may run in other folders than this process.
        work = [file.absolute() for file in batch]
        # Without a timeout of zero, what is given within a moment is done in any order.
        future = client.submit(_answer, work, pure=False, fifo_timeout=0)
        given[future.key] = batch
        return future

    running = as_completed([give(batch) for batch in islice(batches, AHEAD)])
    for future in running:
        batch = given.pop(future.key)
        try:
            yield from zip(batch, _result(future), strict=True)
        except KilledWorker:
            suspects += batch
        for following in islice(batches, 1):
            running.add(give(following))
    # With a lost worker Dask suspects all that it had been given; what runs alone is to blame.
    for file in suspects:
        try:
            yield file, _result(give([file]))[0]
        except KilledWorker:
            yield file, FATAL


def _answer(files: list[Path]) -> list[dict[str, float] | str] | ReleaseError:
    """The work of a worker."""
    try:
        return [predict_file(file) for file in files]
    except ReleaseError as error:
        return error  # What is raised here would be logged at length, once for every batch.


def _result(future) -> list[dict[str, float] | str]:
    result = future.result()
    if isinstance(result, ReleaseError):
        raise result
    return result


def _append_answers(arguments: argparse.Namespace) -> int:
    """Do what is not done yet, and count what could not be read."""
    files, failures = find_images(arguments.paths)
    files = list(dict.fromkeys(files))
    with open(arguments.out, "ab+") as out:
        failed = _read_done(out)
        missing = [file for file in files if str(file) not in failed]
        failures += sum(failed.get(str(file), False) for file in files)
        if not missing:
            return failures
        with (
            engine(arguments.workers, arguments.scheduler) as client,
            tqdm(total=len(files), initial=len(files) - len(missing), unit=" pictures") as progress,
        ):
            for file, answer in answers(missing, client):
                out.write(json_line(file, answer).encode() + b"\n")
                out.flush()
                failures += isinstance(answer, str)
                progress.update()
    return failures


def _read_done(out) -> dict[str, bool]:
    """The paths that are in the file, and whether each could not be read.

    A last line without an end, which an interrupted run leaves, is cut off.
    """
    out.seek(0)
    failed = {}
    for number, line in enumerate(out, start=1):
        if not line.endswith(b"\n"):
            out.truncate(out.tell() - len(line))
            break
        try:
            row = json.loads(line)
            failed[row["path"]] = "error" in row
        except (ValueError, TypeError, KeyError):
            sys.exit(
                f"error: line {number} of {out.name} is not an answer; give another file to --out"
            )
    return failed


if __name__ == "__main__":
    main()
