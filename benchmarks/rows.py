"""Measured values beside references from the same rounds; rows.csv names them and their limits."""

import csv
import statistics
import time
from collections.abc import Callable
from pathlib import Path

ROWS = Path(__file__).with_name("rows.csv")


def make_rows(part: str, series: dict[str, list[float]]) -> list[dict]:
    """Make the rows of a part from series of one value per round, named as in rows.csv.

    A row has the medians of both series and, as "ratio", "lowest" and "highest", the median and the
    range of their ratios in each round. Where a reference is 0, the ratio is the value.
    """
    rows = []
    for line in csv.DictReader(ROWS.read_text(encoding="utf-8").splitlines()):
        if line["part"] == part:
            values, references = series[line["measured"]], series[line["reference series"]]
            pairs = zip(values, references, strict=True)
            ratios = [value / (reference or 1) for value, reference in pairs]
            row = {column: line[column] for column in ("name", "reference", "unit", "limit")}
            row |= {"value": statistics.median(values)}
            row |= {"reference_value": statistics.median(references)}
            row |= {"ratio": statistics.median(ratios), "lowest": min(ratios)}
            rows.append(row | {"highest": max(ratios), "rounds": len(values)})
    return rows


def meets_limit(row: dict) -> bool:
    """Tell whether the ratio of a row is within its limit, such as "≤ 1.25" or "≥ 0.8"."""
    sign, bound = row["limit"].split()
    return row["ratio"] <= float(bound) if sign == "≤" else row["ratio"] >= float(bound)


def timed(call: Callable, *arguments) -> float:
    """Return the seconds that a call takes."""
    start = time.perf_counter()
    call(*arguments)
    return time.perf_counter() - start


def interleave(calls: dict[str, Callable], rounds: int, repeats: int) -> dict[str, list[float]]:
    """Time calls by turns and return each one's median seconds in each round, by name.

    Other load on the machine then affects all of them alike. The first call of each is not counted.
    """
    for call in calls.values():
        call()
    medians = {name: [] for name in calls}
    for _ in range(rounds):
        turns = [{name: timed(call) for name, call in calls.items()} for _ in range(repeats)]
        for name in calls:
            medians[name].append(statistics.median(turn[name] for turn in turns))
    return medians
