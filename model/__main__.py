"""Answer pictures without the page: python -m model picture.jpg folder/ …"""

import argparse
import os
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tqdm import tqdm

from model.batch_predict import bundled_classifier, find_images, json_line, predict_file, top_label
from model.release import ReleaseError

BATCH = 32
"""Pictures that are begun before the first of them is printed."""


def main() -> None:
    """Print a line for every picture; exit with status 1 if one could not be read."""
    parser = argparse.ArgumentParser(
        prog="python -m model",
        description="Say of each picture whether it shows brain imaging, lung imaging or "
        "something other: its path, its label and the confidence of every label, 0 to 1. "
        "This is not a medical device.",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object per line")
    parser.add_argument(
        "paths", nargs="+", type=Path, metavar="PATH", help="a picture, or a folder of pictures"
    )
    arguments = parser.parse_args()
    # A path may hold what the terminal cannot show.
    sys.stdout.reconfigure(errors="backslashreplace")
    try:
        failures = _print_answers(arguments.paths, json_line if arguments.json else _text_line)
        sys.stdout.flush()
    except ReleaseError as error:
        sys.exit(f"error: {error}")
    except KeyboardInterrupt:
        sys.exit("interrupted")
    except BrokenPipeError:
        # Who reads, such as ``head``, has enough; Python would flush once more and complain.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return
    sys.exit(1 if failures else 0)


def _print_answers(paths: list[Path], line: Callable[[Path, dict[str, float]], str]) -> int:
    """Answer on stdout, name what cannot be read on stderr, and count the latter."""
    files, failures = find_images(paths)
    if not files:
        return failures
    with tqdm(total=len(files), unit=" pictures", disable=None) as progress:
        for file, answer in _answers(files):
            if isinstance(answer, str):
                failures += 1
                tqdm.write(f"{file}: {answer}", file=sys.stderr)
            else:
                tqdm.write(line(file, answer))
            progress.update()
    return failures


def _answers(files: list[Path]) -> Iterator[tuple[Path, dict[str, float] | str]]:
    bundled_classifier()  # Before several threads make one each.
    with ThreadPoolExecutor() as pool:
        for start in range(0, len(files), BATCH):
            batch = files[start : start + BATCH]
            yield from zip(batch, pool.map(predict_file, batch), strict=True)


def _text_line(file: Path, confidences: dict[str, float]) -> str:
    columns = (f"{name} {confidence:.4f}" for name, confidence in confidences.items())
    return "\t".join((str(file), top_label(confidences), *columns))


if __name__ == "__main__":
    main()
