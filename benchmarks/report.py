"""Measured rows, stored in results.json and shown in docs/performance.md."""

import json
import os
import platform
from importlib.metadata import version
from pathlib import Path

from benchmarks.rows import meets_limit
from train.docs import replace_between
from train.eval.markdown import markdown_row, markdown_table

RESULTS = Path(__file__).with_name("results.json")
PAGE = Path(__file__).parents[1] / "docs" / "performance.md"
START, END = "<!-- benchmarks -->", "<!-- end of benchmarks -->"
TITLES = ("what", "measured", "reference", "measured", "ratio (range)", "limit", "rounds")
PACKAGES = ("gradio", "ai-edge-litert", "tensorflow-cpu", "keras", "pillow")


def save(part: str, rows: list[dict]) -> None:
    """Replace the results of a part, and renew the page."""
    results = json.loads(RESULTS.read_text(encoding="utf-8"))
    results[part] = {"conditions": _conditions(), "rows": rows}
    text = json.dumps(results, indent=1, ensure_ascii=False)
    RESULTS.write_text(text + "\n", encoding="utf-8")
    PAGE.write_text(renew(PAGE.read_text(encoding="utf-8"), results), encoding="utf-8")


def renew(text: str, results: dict) -> str:
    """Return the page's text with the results between its markers."""
    conditions = "\n".join(sorted({part["conditions"] for part in results.values()}))
    rows = [_cells(row) for part in results.values() for row in part["rows"]]
    return replace_between(text, START, markdown_table(conditions, [TITLES, *rows]), END)


def table_line(row: dict) -> str:
    """Return a row as a line of the Markdown table."""
    return markdown_row(_cells(row))


def _cells(row: dict) -> tuple[str, ...]:
    value, reference = (_quantity(row[key], row["unit"]) for key in ("value", "reference_value"))
    ratio = "{ratio:.2f} ({lowest:.2f} to {highest:.2f})".format(**row)
    limit = row["limit"] if meets_limit(row) else f"**{row['limit']}: not met**"
    return row["name"], value, row["reference"], reference, ratio, limit, str(row["rounds"])


def _conditions() -> str:
    cpus = Path("/proc/cpuinfo").read_text().splitlines()
    processor = next(cpu.partition(": ")[2] for cpu in cpus if cpu.startswith("model name"))
    gigabytes = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    hardware = f"{processor}, {len(os.sched_getaffinity(0))} cores, {gigabytes:.0f} GB"
    packages = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    return f"{hardware}; Python {platform.python_version()}, {packages}."


def _quantity(value: float, unit: str) -> str:
    if unit == "s" and value < 1:
        value, unit = 1000 * value, "ms"
    return f"{float(f'{value:.3g}'):g} {unit}".strip()
