"""The average of the weights of several runs, which is often right where each of them is not.

Wortsman et al. 2022, "Model soups: averaging weights of multiple fine-tuned models improves
accuracy without increasing inference time". It holds for runs that started from the same trained
weights, or one from the other's; runs from scratch have nothing in common.
"""

import json
import shutil
from pathlib import Path

import keras
import numpy as np

from model.networks import NETWORKS, load_network
from model.weights import sha256_of
from train.data.dataset import drop_unreadable, read_tree, require_split
from train.errors import UserError
from train.eval.inference import find_release, make_folder
from train.export.export import export_run
from train.progress import write_json

KEPT = ("history.json", "curves.png", "origins.csv")
"""What the average has of the first run."""


def average(runs: list[Path], data: Path, out: Path) -> None:
    """Average the weights of runs, and write what a run ends with to ``out``.

    Settings and history are those of the first run; settings.json says what it was averaged with.

    Args:
        runs: at least two folders of runs, or files of ``checkpoints`` in them.
        data: the folder of pictures whose split ``val`` the confidences are calibrated on.
        out: the folder of the average.

    Raises:
        UserError: these runs cannot be averaged, or a folder cannot be used.
        ReleaseError: weights of a run cannot be used.
    """
    if len(runs) < 2:
        raise UserError("an average is of at least two runs; name more after --runs")
    folders = [run.parents[1] if run.is_file() else run for run in runs]
    if out.resolve() in {folder.resolve() for folder in folders}:
        raise UserError(f"{out} is one of the runs; give another --out")
    settings = [_settings(folder) for folder in folders]
    names = {each["network"] for each in settings}
    if len(names) > 1:
        raise UserError(f"these are not runs of one network, but of {', '.join(sorted(names))}")
    val, _ = drop_unreadable(require_split(read_tree(data), "val", data), "val")
    networks = [_load(run, each["network"]) for run, each in zip(runs, settings, strict=True)]
    make_folder(out)
    weights = zip(*(network.get_weights() for network in networks), strict=True)
    network = networks[0]
    network.set_weights([np.mean(arrays, axis=0) for arrays in weights])
    for name in KEPT:
        shutil.copy(folders[0] / name, out / name)
    averaged = [
        each | {"weights_sha256": sha256_of(_weights_file(run))}
        for run, each in zip(runs, settings, strict=True)
    ]
    write_json(out / "settings.json", settings[0] | {"average_of": averaged})
    export_run(network, settings[0]["network"], out, val, varied=settings[0]["augmented"])


def _settings(run: Path) -> dict:
    file = run / "settings.json"
    if not file.is_file():
        raise UserError(f"{run} is not a run; give folders that train fit wrote")
    return json.loads(file.read_text(encoding="utf-8"))


def _weights_file(run: Path) -> Path:
    return run if run.is_file() else find_release(run).keras_weights_file


def _load(run: Path, name: str) -> keras.Model:
    if not run.is_file():
        return load_network(find_release(run))
    network = NETWORKS[name]()
    try:
        network.load_weights(run)
    except Exception as error:  # Keras reports a file of other weights by a dozen kinds.
        raise UserError(f"{run} holds no weights of the network {name}") from error
    return network
