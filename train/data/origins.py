"""Write where the images of a dataset come from, by source, with counts and licence."""

import csv
import io
from collections import Counter
from pathlib import Path

from train.data.dataset import CLASS_FOLDERS, LabelledImage
from train.errors import UserError

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

    Raises:
        UserError: a sources.csv is not in UTF-8.
    """
    stated = {}
    for folder in data:
        stated |= _stated_origins(folder / "sources.csv")
    counts = {
        split: Counter((image.label, image.source) for image in splits.get(split, ()))
        for split in splits.keys() | SPLITS
    }
    # A folder of an old archive may have a name that is not text.
    with open(file, "w", newline="", encoding="utf-8", errors="replace") as opened:
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
    """Read the rows of a CSV file by class and source; none if the file or a column is missing."""
    if not file.is_file():
        return {}
    try:
        text = file.read_text(encoding="utf-8-sig")
    except ValueError as error:
        raise UserError(f"{file} is not in UTF-8; save it as CSV UTF-8") from error
    # Where commas are decimal, Excel separates by semicolons.
    delimiter = "," if "," in text.partition("\n")[0] else ";"
    reader = csv.DictReader(io.StringIO(text), delimiter=delimiter)
    if not {"class", "source"} <= set(reader.fieldnames or ()):
        print(f"{file} has no columns class and source; nothing is taken from it")
        return {}
    return {(_label(row["class"]), row["source"]): row for row in reader}


def _label(name: str) -> str:
    return CLASS_FOLDERS.get(name.lower(), name)
