"""Decode what may hang, crash or take all memory in child processes with limits.

Decoders written in C are used on files from anybody. A child that exceeds a limit or crashes is
replaced; its file is refused and all others are decoded. A child has no environment and no open
files of its parent, writes no file and ends when its parent ends.
"""

import atexit
import contextlib
import importlib
import json
import os
import pickle  # nosec B403  # reads only what this module wrote
import signal
import subprocess  # nosec B404  # starts only this module
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

try:
    import resource
except ImportError:
    resource = None  # Windows has no such limits.

CPU_SECONDS = 2
"""A child that decodes one file for longer is ended by the operating system (Linux, macOS)."""

BYTES_PER_SECOND = 2_000_000
"""Large files get a second more for each of so many bytes."""

WALL_SECONDS = 15
"""A child that decodes one file for longer is ended, busy or not."""

MEMORY_BYTES = 400_000_000
"""A child is given no more memory (enforced by Linux)."""

CHILDREN = min(4, os.cpu_count() or 1)
"""Files that are decoded at the same time; further ones wait."""

_INHERITED = ("LANG", "LD_LIBRARY_PATH", "PATH", "PYTHONHOME", "PYTHONPATH", "SYSTEMROOT")
"""A child gets only these environment variables, which Python needs, and so no token."""

_HEADER_BYTES = 4
"""Messages begin with the length of their header."""


class DecoderTimeout(OverflowError):
    """Decoding took too long and was ended."""


class DecodeError(ValueError):
    """The decoder failed, crashed or returned something other than an array."""


def decode(function: Callable[..., np.ndarray], data: bytes, *arguments) -> np.ndarray:
    """Run a decoder that returns one array on the content of a file; see ``decode_all``."""
    (array,) = decode_all(function, data, *arguments)
    return array


def decode_all(
    function: Callable[..., np.ndarray | list[np.ndarray]], data: bytes, *arguments
) -> list[np.ndarray]:
    """Run a decoder on the content of a file in a child process.

    Args:
        function: defined at the top level of a module; called with ``data`` and the arguments.
        data: what to decode.
        *arguments: further arguments, of types that can be pickled.

    Returns:
        The array or arrays that the function returns; numbers of any type.

    Raises:
        DecoderTimeout: it took longer than it is given, in processor time or in all.
        OverflowError: the function raised it, or took more than ``MEMORY_BYTES``.
        DecodeError: the function raised another exception, or the process crashed.
    """
    limits = (CPU_SECONDS + len(data) // BYTES_PER_SECOND, WALL_SECONDS)
    header = pickle.dumps((function.__module__, function.__name__, arguments, limits, len(data)))
    with _pool.places:
        child = _pool.take() or _Child()
        try:
            result = child.request(header, data)
        except BaseException:
            child.end()
            raise
        _pool.give_back(child)
    if isinstance(result, str):
        raise OverflowError if result == "OverflowError" else DecodeError
    return result


class _Pool:
    """Idle children of this process."""

    def __init__(self):
        self.places = threading.BoundedSemaphore(CHILDREN)
        self._idle = []

    def take(self) -> "_Child | None":
        """Return an idle child that is still alive, if there is one."""
        while self._idle:
            child = self._idle.pop()  # Atomic, as append is.
            if child.is_alive():
                return child
            child.end()
        return None

    def give_back(self, child: "_Child") -> None:
        self._idle.append(child)

    def close(self) -> None:
        """End all idle children."""
        while self._idle:
            self._idle.pop().end()


class _Child:
    """A process that decodes one file at a time."""

    def __init__(self):
        environment = {name: os.environ[name] for name in _INHERITED if name in os.environ}
        # Threads of BLAS would count as memory.
        environment |= {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
        self._process = subprocess.Popen(  # nosec B603  # the arguments are constant
            [sys.executable, "-B", "-m", __name__],
            cwd=Path(__file__).parents[2],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,
        )
        self._timed_out = False

    def is_alive(self) -> bool:
        return self._process.poll() is None

    def end(self) -> None:
        """End the process, if it is still alive."""
        self._process.kill()
        self._process.wait()
        self._process.stdin.close()
        self._process.stdout.close()

    def request(self, header: bytes, data: bytes) -> list[np.ndarray] | str:
        """Send a message and return the arrays, or the name of the exception, of the answer."""
        timer = threading.Timer(WALL_SECONDS, self._time_out)
        timer.daemon = True
        timer.start()
        try:
            _write(self._process.stdin, header, data)
            answer = json.loads(_read_header(self._process.stdout))
            if "error" in answer:
                return answer["error"]
            # Nothing from a child is unpickled or trusted: a file may have taken it over.
            arrays = [np.empty(shape, np.dtype(dtype)) for shape, dtype in answer["arrays"]]
            if any(array.dtype.kind not in "biuf" for array in arrays):
                raise ValueError("an array of something other than numbers")
            if sum(array.nbytes for array in arrays) > MEMORY_BYTES:
                raise ValueError("more than a child can hold")
            for array in arrays:
                _read_into(self._process.stdout, _bytes_of(array))
            return arrays
        except Exception as error:
            self._process.kill()
            status = self._process.wait()
            if self._timed_out or status == -getattr(signal, "SIGXCPU", 0):
                raise DecoderTimeout from error
            raise DecodeError from error
        finally:
            timer.cancel()

    def _time_out(self) -> None:
        self._timed_out = True
        self._process.kill()


def _write(stream, header: bytes, *data) -> None:
    for part in (len(header).to_bytes(_HEADER_BYTES, "big"), header, *data):
        view = memoryview(part)
        while view:
            view = view[stream.write(view) :]


def _read_into(stream, view) -> None:
    while view:
        count = stream.readinto(view)
        if not count:
            raise EOFError
        view = view[count:]


def _read(stream, count: int) -> bytearray:
    data = bytearray(count)
    _read_into(stream, memoryview(data))
    return data


def _read_header(stream) -> bytearray:
    return _read(stream, int.from_bytes(_read(stream, _HEADER_BYTES), "big"))


def _serve() -> None:
    """Decode what the parent sends, until it ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent.
    stdin, stdout = os.fdopen(os.dup(0), "rb", 0), os.fdopen(os.dup(1), "wb", 0)
    os.dup2(2, 1)  # The parent must not take for an answer what a decoder prints.
    _limit_process()
    with contextlib.suppress(EOFError, BrokenPipeError):
        while True:
            header = pickle.loads(_read_header(stdin))  # nosec B301  # written by the parent
            module, name, arguments, limits, size = header
            function, data = getattr(importlib.import_module(module), name), _read(stdin, size)
            with _limited_time(*limits):
                answer, arrays = _answer(function, data, *arguments)
            _write(stdout, json.dumps(answer).encode(), *map(_bytes_of, arrays))
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


def _bytes_of(array: np.ndarray) -> memoryview:
    """Return a view of a contiguous array as bytes."""
    return memoryview(array.reshape(-1).view(np.uint8))


def _limit_process() -> None:
    """Limit memory, written files and core dumps of this process."""
    if resource:
        _set_limit(resource.RLIMIT_DATA, MEMORY_BYTES)
        _set_limit(resource.RLIMIT_FSIZE, 0)
        _set_limit(resource.RLIMIT_CORE, 0)


@contextlib.contextmanager
def _limited_time(cpu_seconds: int, wall_seconds: int) -> Iterator[None]:
    """Allow this process some seconds of processor and wall time for the block."""
    if resource:
        usage = resource.getrusage(resource.RUSAGE_SELF)
        _set_limit(resource.RLIMIT_CPU, int(usage.ru_utime + usage.ru_stime) + 1 + cpu_seconds)
        signal.alarm(int(wall_seconds) + 2)  # Also when the parent has been killed.
    yield
    if resource:
        signal.alarm(0)


def _set_limit(limit: int, value: int) -> None:
    """Set a soft limit, which may not exceed the hard one."""
    _, hard = resource.getrlimit(limit)
    resource.setrlimit(limit, (value if hard == resource.RLIM_INFINITY else min(value, hard), hard))


_pool = _Pool()


def _forget_children() -> None:
    """Use no children of the parent in a forked process."""
    global _pool
    _pool = _Pool()


atexit.register(lambda: _pool.close())
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_children)

if __name__ == "__main__":
    _serve()
