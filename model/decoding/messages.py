"""Messages between the app and the processes that decode for it."""

import numpy as np

MEMORY_BYTES = 400_000_000
"""Maximum memory of a decoding process (enforced by Linux) and size of its answer, in bytes."""

_HEADER_BYTES = 4
"""Size of the length of the header, with which a message begins."""


def write(stream, header: bytes, *data) -> None:
    """Send a message: its header, and then data whose size the header declares."""
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
    """Read exactly ``count`` bytes."""
    data = bytearray(count)
    read_into(stream, memoryview(data))
    return data


def read_header(stream) -> bytearray:
    """Read the header of a message."""
    return read(stream, int.from_bytes(read(stream, _HEADER_BYTES), "big"))


def bytes_of(array: np.ndarray) -> memoryview:
    """Return a view of a contiguous array as bytes."""
    return memoryview(array.reshape(-1).view(np.uint8))
