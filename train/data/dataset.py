"""Read a dataset: folders of images sorted by class and, optionally, by split."""

import dataclasses
import functools
import hashlib
import os
import shlex
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from PIL import Image
from tqdm import tqdm

from model.decoding.file_formats import files_below, is_image_file
from model.imaging import UnreadableImage, read_image
from model.release import LABELS, are_labels
from train.errors import UserError

CLASS_FOLDERS = {
    **dict.fromkeys(("brain", "brains", "cerveau", "cerveaux"), "brain"),
    **dict.fromkeys(("lung", "lungs", "poumon", "poumons"), "lung"),
    **dict.fromkeys(("other", "others", "autre", "autres"), "other"),
}
"""Our label by the name of the class folder in lower case; the original project used French."""

SPLIT_FOLDERS = {"training": "train", "valid": "val", "validation": "val"}
"""Common names of the splits train and val; any other split has the name of its folder."""

VALIDATION_FRACTION = 0.2
"""Share of the training images that become the validation split of a dataset without one."""

MIN_SOURCES = 4
"""Minimum number of sources of each class for setting aside whole sources for validation."""

Transform = Callable[[Image.Image, np.random.Generator], Image.Image]
"""Function that takes an RGB image and a generator, and returns another RGB image."""


@dataclasses.dataclass(frozen=True)
class LabelledImage:
    """An image file with its label and its source.

    Attributes:
        path: the image file.
        label: the label, which its class folder determines.
        source: name of the folder directly below the class folder; the label if there is none.
    """

    path: Path
    label: str
    source: str


class Dataset(dict[str, list[LabelledImage]]):
    """The images of a dataset by split.

    Args:
        splits: the images by split.
        folders: the folders that contain them.
        labels: their labels, in the order of a network's outputs.

    Attributes:
        folders: as given.
        labels: as given.
    """

    def __init__(
        self,
        splits: Mapping[str, list[LabelledImage]],
        folders: Sequence[Path],
        labels: Sequence[str],
    ):
        super().__init__(splits)
        self.folders, self.labels = tuple(folders), tuple(labels)

    def require(self, name: str) -> list[LabelledImage]:
        """Return the images of one split.

        Raises:
            UserError: the dataset has no split of that name.
        """
        if name not in self:
            raise UserError(f"the dataset has no split {name!r}; it has: {', '.join(self)}")
        return self[name]


def read_dataset(folders: Sequence[Path], labels: Sequence[str] = LABELS) -> Dataset:
    """List the images of a dataset by split.

    Each folder is laid out as ``<split>/<class>/…/image`` or ``<class>/…/image``. Several folders
    are merged by split, class and source. In a folder without a split ``val``, about a fifth of the
    training images of each class become it: whole sources if every class has ``MIN_SOURCES``,
    otherwise single images.

    The choice depends on names, so that adding images does not move training images to ``val``. It
    does when all classes reach ``MIN_SOURCES``, or when a source that had more than two fifths of
    its class no longer does.

    Args:
        folders: the folders.
        labels: which class folders to read, in the order of a network's outputs.

    Raises:
        UserError: a folder is missing, has no class folders or is given twice, a class of a split
            is empty, or a source or a file of train or val is in another split too.
    """
    folders = [Path(folder) for folder in folders]
    for folder, times in Counter(folder.resolve() for folder in folders).items():
        if times > 1:
            raise UserError(f"{folder} is given {times} times; give it once")
    splits = defaultdict(list)
    for folder in folders:
        for name, images in _read_folder(folder, labels).items():
            splits[name] += images
    for name, images in splits.items():
        _require_every_class(images, labels, f"{name} of {', '.join(map(str, folders))}")
    _require_separate_splits(splits)
    return Dataset(splits, folders, labels)


def drop_unreadable(
    images: list[LabelledImage], split: str
) -> tuple[list[LabelledImage], list[Path]]:
    """Decode every image once; drop those that fail and print their paths.

    Args:
        images: the images of a split.
        split: its name, for messages.

    Returns:
        The readable images, in order, and the paths of the unreadable ones.

    Raises:
        UserError: a class has no readable image.
    """
    with ThreadPoolExecutor() as pool:
        checks = pool.map(_is_readable, images)
        readable = list(tqdm(checks, f"checking {split}", len(images), unit=" images"))
    dropped = [image.path for image, good in zip(images, readable, strict=True) if not good]
    for path in dropped:
        print(f"skipped, not a readable image: {path}")
    if dropped:
        print(f"{split}: {len(dropped)} of {len(images)} images skipped")
    kept = [image for image, good in zip(images, readable, strict=True) if good]
    _require_every_class(kept, sorted({image.label for image in images}), split)
    return kept, dropped


def count_by_class(images: list[LabelledImage], labels: Sequence[str] = LABELS) -> dict[str, int]:
    """Return the number of images of each label, in the order of the labels."""
    counts = Counter(image.label for image in images)
    return {label: counts[label] for label in labels}


def _read_folder(root: Path, labels: Sequence[str]) -> dict[str, list[LabelledImage]]:
    named = f"{', '.join(labels[:-1])} and {labels[-1]}"
    if not root.is_dir():
        raise UserError(f"{root} is not a folder; give one with {named} inside")
    if _class_folders(root, labels):
        splits = {"train": _read_classes(root, labels)}
    else:
        splits = defaultdict(list)
        for folder in _subfolders(root):
            if _class_folders(folder, labels):
                name = folder.name.lower()
                splits[SPLIT_FOLDERS.get(name, name)] += _read_classes(folder, labels)
    if not splits:
        raise UserError(f"{root} has no class folders; name them {named}{_other_labels(root)}")
    if "train" in splits and "val" not in splits:
        splits["train"], splits["val"] = _train_val_split(splits["train"])
    return splits


def _require_separate_splits(splits: dict[str, list[LabelledImage]]) -> None:
    """Refuse to evaluate on a source or a file of train or val."""
    fitted = [image for name in ("train", "val") for image in splits.get(name, ())]
    # The source of images directly in a class folder is their label.
    sources = {(image.label, image.source) for image in fitted if image.source != image.label}
    by_size = defaultdict(list)
    for image in fitted:
        by_size[image.path.stat().st_size].append(image.path)
    digest = functools.cache(lambda path: hashlib.sha256(path.read_bytes()).digest())
    for name in splits.keys() - {"train", "val"}:
        for image in splits[name]:
            if (image.label, image.source) in sources:
                raise UserError(
                    f"the source {image.label}/{image.source} is in train or val and in {name}; "
                    "keep it in one of them"
                )
            size = image.path.stat().st_size
            for path in by_size[size] if size else ():
                if digest(path) == digest(image.path):
                    raise UserError(f"{path} and {image.path} are the same; delete one of them")


def _other_labels(root: Path) -> str:
    """Suggest training on the class folders that exist."""
    splits = {"train", "val", *SPLIT_FOLDERS}
    parents = [folder for folder in _subfolders(root) if folder.name.lower() in splits] or [root]
    names = sorted({folder.name for parent in parents for folder in _subfolders(parent)})
    names = [name for name in names if are_labels([name, "other name"])]
    return f", or train on other classes: fit --labels {shlex.join(names)}" if names[1:] else ""


def find_ignored(root: Path, labels: Sequence[str] = LABELS) -> tuple[list[Path], list[Path]]:
    """List what ``read_dataset`` ignores in a folder of a dataset.

    Returns:
        The folders without a label beside class folders, and the files in class folders that are
        not images.
    """
    folders, files = [], []
    for parent in (root, *_subfolders(root)):
        classes = _class_folders(parent, labels)
        if classes:
            folders += [folder for folder in _subfolders(parent) if folder not in classes]
        for folder in classes:
            files += [f for f in _files_below(folder) if f.is_file() and not is_image_file(f)]
        if classes and parent == root:
            break
    return folders, files


def _class_folders(folder: Path, labels: Sequence[str]) -> list[Path]:
    return [child for child in _subfolders(folder) if _label_of(child, labels)]


def _subfolders(folder: Path) -> list[Path]:
    try:
        return sorted(child for child in folder.iterdir() if os.path.isdir(child))
    except OSError as error:
        raise UserError(f"{folder} cannot be opened ({error.strerror})") from error


def _label_of(folder: Path, labels: Sequence[str]) -> str | None:
    """Return the label of a class folder, in any case; our labels have other spellings too."""
    known = {label.lower(): label for label in labels}
    # macOS may write an accent as a character of its own.
    name = unicodedata.normalize("NFC", folder.name).lower()
    return known.get(name) or known.get(CLASS_FOLDERS.get(name))


def _read_classes(folder: Path, labels: Sequence[str]) -> list[LabelledImage]:
    images = []
    for class_folder in _class_folders(folder, labels):
        label = _label_of(class_folder, labels)
        for path in _files_below(class_folder):
            if is_image_file(path):
                inner = path.relative_to(class_folder).parts
                images.append(LabelledImage(path, label, inner[0] if inner[1:] else label))
    return images


def _files_below(folder: Path) -> list[Path]:
    files, closed = files_below(folder)
    for subfolder, why in closed.items():
        raise UserError(f"{subfolder} cannot be opened ({why})")
    return files


def _require_every_class(images: list[LabelledImage], labels: Sequence[str], where: str) -> None:
    empty = [label for label, count in count_by_class(images, labels).items() if not count]
    if empty:
        raise UserError(f"{where}: no readable image of {', '.join(empty)}; add some")


def _train_val_split(images: list[LabelledImage]) -> tuple[list, list]:
    by_class = defaultdict(lambda: defaultdict(list))
    for image in images:
        by_class[image.label][f"{image.label}/{image.source}"].append(image)
    by_source = all(len(sources) >= MIN_SOURCES for sources in by_class.values())
    train, val = [], []
    for groups in by_class.values():
        members = [image for group in groups.values() for image in group]
        if not by_source:
            groups = defaultdict(list)
            for image in members:
                groups[f"{image.label}/{image.source}/{image.path.name}"].append(image)
        # A source with a large share of its class is for training.
        largest = max(1, 2 * VALIDATION_FRACTION * len(members))
        allowed = [name for name in groups if len(groups[name]) <= largest]
        allowed.sort(key=_hash_fraction)
        chosen = [name for name in allowed if _hash_fraction(name) < VALIDATION_FRACTION]
        chosen = chosen or allowed[:1]
        if len(chosen) == len(groups):
            chosen.pop()  # Keep at least one for training.
        chosen = set(chosen)
        for name, group in groups.items():
            (val if name in chosen else train).extend(group)
    return train, val


def _hash_fraction(name: str) -> float:
    """Map a name to a number from 0 to 1, by its hash."""
    return int.from_bytes(hashlib.sha256(os.fsencode(name)).digest()[:8]) / 2**64


def _is_readable(image: LabelledImage) -> bool:
    try:
        read_image(image.path)
    except (UnreadableImage, OSError):
        return False
    return True
