"""Load the splits of a dataset for evaluation."""

import dataclasses
from collections.abc import Iterable
from functools import cached_property
from pathlib import Path

import numpy as np

from model.release import LABELS
from train.data.dataset import LabelledImage, drop_unreadable, read_dataset, require_split

SEED = 0
"""Seed that chooses the image of each source."""


@dataclasses.dataclass(frozen=True)
class Split:
    """Readable images with the label and source of each; ``classes`` orders the labels."""

    images: list[LabelledImage]
    classes: tuple[str, ...] = LABELS

    @cached_property
    def labels(self) -> np.ndarray:
        """True labels: int array (images,) of indices into ``classes``."""
        return np.array([self.classes.index(image.label) for image in self.images])

    @cached_property
    def sources(self) -> np.ndarray:
        """Sources as "class/source": str array (images,)."""
        return np.array([f"{image.label}/{image.source}" for image in self.images])

    @property
    def counts(self) -> dict[str, int]:
        """Numbers of "images" and "sources"."""
        return {"images": len(self.images), "sources": len(set(self.sources))}

    def select(self, chosen: np.ndarray) -> "Split":
        """Return the images that a bool array (images,) selects."""
        kept = [image for image, keep in zip(self.images, chosen, strict=True) if keep]
        return Split(kept, self.classes)


def load_splits(
    data: list[Path],
    names: Iterable[str],
    if_present: Iterable[str] = (),
    classes: tuple[str, ...] = LABELS,
) -> dict[str, Split]:
    """Load splits of a dataset, without the images that cannot be decoded.

    Args:
        data: folders of the dataset.
        names: the splits to load.
        if_present: splits to load before them if the dataset has them.
        classes: the labels, in the order of their indices.

    Raises:
        UserError: the folder is not a dataset, a split is missing, or a class in it is empty.
    """
    tree = read_dataset(data, classes)
    present = [name for name in if_present if name in tree]
    images = {name: require_split(tree, name) for name in (*present, *names)}
    return {name: Split(drop_unreadable(images[name], name)[0], classes) for name in images}


def load_one_per_source(data: list[Path], name: str, classes: tuple[str, ...]) -> Split:
    """Load one image of each source of a split, chosen by a fixed seed.

    Args:
        data: folders of the dataset.
        name: the split.
        classes: the labels, in the order of their indices.

    Raises:
        UserError: the folder is not a dataset, the split is missing, or a class in it is empty.
    """
    images = require_split(read_dataset(data, classes), name)
    sources = {}
    for image in sorted(images, key=lambda image: image.path):
        sources.setdefault((image.label, image.source), []).append(image)
    rng = np.random.default_rng(SEED)
    chosen = [sources[key][rng.integers(len(sources[key]))] for key in sorted(sources)]
    return Split(drop_unreadable(chosen, name)[0], classes)
