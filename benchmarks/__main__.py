"""Measure the app beside its references, and write what was found into README.md.

    python -m benchmarks --rounds 5

On an otherwise idle machine: ratios of what shares two cores with something else mean little.
"""

import argparse
import os
import sys
import time

from benchmarks import answer, crowd, growth, network, picture, report, start, training

PARTS = {
    "start": start.measure,
    "answer": answer.measure,
    "network": network.measure,
    "picture": picture.measure,
    "crowd": crowd.measure,
    "training": training.measure,
    "growth": growth.measure,
}


def main() -> None:
    """Measure the parts that are asked for and keep what was measured of the others."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--only", nargs="+", choices=PARTS, default=list(PARTS), metavar="PART")
    parser.add_argument("--rounds", type=int, default=5, help="of everything")
    parser.add_argument("--clients", type=int, default=64, help="at once")
    parser.add_argument("--seconds", type=float, default=60, help="that the clients ask for")
    parser.add_argument("--answers", type=int, default=10_000, help="between two looks at memory")
    parser.add_argument("--pictures", type=int, default=1000, help="in the longest folder")
    parser.add_argument("--data", default="", help="pictures to train on, else the examples")
    options = parser.parse_args()
    # Without compiled modules every start would compile gradio and tensorflow anew.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    for name in options.only:
        print(f"{name} …", flush=True)
        began = time.perf_counter()
        rows = PARTS[name](options)
        report.write(name, rows, options.rounds)
        print(*map(report.row_text, rows), sep="\n")
        print(f"  {time.perf_counter() - began:.0f} s", flush=True)
    try:
        report.renew_readme()
    except ValueError as error:
        sys.exit(f"error: {error}")


if __name__ == "__main__":
    main()
