"""Predict many images in several processes or machines with Dask (distributed.dask.org).

Dask replaces a worker that is lost and repeats the batches that it had not returned.
"""

import contextlib
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from dask import config
from distributed import Client, KilledWorker, LocalCluster, as_completed

from model.batch_predict import Prediction, predict_file
from model.release import ReleaseError

BATCH = 16
"""Number of images that a worker gets at a time; the batch of a lost worker is repeated."""

BATCHES_AHEAD = 256
"""Number of batches to submit in advance, so that the scheduler does not hold all of them."""

IGNORE_INTERRUPTS = """
import signal

signal.signal(signal.SIGINT, signal.SIG_IGN)
"""
"""Code that workers run first: Ctrl-C reaches them too, but the main process must stop them."""

CRASH_MESSAGE = "every process that reads this file crashes"


@contextlib.contextmanager
def connect(workers: int | None = None, scheduler: str | None = None) -> Iterator[Client]:
    """Connect to a Dask cluster, or start one, for the duration of the block.

    Args:
        workers: number of processes to start on this machine, one thread each.
        scheduler: address of a running cluster to use instead.

    Raises:
        OSError: there is no cluster at the address.
    """
    with contextlib.ExitStack() as stack:
        if not scheduler:
            scheduler = stack.enter_context(
                LocalCluster(
                    n_workers=workers,
                    threads_per_worker=1,
                    dashboard_address=None,
                    # In addition to the preloads in the user's Dask configuration.
                    preload=[IGNORE_INTERRUPTS, *config.get("distributed.worker.preload")],
                )
            )
        try:
            client = Client(scheduler)
        except ValueError as error:
            raise OSError(f"{scheduler} is not an address such as tcp://name:8786") from error
        yield stack.enter_context(client)


def predict_files(files: list[Path], client: Client) -> Iterator[tuple[Path, Prediction | str]]:
    """Predict each file once and yield the predictions as they are completed.

    Args:
        files: paths that are valid for the workers too.
        client: from ``connect``.

    Raises:
        ReleaseError: the release cannot be used.
    """
    batches = (files[start : start + BATCH] for start in range(0, len(files), BATCH))
    submitted, suspects = {}, []

    def submit(batch: list[Path]):
        # Workers may run in another folder than this process.
        absolute = [file.absolute() for file in batch]
        # With a timeout of zero, Dask keeps the order of batches that arrive close together.
        future = client.submit(_predict_batch, absolute, pure=False, fifo_timeout=0)
        submitted[future.key] = batch
        return future

    completed = as_completed([submit(batch) for batch in islice(batches, BATCHES_AHEAD)])
    for future in completed:
        batch = submitted.pop(future.key)
        try:
            yield from zip(batch, _result(future), strict=True)
        except KilledWorker:
            suspects += batch
        for following in islice(batches, 1):
            completed.add(submit(following))
    # Dask fails every batch of a crashed worker; retry each file separately to find the cause.
    for file in suspects:
        try:
            yield file, _result(submit([file]))[0]
        except KilledWorker:
            yield file, CRASH_MESSAGE


def _predict_batch(files: list[Path]) -> list[Prediction | str] | ReleaseError:
    """Predict a batch in a worker."""
    try:
        return [predict_file(file) for file in files]
    except ReleaseError as error:
        return error  # Dask would log a long traceback for each batch.


def _result(future) -> list[Prediction | str]:
    result = future.result()
    if isinstance(result, ReleaseError):
        raise result
    return result
