"""Load the splits of a dataset for evaluation."""

import dataclasses
from collections.abc import Iterable
from functools import cached_property
from pathlib import Path

import numpy as np

from model.release import LABELS
from train.data.dataset import LabelledImage, drop_unreadable, read_dataset, require_split


@dataclasses.dataclass(frozen=True)
class Split:
    """Readable images with the label and source of each."""

    images: list[LabelledImage]

    @cached_property
    def labels(self) -> np.ndarray:
        """True labels: int array (images,) of indices into ``LABELS``."""
        return np.array([LABELS.index(image.label) for image in self.images])

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
        return Split([image for image, keep in zip(self.images, chosen, strict=True) if keep])


def load_splits(
    data: list[Path], names: Iterable[str], if_present: Iterable[str] = ()
) -> dict[str, Split]:
    """Load splits of a dataset, without the images that cannot be decoded.

    Args:
        data: folders of the dataset.
        names: the splits to load.
        if_present: splits to load before them if the dataset has them.

    Raises:
        UserError: the folder is not a dataset, a split is missing, or a class in it is empty.
    """
    tree = read_dataset(data)
    present = [name for name in if_present if name in tree]
    images = {name: require_split(tree, name) for name in (*present, *names)}
    return {name: Split(drop_unreadable(images[name], name)[0]) for name in images}
