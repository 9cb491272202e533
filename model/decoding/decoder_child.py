"""Decode files for the app in a process with limits; see ``decoder_process``."""

import contextlib
import importlib
import json
import os
import pickle  # nosec B403  # reads only what decoder_process wrote
import signal
from collections.abc import Iterator

import numpy as np

from model.decoding.messages import MEMORY_BYTES, bytes_of, read, read_header, write

try:
    import resource
except ImportError:
    resource = None  # Windows has no such limits.


def _serve() -> None:
    """Answer requests until the parent ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent.
    stdin, stdout = os.fdopen(os.dup(0), "rb", 0), os.fdopen(os.dup(1), "wb", 0)
    os.dup2(2, 1)  # The parent reads answers from stdout, which decoders may print to.
    _limit_process()
    with contextlib.suppress(EOFError, BrokenPipeError):
        while True:
            header = pickle.loads(read_header(stdin))  # nosec B301  # written by the parent
            module, name, arguments, limits, size = header
            function, data = getattr(importlib.import_module(module), name), read(stdin, size)
            with _limited_time(*limits):
                answer, arrays = _answer(function, data, *arguments)
            write(stdout, json.dumps(answer).encode(), *map(bytes_of, arrays))
            del data, arrays


def _answer(function, *arguments) -> tuple[dict, list[np.ndarray]]:
    try:
        result = function(*arguments)
        results = result if isinstance(result, list) else [result]
        arrays = [np.asarray(array, order="C") for array in results]
        return {"arrays": [(array.shape, array.dtype.str) for array in arrays]}, arrays
    except (MemoryError, OverflowError):
        return {"error": "OverflowError"}, []
    except Exception:
        return {"error": "Exception"}, []


def _limit_process() -> None:
    """Limit memory, written files and core dumps of this process."""
    if resource:
        _set_limit(resource.RLIMIT_DATA, MEMORY_BYTES)
        _set_limit(resource.RLIMIT_FSIZE, 0)
        _set_limit(resource.RLIMIT_CORE, 0)


@contextlib.contextmanager
def _limited_time(cpu_seconds: int, wall_seconds: int) -> Iterator[None]:
    """Limit the processor and wall time of the block."""
    if resource:
        usage = resource.getrusage(resource.RUSAGE_SELF)
        _set_limit(resource.RLIMIT_CPU, int(usage.ru_utime + usage.ru_stime) + 1 + cpu_seconds)
        signal.alarm(int(wall_seconds) + 2)  # Ends this process even if the parent was killed.
    yield
    if resource:
        signal.alarm(0)


def _set_limit(limit: int, value: int) -> None:
    """Set a soft limit, which may not exceed the hard one."""
    _, hard = resource.getrlimit(limit)
    resource.setrlimit(limit, (value if hard == resource.RLIM_INFINITY else min(value, hard), hard))


if __name__ == "__main__":
    _serve()
