"""Write where the images of a dataset come from, by source, with counts and licence."""

import csv
from collections import Counter
from pathlib import Path

from train.data.dataset import LabelledImage

SPLITS = ("train", "val", "external")
"""Splits whose images are counted."""

STATED = ("origin", "licence")
"""Columns that sources.csv states for a class and source."""


def write_origins(
    splits: dict[str, list[LabelledImage]],
    data: list[Path],
    file: Path,
    earlier: Path | None = None,
) -> None:
    """Write a CSV file with one row per source: class, source, images per split, origin, licence.

    Args:
        splits: the images of the dataset, by split.
        data: folders of the dataset. Origin and licence are taken from the sources.csv of each, if
            it has the columns class, source, origin and licence; otherwise they are empty.
        file: the file to write.
        earlier: such a file about the images that the initial weights were trained on, whose
            sources are listed too.
    """
    stated = {}
    for folder in data:
        stated |= _stated_origins(folder / "sources.csv")
    counts = {
        split: Counter((image.label, image.source) for image in splits.get(split, ()))
        for split in splits.keys() | SPLITS
    }
    with open(file, "w", newline="", encoding="utf-8") as opened:
        columns = ("class", "source", *SPLITS, *STATED)
        writer = csv.DictWriter(opened, columns, restval="", lineterminator="\n")
        writer.writeheader()
        rows = _rows(earlier) if earlier else {}
        for key in set().union(*counts.values()):
            row = dict(zip(("class", "source"), key, strict=True)) | stated.get(key, {})
            rows[key] = row | {split: counts[split][key] for split in SPLITS}
        writer.writerows(rows[key] for key in sorted(rows))


def _stated_origins(file: Path) -> dict[tuple[str, str], dict[str, str]]:
    return {
        key: {column: row[column] for column in STATED}
        for key, row in _rows(file).items()
        if row.keys() >= set(STATED)
    }


def _rows(file: Path) -> dict[tuple[str, str], dict[str, str]]:
    """Read the rows of a CSV file by class and source; none if it is missing or lacks these."""
    if not file.is_file():
        return {}
    with open(file, newline="", encoding="utf-8") as opened:
        reader = csv.DictReader(opened)
        if not {"class", "source"} <= set(reader.fieldnames or ()):
            return {}
        return {(row["class"], row["source"]): row for row in reader}
