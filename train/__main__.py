"""python -m train {fit}: see python -m train COMMAND --help."""

import argparse
import sys
from pathlib import Path

from model.release import ReleaseError
from train.errors import UserError


def main() -> None:
    """Run one command; an error the user can mend is one line and exit status 1."""
    parser = argparse.ArgumentParser(prog="python -m train", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _add_fit(commands)
    arguments = vars(parser.parse_args())
    run = arguments.pop("run")
    try:
        run(**arguments)
    except (UserError, ReleaseError) as error:
        sys.exit(f"error: {error}")


def _add_fit(commands) -> None:
    parser = commands.add_parser("fit", help="train a network by a recipe, or resume doing so")
    parser.add_argument("--recipe", required=True, help="a module of train/recipes")
    parser.add_argument("--data", required=True, type=Path, help="[split/]class/…/picture")
    parser.add_argument("--out", required=True, type=Path, help="folder of the run")
    parser.set_defaults(run=_fit)


def _fit(recipe: str, data: Path, out: Path) -> None:
    from train.fit import fit
    from train.recipes import load_recipe

    fit(recipe, load_recipe(recipe), data, out)


if __name__ == "__main__":
    main()
