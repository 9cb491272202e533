"""Where the pictures came from: one row per source, with counts and licence."""

import csv
from collections import Counter
from pathlib import Path

from train.data.dataset import LabelledImage

COLUMNS = ("class", "source", "train", "val", "external", "origin", "licence")


def write_origins(splits: dict[str, list[LabelledImage]], data: Path, file: Path) -> None:
    """Write the sources of all splits as CSV with ``COLUMNS``.

    Origin and licence are taken from a sources.csv at the top of the folder of pictures, where
    there is one with columns class, source, origin and licence.
    """
    stated = _stated_origins(data / "sources.csv")
    counts = {
        split: Counter((picture.label, picture.source) for picture in pictures)
        for split, pictures in splits.items()
    }
    with open(file, "w", newline="", encoding="utf-8") as opened:
        writer = csv.DictWriter(opened, COLUMNS, restval="", lineterminator="\n")
        writer.writeheader()
        for label, source in sorted({key for counter in counts.values() for key in counter}):
            row = {"class": label, "source": source, **stated.get((label, source), {})}
            for split in ("train", "val", "external"):
                row[split] = counts.get(split, {}).get((label, source), 0)
            writer.writerow(row)


def _stated_origins(file: Path) -> dict[tuple[str, str], dict[str, str]]:
    if not file.is_file():
        return {}
    with open(file, newline="", encoding="utf-8") as opened:
        reader = csv.DictReader(opened)
        if not {"class", "source", "origin", "licence"} <= set(reader.fieldnames or ()):
            return {}
        return {
            (row["class"], row["source"]): {key: row[key] for key in ("origin", "licence")}
            for row in reader
        }
