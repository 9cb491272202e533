"""One file per network: its settings, the command, the figures it reached."""

import dataclasses
import importlib
import pkgutil

from train.errors import UserError


@dataclasses.dataclass(frozen=True)
class Recipe:
    """How one network is trained, with Adam.

    ``initial_weights``: the weights to start from, "random", "imagenet" or "released" (those that
    ``model/release.json`` names). ``freeze_backbone``: train the last layer alone.
    ``augmented``: vary every picture at random.
    ``samples_per_epoch``: pictures per epoch, drawn evenly over classes and sources; without it an epoch is
    every picture once. ``negative_fraction``: the share of draws that become made-up pictures of nothing,
    labelled other. ``cosine_schedule``: let the learning rate rise over the first twentieth of the steps,
    then fall to zero along a cosine.
    """

    network: str
    batch_size: int
    epochs: int
    initial_weights: str = "random"
    freeze_backbone: bool = False
    augmented: bool = False
    samples_per_epoch: int | None = None
    negative_fraction: float = 0.0
    learning_rate: float = 0.001
    cosine_schedule: bool = False
    seed: int = 0


def load_recipe(name: str) -> Recipe:
    """The recipe of the module of that name.

    Raises:
        UserError: there is none.
    """
    known = [module.name for module in pkgutil.iter_modules(__path__)]
    if name not in known:
        raise UserError(f"there is no recipe {name!r}; there is: {', '.join(known)}")
    return importlib.import_module(f"train.recipes.{name}").RECIPE
