"""Predict images from the command line: python -m model image.jpg folder/ …"""

import argparse
import contextlib
import functools
import os
import sys
from pathlib import Path

from tqdm import tqdm

from model.batch_predict import (
    OutputError,
    Prediction,
    find_images,
    json_line,
    predict_files,
    read_records,
)
from model.release import ReleaseError


def main() -> None:
    """Print or write a line per image; exit with status 1 if an image could not be read."""
    parser = argparse.ArgumentParser(
        prog="python -m model",
        description="Predict whether images show brain imaging, lung imaging or something else. "
        "Prints the path of each image, its label and the confidence of every label, 0 to 1. "
        "This is not a medical device.",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object per line")
    parser.add_argument(
        "--out",
        type=Path,
        metavar="FILE",
        help="append one JSON object per line to this file instead; "
        "the same command continues an interrupted run",
    )
    where = parser.add_mutually_exclusive_group()
    where.add_argument(
        "--workers", type=int, metavar="N", help="with --out: run N processes, started with Dask"
    )
    where.add_argument(
        "--scheduler", metavar="ADDRESS", help="with --out: run on the Dask cluster at this address"
    )
    parser.add_argument(
        "paths", nargs="+", type=Path, metavar="PATH", help="an image, or a folder of images"
    )
    arguments = parser.parse_args()
    if arguments.workers is not None and arguments.workers < 1:
        parser.error("--workers must be 1 or more")
    if (arguments.workers or arguments.scheduler) and not arguments.out:
        parser.error("--workers and --scheduler need --out")
    if arguments.json and arguments.out:
        parser.error("--json is for printing; the file of --out is JSON anyway")
    # A path may contain characters that the terminal cannot show.
    sys.stdout.reconfigure(errors="backslashreplace")
    try:
        failures = _run(arguments)
        sys.stdout.flush()
    except BrokenPipeError:
        # The reader, such as ``head``, has closed the pipe; Python would complain at its exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return
    except ModuleNotFoundError as error:
        if error.name not in ("dask", "distributed"):
            raise
        sys.exit("error: Dask is missing; install it: pip install -r requirements-bulk.txt")
    except (ReleaseError, OutputError, OSError) as error:
        sys.exit(f"error: {error}")
    except KeyboardInterrupt:
        again = "; run the same command again to continue" if arguments.out else ""
        sys.exit(f"interrupted{again}")
    sys.exit(1 if failures else 0)


def _run(arguments: argparse.Namespace) -> int:
    """Print or write a line per image, and count the paths and images that failed."""
    files, errors = find_images(arguments.paths)
    for path, error in errors.items():
        print(f"{path}: {error}", file=sys.stderr)
    with contextlib.ExitStack() as stack:
        failed = {}
        if arguments.out:
            out = stack.enter_context(open(arguments.out, "ab+"))
            failed = read_records(out)
            files = list(dict.fromkeys(files))
        todo = [file for file in files if str(file) not in failed]
        failures = len(errors) + sum(failed.get(str(file), False) for file in files)
        if not todo:
            return failures
        predict = predict_files
        if arguments.workers or arguments.scheduler:
            from model import cluster  # Imports Dask, which is installed on demand.

            client = stack.enter_context(cluster.connect(arguments.workers, arguments.scheduler))
            predict = functools.partial(cluster.predict_files, client=client)
        done = len(files) - len(todo)
        progress = tqdm(total=len(files), initial=done, unit=" images", disable=None)
        stack.enter_context(progress)
        for file, prediction in predict(todo):
            if arguments.out:
                out.write(json_line(file, prediction).encode() + b"\n")
                out.flush()
            if isinstance(prediction, str):
                failures += 1
                tqdm.write(f"{file}: {prediction}", file=sys.stderr)
            elif not arguments.out:
                line = json_line if arguments.json else _text_line
                tqdm.write(line(file, prediction))
            progress.update()
    return failures


def _text_line(file: Path, prediction: Prediction) -> str:
    columns = [f"{label} {value:.4f}" for label, value in prediction.confidences.items()]
    if prediction.total > 1:
        columns.append(prediction.sampled)
    return "\t".join((str(file), prediction.label, *columns))


if __name__ == "__main__":
    main()
