"""Answer pictures without the page: python -m model picture.jpg folder/ …"""

import argparse
import json
import os
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from PIL import Image
from tqdm import tqdm

from model.imaging import FORMATS, UnreadablePicture, network_input, read_picture
from model.release import ReleaseError, read_release

BATCH = 32
"""Pictures that are decoded, then answered, together."""

SUFFIXES = {suffix for suffix, name in Image.registered_extensions().items() if name in FORMATS} | {
    ".dcm"
}
"""Endings, in lower case, of the files in a folder that are taken for pictures."""

SENTENCES = {
    "not_a_picture": "this is not a picture that can be read",
    "damaged": "this picture is damaged and cannot be read to its end",
    "too_large": "this picture has too many pixels; give a smaller copy",
}
"""What is said of a file, by the reason for which it cannot be read."""


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
        failures = _print_answers(arguments.paths, _json_line if arguments.json else _text_line)
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


def _print_answers(paths: list[Path], line) -> int:
    """Answer on stdout, name what cannot be read on stderr, and count the latter."""
    files, failures = [], 0
    for path in paths:
        found = _pictures(path)
        files += found
        if not found:
            failures += 1
            is_folder = os.path.isdir(path)
            missing = "there is no picture in this folder" if is_folder else "there is no such file"
            print(f"{path}: {missing}", file=sys.stderr)
    if not files:
        return failures
    with tqdm(total=len(files), unit=" pictures", disable=None) as progress:
        for file, answer in _answers(files):
            if isinstance(answer, str):
                failures += 1
                tqdm.write(f"{file}: {answer}", file=sys.stderr)
            else:
                tqdm.write(line(file, max(answer, key=answer.get), answer))
            progress.update()
    return failures


def _pictures(path: Path) -> list[Path]:
    """The file itself, whatever it is called, or the pictures in a folder and all below it."""
    # Unlike their namesakes of Path, these take what may not be looked at for absent.
    if not os.path.isdir(path):
        return [path] if os.path.exists(path) else []
    return [
        file
        for file in sorted(path.rglob("*"))
        # Beside a picture, some systems keep a hidden file of the same ending.
        if file.suffix.lower() in SUFFIXES and not file.name.startswith(".") and file.is_file()
    ]


def _answers(files: list[Path]) -> Iterator[tuple[Path, dict[str, float] | str]]:
    """Each file, in order, with its confidences or a sentence that says why there are none."""
    # Importing TensorFlow takes seconds; what is wrong with the paths is said before.
    from model.classifier import Classifier, softmax
    from model.weights import bundled_weights

    release = read_release()
    # The Hub could only give the same bytes, since their sha256 is fixed, and no sooner.
    classifier = Classifier(release, bundled_weights(release))

    def load(file: Path) -> np.ndarray | str:
        try:
            return network_input(read_picture(file), classifier.input_size)
        except UnreadablePicture as error:
            return SENTENCES[error.reason]
        except OSError as error:
            return f"this file cannot be opened ({error.strerror})"

    with ThreadPoolExecutor() as pool:
        for start in range(0, len(files), BATCH):
            batch = files[start : start + BATCH]
            loaded = list(pool.map(load, batch))
            inputs = [content for content in loaded if not isinstance(content, str)]
            if inputs:
                rows = iter(softmax(classifier.logits(np.stack(inputs)), release.temperature))
            for file, content in zip(batch, loaded, strict=True):
                if isinstance(content, str):
                    yield file, content
                else:
                    yield file, dict(zip(release.labels, next(rows).tolist(), strict=True))


def _text_line(file: Path, label: str, confidences: dict[str, float]) -> str:
    columns = (f"{name} {confidence:.4f}" for name, confidence in confidences.items())
    return "\t".join((str(file), label, *columns))


def _json_line(file: Path, label: str, confidences: dict[str, float]) -> str:
    return json.dumps({"path": str(file), "label": label, "confidences": confidences})


if __name__ == "__main__":
    main()
