"""Average the weights of several runs, which often generalises better than each of them.

Wortsman et al. 2022, "Model soups: averaging weights of multiple fine-tuned models improves
accuracy without increasing inference time". This works for runs that start from the same trained
weights, or one from another; it fails for runs from random weights.
"""

import json
import shutil
from pathlib import Path

import numpy as np

from model.release import LABELS, write_json
from train.data.dataset import Dataset, drop_unreadable
from train.errors import UserError
from train.eval.inference import load_release
from train.export.network import export_network
from train.files import make_folder
from train.networks import NETWORKS, load_network


def average(runs: list[Path], data: Dataset, out: Path) -> None:
    """Average the weights of runs and export the resulting network to ``out``.

    settings.json has the settings of the first run and, as ``average_of``, those of all runs, with
    the sha256 of their weights and their share of the average; a run that is itself an average is
    replaced by its parts. origins.csv is that of the first run. An average has no history.

    Args:
        runs: at least two folders of runs, or ``model``.
        data: the dataset; its split ``val`` calibrates the confidences.
        out: folder of the average.

    Raises:
        UserError: the runs cannot be averaged, or a folder cannot be used.
        ReleaseError: the weights of a run cannot be used.
    """
    if len(runs) < 2:
        raise UserError("an average takes at least two runs; name more after --weights")
    if out.resolve() in {run.resolve() for run in runs}:
        raise UserError(f"{out} is one of the runs; give another --out")
    settings = [_read_settings(run) for run in runs]
    names = {run_settings["network"] for run_settings in settings}
    if len(names) > 1:
        raise UserError(f"the runs are of different networks: {', '.join(sorted(names))}")
    [name] = names
    if len({tuple(each.get("labels", LABELS)) for each in settings}) > 1:
        raise UserError("the runs have different labels; give runs with the same")
    val, _ = drop_unreadable(data.require("val"), "val")
    releases = [load_release(run) for run in runs]
    networks = [load_network(release) for release in releases]
    make_folder(out)
    average_of = []
    for release, run_settings in zip(releases, settings, strict=True):
        run = run_settings | {"weights_sha256": release.keras_sha256}
        parts = run_settings.get("average_of", [run])
        for part in parts:
            share = part.get("share", 1 / len(parts)) / len(runs)
            average_of.append(part | {"share": share})
    write_json(out / "settings.json", settings[0] | {"average_of": average_of})
    shutil.copy(_record(runs[0]) / "origins.csv", out)
    network = NETWORKS[name](len(data.labels))
    weights = zip(*(each.get_weights() for each in networks), strict=True)
    network.set_weights([np.mean(arrays, axis=0) for arrays in weights])
    export_network(network, name, out, val, settings[0]["augmented"], data.labels)


def _record(run: Path) -> Path:
    """Return the folder with the settings and origins of a run or of the released network."""
    return run if (run / "settings.json").is_file() else load_release(run).results_folder


def _read_settings(run: Path) -> dict:
    file = _record(run) / "settings.json"
    if not file.is_file():
        raise UserError(f"{run} is not a run; give folders that train fit wrote")
    return json.loads(file.read_text(encoding="utf-8"))
