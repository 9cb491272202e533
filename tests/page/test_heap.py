"""The heap on systems whose C library is not glibc."""

import ctypes

import pytest

from page.heap import release_free_memory, share_one_heap


def load_on_windows(name):
    """Fail as ``ctypes.CDLL`` does there without a name: it looks for a slash in it."""
    return "/" in name


def load_another_library(name):
    """Return a library without glibc's functions."""
    return object()


@pytest.mark.parametrize("load", [load_on_windows, load_another_library])
def test_the_heap_stays_as_it_is_on_other_systems(load, monkeypatch):
    monkeypatch.setattr(ctypes, "CDLL", load)
    share_one_heap()
    release_free_memory()
