"""One file per network: its settings, the command, the figures it reached."""

import dataclasses
import importlib
import pkgutil

from train.errors import UserError


@dataclasses.dataclass(frozen=True)
class Recipe:
    """How one network is trained, with Adam.

    ``start``: the weights to start from, "random", "imagenet" or "released" (those that
    ``model/release.json`` names). ``frozen``: train the last layer alone.
    ``augmented``: vary every picture at random.
    ``draws``: pictures per epoch, drawn evenly over classes and sources; without it an epoch is
    every picture once. ``nothing``: the share of draws that become made-up pictures of nothing,
    labelled other. ``decay``: let the learning rate rise over the first twentieth of the steps,
    then fall to zero along a cosine.
    """

    network: str
    batch: int
    epochs: int
    start: str = "random"
    frozen: bool = False
    augmented: bool = False
    draws: int | None = None
    nothing: float = 0.0
    learning_rate: float = 0.001
    decay: bool = False
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
