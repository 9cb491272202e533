"""A small dataset, and a network that trains on it within a second."""

import contextlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from train.data.dataset import read_dataset

EXAMPLES = Path(__file__).parents[2] / "examples"

IMAGES = {
    "brain": ("brain-mri.png", "brain-mri-contrast.png"),
    "lung": ("lung-ct.png", "lung-ct-coronal.png"),
    "other": ("landscape.jpg", "landscape.jpg"),
}
"""The images of which crops stand for the two sources of each class."""


@pytest.fixture(scope="session")
def write_images():
    """Return a function that fills a folder with crops of the images of one class."""
    opened = {
        label: [Image.open(EXAMPLES / name).convert("RGB") for name in names]
        for label, names in IMAGES.items()
    }

    def write(folder: Path, label: str, count: int, source: int = 0, seed: int = 0) -> list[Path]:
        folder.mkdir(parents=True, exist_ok=True)
        rng = np.random.default_rng([seed, source, len(label)])
        files = []
        for i in range(count):
            image = opened[label][source]
            side = int(rng.integers(200, 400))
            left, top = (int(rng.integers(length - side)) for length in image.size)
            crop = image.crop((left, top, left + side, top + side)).resize((40, 40))
            files.append(folder / f"{i}.{('png', 'jpg')[i % 2]}")
            crop.save(files[-1])
        return files

    return write


@pytest.fixture(scope="session")
def write_tree(write_images):
    """Return a function that writes N images to each <split>/<class>/<source>/, by ``split=N``."""

    def write(root: Path, **splits: int) -> Path:
        for seed, (split, count) in enumerate(splits.items()):
            for label in IMAGES:
                for source in (0, 1):
                    folder = root / split / label / f"{split}-{'ab'[source]}"
                    write_images(folder, label, count, source, seed)
        return root

    return write


@pytest.fixture(scope="session")
def tiny_network():
    """Name of a network that trains in a second, with every kind of state that a run restores."""
    import keras
    from keras import layers

    from train.networks import NETWORKS

    def tiny(outputs=3):
        return keras.Sequential(
            [
                keras.Input((16, 16, 3)),
                layers.Rescaling(1 / 255),
                layers.Conv2D(4, 3, activation="relu"),
                layers.BatchNormalization(momentum=0.8),
                layers.Flatten(),
                layers.Dropout(0.3),
                layers.Dense(outputs),
            ]
        )

    NETWORKS["tiny"] = tiny
    yield "tiny"
    del NETWORKS["tiny"]


@pytest.fixture(scope="session")
def tiny_recipe(tiny_network):
    from train.recipes import Recipe

    return Recipe(network=tiny_network, batch_size=5, epochs=2)


@pytest.fixture(scope="session")
def tree(tmp_path_factory, write_tree):
    """A dataset of three splits; tests must not change it."""
    return write_tree(tmp_path_factory.mktemp("tree"), train=4, val=2, external=4)


@contextlib.contextmanager
def _uncompiled():
    import tensorflow as tf

    tf.config.run_functions_eagerly(True)
    try:
        yield
    finally:
        tf.config.run_functions_eagerly(False)


@pytest.fixture(scope="module")
def uncompiled():
    """Networks run step by step: the tiny one trains faster than it is compiled."""
    with _uncompiled():
        yield


@pytest.fixture(scope="session")
def run(tmp_path_factory, tree, tiny_recipe):
    """The folder of a finished run; tests must not change it."""
    from train.fit import fit

    out = tmp_path_factory.mktemp("runs") / "tiny"
    with _uncompiled():
        fit("tiny", tiny_recipe, read_dataset([tree]), out)
    return out


@pytest.fixture(scope="module")
def fewer_resamples():
    """Bootstrap intervals from few resamples, to save time."""
    from train.eval import metrics

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(metrics, "RESAMPLES", 5)
        yield


@pytest.fixture
def no_plots(monkeypatch):
    """Plots are empty files, to save time."""
    from train.eval import plots

    def save(figure, file):
        plots.plt.close(figure)
        file.touch()

    monkeypatch.setattr(plots, "_save", save)
