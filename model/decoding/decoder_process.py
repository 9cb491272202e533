"""Decode untrusted files in child processes with limits on time and memory.

Many decoders are written in C and may hang, crash or take all memory. A child that exceeds a limit
or crashes is replaced; its file is refused and other files are not affected. A child has no access
to the environment and the open files of its parent, writes no file and ends when its parent ends.
"""

import atexit
import json
import os
import pickle  # nosec B403  # only writes
import signal
import subprocess  # nosec B404  # starts only decoder_child
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np

from model.decoding.messages import MEMORY_BYTES, bytes_of, read_header, read_into, write

CPU_SECONDS = 2
"""Processor time for a file, in seconds; enforced by the operating system (Linux, macOS)."""

BYTES_PER_SECOND = 2_000_000
"""Number of bytes for which a file gets another second of processor time."""

WALL_SECONDS = 15
"""Maximum wall time for a file, in seconds."""

CHILDREN = min(4, os.cpu_count() or 1)
"""Maximum number of files that are decoded at the same time."""

_INHERITED = ("LANG", "LD_LIBRARY_PATH", "PATH", "PYTHONHOME", "PYTHONPATH", "SYSTEMROOT")
"""Environment variables that a child inherits: only what Python needs, and no token."""

_SINGLE = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MALLOC_ARENA_MAX")
"""Environment variables that are 1 in a child, to save memory."""


class DecoderTimeout(OverflowError):
    """Decoding took too long and was stopped."""


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
        DecoderTimeout: it exceeded its processor or wall time.
        OverflowError: the function raised it, or took more than ``MEMORY_BYTES``.
        DecodeError: the function raised another exception, or the process crashed.
    """
    limits = (CPU_SECONDS + len(data) // BYTES_PER_SECOND, WALL_SECONDS)
    header = pickle.dumps((function.__module__, function.__name__, arguments, limits, len(data)))
    with _pool.slots:
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
        self.slots = threading.BoundedSemaphore(CHILDREN)
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
        # Threads of BLAS, and heaps of the threads of libheif, would use up the limit of memory.
        environment |= dict.fromkeys(_SINGLE, "1")
        self._process = subprocess.Popen(  # nosec B603  # the arguments are constant
            [sys.executable, "-B", "-m", "model.decoding.decoder_child"],
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
            write(self._process.stdin, header, data)
            answer = json.loads(read_header(self._process.stdout))
            if "error" in answer:
                return answer["error"]
            # Nothing from a child is unpickled or trusted: a file may have taken it over.
            arrays = [np.empty(shape, np.dtype(dtype)) for shape, dtype in answer["arrays"]]
            if any(array.dtype.kind not in "biuf" for array in arrays):
                raise ValueError("an array of something other than numbers")
            if sum(array.nbytes for array in arrays) > MEMORY_BYTES:
                raise ValueError("more than a child can hold")
            for array in arrays:
                read_into(self._process.stdout, bytes_of(array))
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


_pool = _Pool()


def _forget_children() -> None:
    """Start without children in a forked process."""
    global _pool
    _pool = _Pool()


atexit.register(lambda: _pool.close())
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_children)
