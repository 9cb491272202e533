"""Measure speed and memory, renew docs/performance.md, and fail if a limit is not met."""

import argparse
import os
import sys
from importlib import import_module

from benchmarks import report
from benchmarks.rows import make_rows, meets_limit

PARTS = ("start", "predict", "formats", "crowd", "training", "growth", "browser")


def main() -> None:
    """Measure the chosen parts; the other parts keep their last results."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS, metavar="PART")
    parser.add_argument("--rounds", type=int, default=5, help="they set the duration; default 5")
    parser.add_argument("--check", action="store_true", help="check the limits, write nothing")
    options = parser.parse_args()
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # Else every start compiles all packages.
    failed = []
    for part in options.only:
        print(f"{part} …", flush=True)
        # Imported only now, since training loads TensorFlow, which takes memory and seconds.
        series = import_module(f"benchmarks.{part}").measure(options)
        rows = make_rows(part, series)
        print(*map(report.table_line, rows), sep="\n", flush=True)
        failed += [row["name"] for row in rows if not meets_limit(row)]
        if not options.check:
            report.save(part, rows)
    if failed:
        sys.exit("error: limit not met: " + "; ".join(failed))


if __name__ == "__main__":
    main()
