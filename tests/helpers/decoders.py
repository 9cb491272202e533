"""Decoders that misbehave, for the tests of ``model.decoding.decoder_process``."""

import ctypes
import os
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
