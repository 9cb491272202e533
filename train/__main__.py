"""The commands that make, measure and release weights: python -m train COMMAND --help."""

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
    _add_average(commands)
    _add_evaluate(commands)
    _add_compare(commands)
    _add_robustness(commands)
    _add_unlike(commands)
    _add_ablate(commands)
    _add_folds(commands)
    _add_shortcuts(commands)
    _add_keep(commands)
    _add_release(commands)
    _add_readme(commands)
    _add_publish(commands)
    arguments = vars(parser.parse_args())
    run = arguments.pop("run")
    try:
        run(**arguments)
    except (UserError, ReleaseError) as error:
        sys.exit(f"error: {error}")
    except KeyboardInterrupt:
        sys.exit("interrupted")


def _add_fit(commands) -> None:
    parser = commands.add_parser("fit", help="train a network by a recipe, or resume doing so")
    parser.add_argument("--recipe", required=True, help="a module of train/recipes")
    parser.add_argument("--data", required=True, type=Path, help="[split/]class/…/picture")
    parser.add_argument("--out", required=True, type=Path, help="folder of the run")
    parser.set_defaults(run=_fit)


def _fit(recipe: str, data: Path, out: Path) -> None:
    from train.recipes import load_recipe

    settings = load_recipe(recipe)
    # Imports of TensorFlow take seconds; what is wrong with the call is said before.
    from train.fit import fit

    fit(recipe, settings, data, out)


def _add_average(commands) -> None:
    parser = commands.add_parser("average", help="average the weights of runs from one start")
    parser.add_argument("--runs", required=True, type=Path, nargs="+", help="folders of runs")
    parser.add_argument("--data", required=True, type=Path, help="[split/]class/…/picture")
    parser.add_argument("--out", required=True, type=Path, help="folder of the average")
    parser.set_defaults(run=_average)


def _average(runs: list[Path], data: Path, out: Path) -> None:
    from train.export.average import average

    average(runs, data, out)


def _add_evaluate(commands) -> None:
    parser = commands.add_parser("evaluate", help="measure weights on a folder of pictures")
    parser.add_argument("--weights", required=True, type=Path, help="folder of a run, or model")
    parser.add_argument("--data", required=True, type=Path, help="[split/]class/…/picture")
    parser.add_argument("--split", default="external", help="measured, with val beside it")
    parser.add_argument("--out", type=Path, help="folder for the figures; default: the run's own")
    parser.set_defaults(run=_evaluate)


def _evaluate(weights: Path, data: Path, split: str, out: Path | None) -> None:
    from train.eval.evaluate import evaluate

    evaluate(weights, data, split, out)


def _add_compare(commands) -> None:
    parser = commands.add_parser("compare", help="measure several weights side by side")
    parser.add_argument("--weights", required=True, type=Path, nargs="+", help="folders of runs")
    parser.add_argument("--data", required=True, type=Path, help="[split/]class/…/picture")
    parser.add_argument("--splits", nargs="+", default=["val", "external"])
    parser.add_argument("--out", type=Path, help="folder for the figures; default: print only")
    parser.set_defaults(run=_compare)


def _compare(weights: list[Path], data: Path, splits: list[str], out: Path | None) -> None:
    from train.eval.compare import compare

    compare(weights, data, splits, out)


def _add_robustness(commands) -> None:
    parser = commands.add_parser("robustness", help="measure weights on corrupted pictures")
    parser.add_argument("--weights", required=True, type=Path, nargs="+", help="runs, side by side")
    parser.add_argument("--data", required=True, type=Path, help="[split/]class/…/picture")
    parser.add_argument("--split", default="external")
    parser.add_argument("--out", type=Path, help="folder for the figures; default: the run's own")
    parser.set_defaults(run=_robustness)


def _robustness(weights: list[Path], data: Path, split: str, out: Path | None) -> None:
    from train.eval.robustness import robustness

    robustness(weights, data, split, out)


def _add_unlike(commands) -> None:
    parser = commands.add_parser("ood", help="measure weights on pictures that show nothing")
    parser.add_argument("--weights", required=True, type=Path, help="folder of a run, or model")
    parser.add_argument("--out", type=Path, help="folder for the figures; default: the run's own")
    parser.set_defaults(run=_unlike)


def _unlike(weights: Path, out: Path | None) -> None:
    from train.eval.ood import ood

    ood(weights, out)


def _add_ablate(commands) -> None:
    parser = commands.add_parser("ablate", help="measure what the parts of a recipe contribute")
    parser.add_argument("--recipe", required=True, help="a module of train/recipes")
    parser.add_argument("--data", required=True, type=Path, help="[split/]class/…/picture")
    parser.add_argument("--out", required=True, type=Path, help="folder for runs and figures")
    parser.set_defaults(run=_ablate)


def _ablate(recipe: str, data: Path, out: Path) -> None:
    from train.recipes import load_recipe

    settings = load_recipe(recipe)
    from train.studies.ablations import ablate

    ablate(recipe, settings, data, out)


def _add_folds(commands) -> None:
    parser = commands.add_parser(
        "leave-one-group-out", help="measure on kinds of source left out of training"
    )
    parser.add_argument("--recipe", required=True, help="a module of train/recipes")
    parser.add_argument("--data", required=True, type=Path, help="[split/]class/source/…/picture")
    parser.add_argument("--kinds", required=True, type=Path, help='{"kind": ["class/source", …]}')
    parser.add_argument("--out", required=True, type=Path, help="folder for runs and figures")
    parser.set_defaults(run=_folds)


def _folds(recipe: str, data: Path, kinds: Path, out: Path) -> None:
    from train.recipes import load_recipe

    settings = load_recipe(recipe)
    from train.studies.leave_one_group_out import leave_one_group_out

    leave_one_group_out(recipe, settings, data, kinds, out)


def _add_shortcuts(commands) -> None:
    parser = commands.add_parser("shortcuts", help="measure what size and background tell alone")
    parser.add_argument("--data", required=True, type=Path, help="[split/]class/…/picture")
    parser.add_argument("--splits", nargs="+", default=["val", "external"])
    parser.add_argument("--out", required=True, type=Path, help="folder for the figures")
    parser.set_defaults(run=_shortcuts)


def _shortcuts(data: Path, splits: list[str], out: Path) -> None:
    from train.studies.shortcuts import shortcuts

    shortcuts(data, splits, out)


def _add_keep(commands) -> None:
    parser = commands.add_parser("keep", help="copy a measured run to train/results")
    parser.add_argument("--run", dest="folder", required=True, type=Path, help="folder of the run")
    parser.add_argument("--figures-only", action="store_true", help="leave the weights behind")
    parser.set_defaults(run=_keep)


def _keep(folder: Path, figures_only: bool) -> None:
    from train.release import keep

    keep(folder, weights=not figures_only)


def _add_release(commands) -> None:
    parser = commands.add_parser("release", help="make a measured run the released one")
    parser.add_argument("--run", dest="folder", required=True, type=Path, help="folder of the run")
    parser.set_defaults(run=_release)


def _release(folder: Path) -> None:
    from train.release import release

    release(folder)


def _add_readme(commands) -> None:
    parser = commands.add_parser("readme", help="renew the measured figures in README.md")
    parser.set_defaults(run=_readme)


def _readme() -> None:
    from train.docs import renew_figures

    renew_figures()


def _add_publish(commands) -> None:
    parser = commands.add_parser("publish", help="upload what is released to the Hub")
    parser.add_argument("--repo-id", required=True, help="user/name, created where it is missing")
    parser.add_argument("--dry-run", action="store_true", help="show what would be sent")
    parser.set_defaults(run=_publish)


def _publish(repo_id: str, dry_run: bool) -> None:
    from train.publish import publish

    publish(repo_id, dry_run)


if __name__ == "__main__":
    main()
