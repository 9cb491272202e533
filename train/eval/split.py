"""Load the splits of a dataset for evaluation."""

import dataclasses
from collections.abc import Iterable
from functools import cached_property

import numpy as np

from model.release import LABELS
from train.data.dataset import Dataset, LabelledImage, drop_unreadable

SEED = 0
"""Seed that chooses the image of each source."""


@dataclasses.dataclass(frozen=True)
class Split:
    """Readable images with the label and source of each; ``labels`` gives the labels an order."""

    images: list[LabelledImage]
    labels: tuple[str, ...] = LABELS

    @cached_property
    def targets(self) -> np.ndarray:
        """True labels: int array (images,) of indices into ``labels``."""
        return np.array([self.labels.index(image.label) for image in self.images])

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
        return Split(kept, self.labels)


def load_splits(
    data: Dataset, names: Iterable[str], if_present: Iterable[str] = ()
) -> dict[str, Split]:
    """Load splits of a dataset, without the images that cannot be decoded.

    Args:
        data: the dataset.
        names: the splits to load.
        if_present: splits to load before them if the dataset has them.

    Raises:
        UserError: a split is missing, or a class in it has no readable image.
    """
    present = [name for name in if_present if name in data]
    images = {name: data.require(name) for name in (*present, *names)}
    return {name: Split(drop_unreadable(images[name], name)[0], data.labels) for name in images}


def load_one_per_source(data: Dataset, name: str) -> Split:
    """Load one image of each source of a split, chosen by a fixed seed.

    Raises:
        UserError: the split is missing, or a class in it has no readable image.
    """
    images = data.require(name)
    sources = {}
    for image in sorted(images, key=lambda image: image.path):
        sources.setdefault((image.label, image.source), []).append(image)
    rng = np.random.default_rng(SEED)
    chosen = [sources[key][rng.integers(len(sources[key]))] for key in sorted(sources)]
    return Split(drop_unreadable(chosen, name)[0], data.labels)
