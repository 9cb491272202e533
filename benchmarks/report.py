"""The measured rows as a file and as a table in README.md."""

import dataclasses
import json
import os
import platform
from importlib.metadata import version
from pathlib import Path

from benchmarks.rounds import AT_MOST, Row

ROOT = Path(__file__).parents[1]
RESULTS = Path(__file__).with_name("results.json")
GROWTH = Path(__file__).with_name("growth.json")
GROWTH_PLOT = GROWTH.with_suffix(".png")
README = ROOT / "README.md"
START, END = "<!-- bench -->", "<!-- end of bench -->"


def machine() -> dict:
    """What the figures were measured on."""
    cpu = next(
        line.partition(":")[2].strip()
        for line in Path("/proc/cpuinfo").read_text().splitlines()
        if line.startswith("model name")
    )
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    packages = ("gradio", "ai-edge-litert", "tensorflow-cpu", "keras", "pillow")
    return {
        "processor": cpu,
        "cores": len(os.sched_getaffinity(0)),
        "memory_gb": round(memory / 1e9),
        "load": round(os.getloadavg()[0], 1),
        "python": platform.python_version(),
        "packages": {name: version(name) for name in packages},
    }


def write(part: str, rows: list[Row], rounds: int) -> None:
    """Put what one part measured in place of what it measured before."""
    results = read()
    results[part] = {
        "machine": machine(),
        "rounds": rounds,
        "rows": [dataclasses.asdict(row) for row in rows],
    }
    RESULTS.write_text(json.dumps(results, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def renew_readme() -> None:
    """Write all results into README.md.

    Raises:
        ValueError: it has no place for them.
    """
    text = README.read_text(encoding="utf-8")
    README.write_text(with_table(text, read(), read(GROWTH)), encoding="utf-8")


def read(file: Path = RESULTS) -> dict:
    """All that was measured, by part; empty at first."""
    return json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}


def with_table(text: str, results: dict, growth: dict) -> str:
    """The README's text with a table of the results, and how cost grows, between its marks.

    Raises:
        ValueError: it has no such marks.
    """
    before, start, rest = text.partition(START)
    _, end, after = rest.partition(END)
    if not (start and end):
        raise ValueError(f"README.md has no {START} and {END}; restore it from git")
    shown = table(results)
    if growth:
        plot = GROWTH_PLOT.relative_to(ROOT)
        shown += f"\n\n![How cost grows]({plot})\n\n{growth_text(growth)}"
    return f"{before}{START}\n{shown}\n{END}{after}"


def table(results: dict) -> str:
    """Markdown of all rows, below the machine that they were measured on."""
    machines = {_machine_text(part["machine"]) for part in results.values()}
    lines = [
        "; or ".join(sorted(machines)) + ".",
        "",
        "| what | measured | against | measured | ratio (lowest to highest round) | goal |",
        "|---|---|---|---|---|---|",
    ]
    for part in results.values():
        lines += [row_text(Row(**row)) for row in part["rows"]]
    return "\n".join(lines)


def row_text(row: Row) -> str:
    """One line of the table."""
    value, reference = (_quantity(number, row.unit) for number in (row.value, row.reference))
    ratio = f"{row.ratio:.2f} ({row.lowest:.2f} to {row.highest:.2f})"
    goal = ""
    if row.goal is not None:
        sign = "≤" if row.bound == AT_MOST else "≥"
        goal = f"{sign} {row.goal:g}: {'met' if row.met else 'missed'}"
    return f"| {row.what} | {value} | {row.against} | {reference} | {ratio} | {goal} |"


def growth_text(growth: dict) -> str:
    """What the plot of ``growth`` says, in figures.

    Args:
        growth: as tests/bench/growth.py writes it: pairs of what varies and what was measured.
    """
    sizes = []
    for kind, rates in growth["pictures"].items():
        (small, first), *_, (large, last) = rates
        sizes.append(f"{_quantity(1 / first, 's')} to {_quantity(1 / last, 's')} for a {kind}")
    crowds = []
    for way, (rates, waits) in ((way, c.values()) for way, c in growth["clients"].items()):
        (few, slow), *_, (many, fast) = rates
        (_, short), *_, (_, long) = waits
        crowds.append(
            f"from {slow:.0f} to {fast:.0f} and the median wait from {_quantity(short, 's')} to "
            f"{_quantity(long, 's')} {way}"
        )
    folders = []
    for command, seconds in growth["folders"].items():
        (_, start), *_, (length, whole) = seconds
        folders.append(f"{_quantity(whole, 's')} ({_quantity(start, 's')} for one) by `{command}`")
    workers, _ = growth["workers"][-1]
    return (
        f"From {small:g} to {large:g} megapixels, a picture takes {' and '.join(sizes)}; from "
        f"{few} to {many} clients at once, answers a second go {', '.join(crowds)}; a folder of "
        f"{length:,} pictures takes {' and '.join(folders)}, start included; once started, "
        f"{workers} workers of bulk work do {growth['speed-up']:.2f} times what one does."
    )


def _machine_text(facts: dict) -> str:
    packages = ", ".join(f"{name} {number}" for name, number in facts["packages"].items())
    return (
        f"{facts['processor']}, {facts['cores']} cores, {facts['memory_gb']} GB; "
        f"Python {facts['python']}, {packages}"
    )


def _quantity(value: float, unit: str) -> str:
    if unit == "s" and value < 1:
        value, unit = 1000 * value, "ms"
    digits = 0 if value >= 100 or value == int(value) else 1 if value >= 10 else 2
    return f"{value:.{digits}f} {unit}".strip()
