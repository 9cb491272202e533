"""Measuring things in turn, and comparing what belongs to the same turn."""

import dataclasses
import statistics
import time
from collections.abc import Callable

AT_MOST, AT_LEAST = "at most", "at least"


@dataclasses.dataclass(frozen=True)
class Row:
    """One figure beside its reference.

    ``value`` and ``reference`` are medians over the rounds, in ``unit``. ``ratio`` is the median of
    the rounds' ratios of the first to the second, from ``lowest`` to ``highest``. ``goal`` is what
    the ratio should be ``bound`` ("at most" or "at least"), if anything.
    """

    what: str
    against: str
    value: float
    reference: float
    unit: str
    ratio: float
    lowest: float
    highest: float
    bound: str = AT_MOST
    goal: float | None = None

    @property
    def met(self) -> bool:
        """Whether the ratio is what it should be."""
        if self.goal is None:
            return True
        return self.ratio <= self.goal if self.bound == AT_MOST else self.ratio >= self.goal


def interleave(
    calls: dict[str, Callable[[], float]], rounds: int, repeats: int
) -> dict[str, list[float]]:
    """Make the calls in turn, so that whatever else the machine does falls on all of them alike.

    Args:
        calls: by name, what returns the seconds that it took; each is made once before it counts.
        rounds: how often the medians are taken.
        repeats: calls of each that make up a round.

    Returns:
        By name, the median seconds of each round.
    """
    for call in calls.values():
        call()
    medians = {name: [] for name in calls}
    for _ in range(rounds):
        taken = {name: [] for name in calls}
        for _ in range(repeats):
            for name, call in calls.items():
                taken[name].append(call())
        for name, seconds in taken.items():
            medians[name].append(statistics.median(seconds))
    return medians


def compare(
    what: str,
    values: list[float],
    against: str,
    references: list[float],
    unit: str = "s",
    at_most: float | None = None,
    at_least: float | None = None,
) -> Row:
    """A row from values and references of the same rounds."""
    ratios = [
        value / reference if reference else float(value > 0)
        for value, reference in zip(values, references, strict=True)
    ]
    return Row(
        what=what,
        against=against,
        value=statistics.median(values),
        reference=statistics.median(references),
        unit=unit,
        ratio=statistics.median(ratios),
        lowest=min(ratios),
        highest=max(ratios),
        bound=AT_MOST if at_least is None else AT_LEAST,
        goal=at_most if at_least is None else at_least,
    )


def timed(call: Callable[[], object]) -> float:
    """Seconds that a call takes."""
    start = time.perf_counter()
    call()
    return time.perf_counter() - start
