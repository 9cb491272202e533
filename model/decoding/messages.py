"""Messages between the app and the processes that decode for it."""

import numpy as np

MEMORY_BYTES = 400_000_000
"""A decoding process is given no more memory (enforced by Linux), so its answer is smaller."""

_HEADER_BYTES = 4
"""Messages begin with the length of their header."""


def write(stream, header: bytes, *data) -> None:
    """Send a message: its header, and then bytes whose number the header tells."""
    for part in (len(header).to_bytes(_HEADER_BYTES, "big"), header, *data):
        view = memoryview(part)
        while view:
            view = view[stream.write(view) :]


def read_into(stream, view) -> None:
    """Fill a buffer.

    Raises:
        EOFError: the stream ends before.
    """
    while view:
        count = stream.readinto(view)
        if not count:
            raise EOFError
        view = view[count:]


def read(stream, count: int) -> bytearray:
    """Read bytes."""
    data = bytearray(count)
    read_into(stream, memoryview(data))
    return data


def read_header(stream) -> bytearray:
    """Read the header of a message."""
    return read(stream, int.from_bytes(read(stream, _HEADER_BYTES), "big"))


def bytes_of(array: np.ndarray) -> memoryview:
    """Return a view of a contiguous array as bytes."""
    return memoryview(array.reshape(-1).view(np.uint8))
