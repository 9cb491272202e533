"""Recipes: one module per network that is trained, with its settings, command and result."""

import dataclasses
import importlib
import pkgutil

from train.errors import UserError


@dataclasses.dataclass(frozen=True)
class Recipe:
    """Settings of a training run. The optimizer is Adam."""

    network: str
    """Name of the network in ``train.networks.NETWORKS``."""

    batch_size: int
    """Number of images per training step."""

    epochs: int
    """Number of epochs to train."""

    initial_weights: str = "random"
    """Start from "random" or "imagenet" weights, or from "released", as in model/release.json."""

    frozen_layers: int = 0
    """Number of layers, from the input, that keep their weights; -1 trains only the last layer."""

    training_size: int | None = None
    """Train on inputs of this side, in pixels, smaller than those that the network takes later.

    A network that was trained on augmented crops recognises more at a somewhat larger size: Touvron
    et al. 2019, "Fixing the train-test resolution discrepancy".
    """

    augmented: bool = False
    """Apply random augmentation to every training image."""

    sources: tuple[str, ...] = ()
    """Train and validate on these sources only, as "class/source"; without any, on all."""

    samples_per_epoch: int | None = None
    """Draw this many images, evenly over classes; without it, take each image once."""

    source_exponent: float = 0.5
    """Draw from a source in proportion to this power of its number of images."""

    negative_fraction: float = 0.0
    """Share of samples to replace by synthetic negatives, labelled other."""

    rendering_fraction: float = 0.0
    """Share of samples to replace by synthetic renderings of the same label."""

    learning_rate: float = 0.001
    """Learning rate, or its peak with ``cosine_schedule``."""

    cosine_schedule: bool = False
    """Warm up over the first twentieth of all steps, then decay to zero along a cosine."""

    replay_fraction: float = 0.0
    """Share of the loss on kept features of earlier images (``train.replay``). Above 0, only the
    last layer of the released network, whichever it is, is trained on features (``train.adapt``).
    """

    seed: int = 0
    """Seed of the initial weights, the sampling, the augmentation and dropout."""


def load_recipe(name: str) -> Recipe:
    """Return the ``RECIPE`` of a module in ``train/recipes``.

    Raises:
        UserError: there is no such module.
    """
    known = [module.name for module in pkgutil.iter_modules(__path__)]
    if name not in known:
        raise UserError(f"there is no recipe {name!r}; choose one of: {', '.join(known)}")
    return importlib.import_module(f"train.recipes.{name}").RECIPE
