"""Train, evaluate and release weights: python -m train COMMAND --help."""

import argparse
import importlib
import sys
import unicodedata
from pathlib import Path

from model.release import LABELS, ReleaseError, are_labels, read_release
from train.data.dataset import read_dataset
from train.errors import UserError
from train.recipes import load_recipe


def _option(name: str, help_text: str, **settings) -> tuple[str, dict]:
    settings.setdefault("required", "default" not in settings)
    return name, settings | {"help": help_text}


def _count(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is less than 1")
    return number


_RECIPE = _option("--recipe", "name of a module in train/recipes")
_DATA = _option(
    "--data",
    "folders of the dataset, which are merged: [split/]class/[source/]image",
    type=Path,
    nargs="+",
)
_RUN = _option("--weights", "folder of a run", type=Path)
_WEIGHTS = _option("--weights", "folder of a run, or model", type=Path)
_ALL_WEIGHTS = _option("--weights", "folders of runs, or model", type=Path, nargs="+")
_SPLIT = _option("--split", "split to evaluate on; default: external", default="external")
_TEST_SPLIT = _option(
    "--split",
    "split to evaluate on; default: test or external if there is one, else val",
    default=None,
)
_SPLITS = _option(
    "--splits",
    "splits to evaluate on; default: val external",
    nargs="+",
    default=["val", "external"],
)
_GROUPS = _option("--groups", 'JSON file: {"group": ["class/source", …]}', type=Path)
_OUT = _option("--out", "folder to write to", type=Path)
_OWN_OUT = _option(
    "--out", "folder to write to; default: results of the weights", type=Path, default=None
)

COMMANDS = {
    "fit": (
        "train.fit:fit",
        "train a network by a recipe, or continue a run",
        _RECIPE,
        _DATA,
        _OUT,
        _option("--epochs", "default: those of the recipe", type=_count, default=None),
        _option("--samples-per-epoch", "default: those of the recipe", type=_count, default=None),
        _option(
            "--labels",
            "labels of your own, the names of the class folders; default: brain lung other",
            nargs="+",
            default=LABELS,
        ),
    ),
    "average": (
        "train.export.average:average",
        "average the weights of several runs",
        _option("--weights", "folders of runs, or model", dest="runs", type=Path, nargs="+"),
        *(_DATA, _OUT),
    ),
    "evaluate": (
        "train.eval.evaluate:evaluate",
        "evaluate weights on a split, and on val, beside the released network",
        *(_WEIGHTS, _DATA, _TEST_SPLIT, _OWN_OUT),
    ),
    "compare": (
        "train.eval.compare:compare",
        "compare several weights on the same images",
        *(_ALL_WEIGHTS, _DATA, _SPLITS, _OWN_OUT),
    ),
    "robustness": (
        "train.eval.robustness:robustness",
        "evaluate weights on corrupted images",
        *(_ALL_WEIGHTS, _DATA, _SPLIT, _OWN_OUT),
    ),
    "ood": (
        "train.eval.ood:ood",
        "evaluate weights on synthetic out-of-distribution images",
        *(_WEIGHTS, _OWN_OUT),
    ),
    "explain": (
        "train.eval.explain:explain",
        "measure how faithful the heat maps are",
        *(_WEIGHTS, _DATA, _SPLIT, _OWN_OUT),
    ),
    "scaled-photos": (
        "train.eval.scaled_photos:scaled_photos",
        "measure whether reducing photos in the browser changes predictions",
        *(_WEIGHTS, _DATA, _SPLIT, _OWN_OUT),
    ),
    "ablate": (
        "train.studies.ablations:ablate",
        "measure what each part of a recipe contributes",
        *(_RECIPE, _DATA, _OUT),
    ),
    "leave-one-group-out": (
        "train.studies.leave_one_group_out:leave_one_group_out",
        "evaluate on groups of sources that were left out of training",
        *(_RECIPE, _DATA, _OUT),
        _GROUPS,
    ),
    "small-folders": (
        "train.studies.small_folders:small_folders",
        "measure the gains and losses of adapting to small folders",
        *(_RECIPE, _DATA, _OUT),
        _option("--groups", 'JSON file: {"number of images": ["class/source", …]}', type=Path),
    ),
    "shortcuts": (
        "train.studies.shortcuts:shortcuts",
        "measure how well size and background predict the class",
        *(_DATA, _SPLITS, _OUT),
    ),
    "rejection": (
        "train.studies.rejection:rejection",
        "compare scores for rejecting wrong predictions",
        *(_WEIGHTS, _DATA, _SPLITS, _OUT),
    ),
    "replay": (
        "train.replay:replay",
        "store features of training images beside weights, for the recipe adapted",
        *(_WEIGHTS, _DATA),
    ),
    "archive": (
        "train.release:archive",
        "copy an evaluated run to train/results",
        _RUN,
        _option("--figures-only", "no weights and plots", action="store_true", default=False),
    ),
    "release": (
        "train.release:release",
        "release an evaluated run, unless it is worse than the current release",
        _RUN,
        _option("--anyway", "release it even if it is worse", action="store_true", default=False),
        _option("--repo-id", "your repository on the Hub, user/name; default: none", default=""),
    ),
    "docs": ("train.docs:write_docs", "write docs/results.md and the figures in README.md"),
    "publish": (
        "train.publish:publish",
        "upload the release to the Hub",
        _option("--repo-id", "user/name; created if it is missing"),
        _option(
            "--dry-run", "only show what would be uploaded", action="store_true", default=False
        ),
    ),
}
"""The function of each command as "module:name", its help text and its options."""


def _labels(arguments: dict) -> tuple[str, ...]:
    """Return the labels of a command: given ones, or those of its weights or of the release."""
    if "labels" in arguments:
        labels = tuple(unicodedata.normalize("NFC", label) for label in arguments.pop("labels"))
        if not are_labels(list(labels)):
            raise UserError("--labels must be two or more different names of letters and digits")
        return labels
    weights = arguments.get("weights") or arguments.get("runs")
    if not weights:
        return read_release().labels
    from train.eval.inference import load_release

    return load_release(weights if isinstance(weights, Path) else weights[0]).labels


def main() -> None:
    """Run one command; an error that the user can fix is one line and exit status 1."""
    parser = argparse.ArgumentParser(prog="python -m train", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND", dest="command")
    for name, (_, help_text, *options) in COMMANDS.items():
        command = commands.add_parser(name, help=help_text, description=help_text)
        for option, settings in options:
            command.add_argument(option, **settings)
    arguments = vars(parser.parse_args())
    module, _, function = COMMANDS[arguments.pop("command")][0].partition(":")
    try:
        # Check what can be checked before the import of TensorFlow, which takes seconds.
        if "recipe" in arguments:
            arguments["recipe_name"] = arguments["recipe"]
            arguments["recipe"] = load_recipe(arguments["recipe"])
        if "data" in arguments or "weights" in arguments:
            labels = _labels(arguments)
        if "data" in arguments:
            if module.startswith("train.studies.") and labels != LABELS:
                raise UserError(
                    f"this study is about the labels {', '.join(LABELS)}; it cannot run with "
                    f"{', '.join(labels)}"
                )
            arguments["data"] = read_dataset(arguments["data"], labels)
        getattr(importlib.import_module(module), function)(**arguments)
    except (UserError, ReleaseError) as error:
        sys.exit(f"error: {error}")
    except KeyboardInterrupt:
        sys.exit("interrupted")


if __name__ == "__main__":
    main()
