"""Keep glibc from holding on to memory that is free."""

import contextlib
import ctypes

M_ARENA_MAX = -8
"""Parameter of ``mallopt``, from glibc's malloc.h."""


def share_one_heap() -> None:
    """Let threads that start from now on allocate from one heap.

    By default glibc gives each thread its own, which keeps what a large image once needed.
    """
    _call_glibc("mallopt", M_ARENA_MAX, 1)


def release_free_memory() -> None:
    """Return free memory to the system, so that the heap shrinks again after a crowd."""
    _call_glibc("malloc_trim", 0)


def _call_glibc(function: str, *arguments: int) -> None:
    # Windows has no library of this name, and other C libraries lack these functions.
    with contextlib.suppress(TypeError, AttributeError):
        getattr(ctypes.CDLL(None), function)(*arguments)
