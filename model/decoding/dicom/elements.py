"""Read values of DICOM elements, which may be missing, empty or of another type."""

import contextlib
import math
from collections.abc import Sequence

UNDEFINED_LENGTH = 0xFFFFFFFF

LONG_TYPES = (
    *(b"OB", b"OD", b"OF", b"OL", b"OV", b"OW", b"SQ", b"SV"),
    *(b"UC", b"UN", b"UR", b"UT", b"UV"),
)
"""Value representations with a length of four bytes instead of two (PS3.5, 7.1.2)."""


def value_of(dataset, keyword: str):
    """Return the value of an element; None if it is missing or unreadable."""
    try:
        return dataset.get(keyword)
    except Exception:  # Values that are not of their type.
        return None


def numbers_of(dataset, keyword: str) -> list[float]:
    """Return the numbers of an element that are finite."""
    value = value_of(dataset, keyword)
    values = value if isinstance(value, Sequence) and not isinstance(value, str) else [value]
    numbers = []
    for entry in values:
        with contextlib.suppress(TypeError, ValueError):
            numbers.append(float(entry))
    return [number for number in numbers if math.isfinite(number)]


def number_of(dataset, keyword: str, default: float | None) -> float | None:
    """Return the first number of an element."""
    return next(iter(numbers_of(dataset, keyword)), default)
