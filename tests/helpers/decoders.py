"""Decoders that misbehave, for the tests of ``model.decoding.decoder_process``."""

import ctypes
import os
import threading
import time
from pathlib import Path

import numpy as np


def copy(data, times=1):
    return np.tile(np.frombuffer(data, np.uint8), times)


def process_id(data):
    return np.array(os.getpid())


def environment(data):
    return np.frombuffer("\n".join(os.environ).encode(), np.uint8)


def crash(data):
    ctypes.string_at(0)


def loop(data):
    while True:
        pass


def sleep(data):
    time.sleep(60)


def take_memory(data):
    return np.ones(2 * 10**9, np.uint8)


def take_memory_in_threads(data):
    """Take 100 MB in each of 8 threads, one after the other, that keep a little of it till the end.

    Returns:
        In how many of them there was memory.
    """
    kept, end = [], threading.Event()

    def take():
        try:
            parts = [bytearray(2**16) for _ in range(1500)]
            kept.append(parts.pop())
            del parts
        finally:
            done.release()
        end.wait()

    done = threading.Semaphore(0)
    for _ in range(8):
        threading.Thread(target=take, daemon=True).start()
        done.acquire()
    end.set()
    return np.array(len(kept))


def write(data, path):
    Path(path).write_bytes(data)
    return np.zeros(1)


def print_first(data):
    os.write(1, b"\0\0\0\2{}")
    return np.zeros(1)


def fail(data):
    raise KeyError("a value from the file")


def texts(data):
    return np.array(["a"])


def several(data):
    """Return a matrix, nothing and a number."""
    return [
        np.frombuffer(data, np.uint8).reshape(2, -1),
        np.empty(0, "<f4"),
        np.array(len(data), "<i8"),
    ]
