"""A folder of pictures -> lists of labelled pictures, by split."""

import dataclasses
import random
from collections import Counter, defaultdict
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tqdm import tqdm

from model.imaging import UnreadableImage, read_image
from model.release import LABELS
from train.errors import UserError

CLASS_FOLDERS = {
    "brain": "brain",
    "cerveau": "brain",
    "lung": "lung",
    "poumon": "lung",
    "other": "other",
    "autres": "other",
}
"""Names a class folder may have, in lower case; the French ones are the original project's."""

SPLIT_FOLDERS = {"training": "train", "valid": "val", "validation": "val"}
"""Other names of the two splits that training needs; any further split keeps its own name."""

SUFFIXES = {
    ".avif", ".bmp", ".dcm", ".gif", ".jp2", ".jpeg", ".jpg", ".png", ".tif", ".tiff", ".webp",
}  # fmt: skip

VALIDATION_SHARE = 0.2
DIVISION_SEED = 0


@dataclasses.dataclass(frozen=True)
class LabelledImage:
    """A picture file, its class and its source.

    ``source`` is the first folder below the class folder, or the class itself without one.
    """

    path: Path
    label: str
    source: str


def read_tree(root: Path) -> dict[str, list[LabelledImage]]:
    """List the pictures below a folder, by split.

    The folder is either ``<split>/<class>/…/picture`` or ``<class>/…/picture``. Without a ``val``
    split, a fifth of the training pictures of every class, drawn with a fixed seed, becomes it.

    Raises:
        UserError: the folder is missing, or holds no class folders, or a class is empty.
    """
    root = Path(root)
    if not root.is_dir():
        raise UserError(f"{root} is not a folder; give one with brain, lung and other inside")
    if _class_folders(root):
        splits = {"train": _read_classes(root)}
    else:
        splits = defaultdict(list)
        for folder in sorted(child for child in root.iterdir() if child.is_dir()):
            if _class_folders(folder):
                name = folder.name.lower()
                splits[SPLIT_FOLDERS.get(name, name)] += _read_classes(folder)
    if not splits:
        raise UserError(f"{root} holds no class folders; name them brain, lung and other")
    if "train" in splits and "val" not in splits:
        splits["train"], splits["val"] = _divide(splits["train"])
    return splits


def require_split(splits: dict, name: str, root: Path) -> list[LabelledImage]:
    """The pictures of one split.

    Raises:
        UserError: there is no such split.
    """
    if name not in splits:
        raise UserError(f"{root} has no split {name!r}; it has: {', '.join(splits)}")
    return splits[name]


def drop_unreadable(
    pictures: list[LabelledImage], title: str
) -> tuple[list[LabelledImage], list[Path]]:
    """Decode every picture once and set aside those that cannot be read, naming each.

    Returns:
        The readable pictures, in order, and the paths of the others.

    Raises:
        UserError: no readable picture is left of some class.
    """
    with ThreadPoolExecutor() as pool:
        checks = pool.map(_is_readable, pictures)
        readable = list(tqdm(checks, total=len(pictures), desc=f"checking {title}", unit=" pict."))
    bad = [picture.path for picture, good in zip(pictures, readable, strict=True) if not good]
    for path in bad:
        print(f"skipped, not a readable picture: {path}")
    if bad:
        print(f"{title}: {len(bad)} of {len(pictures)} pictures skipped")
    kept = [picture for picture, good in zip(pictures, readable, strict=True) if good]
    _require_every_class(kept, title)
    return kept, bad


def count_by_class(pictures: list[LabelledImage]) -> dict[str, int]:
    """Number of pictures of each label, in the order of ``LABELS``."""
    counts = Counter(picture.label for picture in pictures)
    return {label: counts[label] for label in LABELS}


def _class_folders(folder: Path) -> list[Path]:
    return sorted(
        child
        for child in folder.iterdir()
        if child.is_dir() and child.name.lower() in CLASS_FOLDERS
    )


def _read_classes(folder: Path) -> list[LabelledImage]:
    pictures = []
    for class_folder in _class_folders(folder):
        label = CLASS_FOLDERS[class_folder.name.lower()]
        for path in sorted(class_folder.rglob("*")):
            if path.suffix.lower() in SUFFIXES and path.is_file():
                inner = path.relative_to(class_folder).parts
                pictures.append(LabelledImage(path, label, inner[0] if inner[1:] else label))
    _require_every_class(pictures, str(folder))
    return pictures


def _require_every_class(pictures: list[LabelledImage], where: str) -> None:
    empty = [label for label, count in count_by_class(pictures).items() if not count]
    if empty:
        raise UserError(f"{where}: no readable picture of {', '.join(empty)}; add some")


def _divide(pictures: list[LabelledImage]) -> tuple[list, list]:
    by_class = defaultdict(list)
    for picture in pictures:
        by_class[picture.label].append(picture)
    train, val = [], []
    for label, members in by_class.items():
        if len(members) < 2:
            raise UserError(
                f"one picture of {label} cannot be divided into train and val; add some"
            )
        generator = random.Random(DIVISION_SEED)  # nosec B311  # repeatable, guards nothing
        shuffled = generator.sample(members, len(members))
        cut = max(1, round(VALIDATION_SHARE * len(shuffled)))
        val += shuffled[:cut]
        train += shuffled[cut:]
    return train, val


def _is_readable(picture: LabelledImage) -> bool:
    try:
        read_image(picture.path)
    except (UnreadableImage, OSError):
        return False
    return True
