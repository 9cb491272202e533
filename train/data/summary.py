"""Summarise a dataset before training on it."""

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from model.decoding.file_formats import count_by_suffix
from model.release import LABELS
from train.data.dataset import LabelledImage, count_by_class, find_ignored

NAMED = 5
"""Maximum number of folders or files that a line of the summary names."""


def summarize(
    data: list[Path], splits: dict[str, list[LabelledImage]], labels: Sequence[str] = LABELS
) -> str:
    """Describe the images to train and to validate on, and what is ignored or given twice.

    Args:
        data: folders of the dataset.
        splits: its images, by split.
        labels: its labels.

    Returns:
        Lines of text.
    """
    lines = [_counts(name, splits[name], labels) for name in ("train", "val")]
    sources = [{(image.label, image.source) for image in splits[name]} for name in ("train", "val")]
    if sources[0] & sources[1]:
        lines.append(
            "val has images of the same sources as train: its metrics do NOT show how well the "
            "network recognises images from elsewhere"
        )
    for folder in data:
        folders, files = find_ignored(folder, labels)
        if folders:
            names = _names(folders)
            lines.append(f"{folder}: ignored folders without a label (see --labels): {names}")
        if files:
            kinds = count_by_suffix(files)
            lines.append(f"{folder}: {len(files)} files of other kinds ignored: {kinds}")
    lines += _repeated(splits["train"] + splits["val"])
    return "\n".join(lines)


def _counts(name: str, images: list[LabelledImage], labels: Sequence[str]) -> str:
    sources = len({(image.label, image.source) for image in images})
    classes = ", ".join(
        f"{label} {count:,}" for label, count in count_by_class(images, labels).items()
    )
    return f"{name}: {len(images):,} images of {sources} sources ({classes})"


def _repeated(images: list[LabelledImage]) -> list[str]:
    """Describe the images whose content is given more than once."""
    by_size = defaultdict(list)
    for image in images:
        by_size[image.path.stat().st_size].append(image)
    by_content = defaultdict(list)
    for group in by_size.values():
        for image in group if len(group) > 1 else ():
            by_content[hashlib.sha256(image.path.read_bytes()).digest()].append(image)
    repeated = [group for group in by_content.values() if len(group) > 1]
    contradictory = [group for group in repeated if len({image.label for image in group}) > 1]
    lines = []
    for what, groups in (("in two classes", contradictory), ("given twice", repeated)):
        if groups:
            example = _names([image.path for image in groups[0]])
            lines.append(f"images {what}: {len(groups):,}, such as {example}")
    return lines


def _names(paths: list[Path]) -> str:
    more = f" and {len(paths) - NAMED} more" if len(paths) > NAMED else ""
    return ", ".join(map(str, paths[:NAMED])) + more
