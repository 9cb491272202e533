"""Measured rows, stored in results.json and shown in docs/performance.md."""

import json
import os
import platform
from importlib.metadata import version
from pathlib import Path

from benchmarks.rows import meets_limit

RESULTS = Path(__file__).with_name("results.json")
PAGE = Path(__file__).parents[1] / "docs" / "performance.md"
START, END = "<!-- benchmarks -->", "<!-- end of benchmarks -->"
PACKAGES = ("gradio", "ai-edge-litert", "tensorflow-cpu", "keras", "pillow")


def save(part: str, rounds: int, rows: list[dict]) -> None:
    """Replace the results of a part, and renew the page."""
    results = json.loads(RESULTS.read_text(encoding="utf-8"))
    results[part] = {"machine": _machine(), "rounds": rounds, "rows": rows}
    text = json.dumps(results, indent=1, ensure_ascii=False)
    RESULTS.write_text(text + "\n", encoding="utf-8")
    PAGE.write_text(renew(PAGE.read_text(encoding="utf-8"), results), encoding="utf-8")


def renew(text: str, results: dict) -> str:
    """Return the page's text with the results between its marks.

    Raises:
        ValueError: the text lacks the marks.
    """
    before, start, rest = text.partition(START)
    _, end, after = rest.partition(END)
    if not (start and end):
        raise ValueError(f"{PAGE} lacks {START} and {END}; restore it from git")
    conditions = {_conditions(part["machine"], part["rounds"]) for part in results.values()}
    lines = [START, *sorted(conditions), ""]
    lines += ["| what | measured | reference | measured | ratio (range) | limit |"]
    lines += ["|---|---|---|---|---|---|"]
    lines += [table_line(row) for part in results.values() for row in part["rows"]]
    return before + "\n".join([*lines, END]) + after


def table_line(row: dict) -> str:
    """Return a row as a line of the Markdown table."""
    value, reference = (_quantity(row[key], row["unit"]) for key in ("value", "reference_value"))
    ratio = "{ratio:.2f} ({lowest:.2f} to {highest:.2f})".format(**row)
    limit = row["limit"] if meets_limit(row) else f"**{row['limit']}: not met**"
    return f"| {row['name']} | {value} | {row['reference']} | {reference} | {ratio} | {limit} |"


def _machine() -> dict:
    cpus = Path("/proc/cpuinfo").read_text().splitlines()
    return {
        "processor": next(cpu.partition(": ")[2] for cpu in cpus if cpu.startswith("model name")),
        "cores": len(os.sched_getaffinity(0)),
        "memory_gb": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9),
        "python": platform.python_version(),
        "packages": {name: version(name) for name in PACKAGES},
    }


def _conditions(machine: dict, rounds: int) -> str:
    packages = ", ".join(f"{name} {number}" for name, number in machine["packages"].items())
    hardware = f"{machine['processor']}, {machine['cores']} cores, {machine['memory_gb']} GB"
    return f"{hardware}; Python {machine['python']}, {packages}; {rounds} rounds."


def _quantity(value: float, unit: str = "") -> str:
    if unit == "s" and value < 1:
        value, unit = 1000 * value, "ms"
    digits = 0 if value >= 100 or value == int(value) else 1 if value >= 10 else 2
    return f"{value:.{digits}f} {unit}".strip()
