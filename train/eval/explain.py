"""Measure the faithfulness of heat maps by insertion and deletion."""

from pathlib import Path

import numpy as np
from PIL import Image
from tqdm import tqdm

from model.classifier import Classifier, load_classifier, softmax
from model.imaging import network_input, read_image
from model.occlusion import blur, explain_input
from train.data.dataset import Dataset
from train.eval.inference import load_release
from train.eval.metrics import intervals
from train.eval.report import write_report
from train.eval.split import Split, load_one_per_source
from train.eval.tables import explanation_table
from train.files import make_folder

SEED = 0
"""Seed of the random maps."""

STEPS = 24
"""Number of equal steps in which an image is deleted or inserted."""


def explain(weights: Path, data: Dataset, split: str, out: Path | None) -> None:
    """Delete and insert images by their heat maps, one image per source.

    Deletion blurs the pixels of an image, the hottest first; insertion starts from the blurred
    image and restores them in that order. Both are the mean confidence, over all steps, of the
    label predicted for the whole image: a faithful map has a low deletion and a high insertion
    (Petsiuk, Das and Saenko 2018, "RISE: Randomized Input Sampling for Explanation of Black-box
    Models", arXiv:1806.07421). Writes explanation.json, with smooth random maps for comparison.

    Args:
        weights: path as ``load_release`` takes it.
        data: the dataset.
        split: name of the split.
        out: folder to write to; by default the results folder of the weights.

    Raises:
        UserError: the dataset lacks a split or ``out`` cannot be used.
        ReleaseError: the weights cannot be used.
    """
    release = load_release(weights)
    classifier = load_classifier(release)
    out = make_folder(out or release.results_folder)
    images = load_one_per_source(data, split)
    rng = np.random.default_rng(SEED)
    measured = {"occlusion": [], "random": []}
    for image in tqdm(images.images, "explaining", unit=" images"):
        pixels = network_input(read_image(image.path), classifier.input_size)
        heat = explain_input(classifier, pixels)
        measured["occlusion"].append(insertion_and_deletion(classifier, pixels, heat))
        heat = rng.random(heat.shape, np.float32)
        measured["random"].append(insertion_and_deletion(classifier, pixels, heat))
    figures = {
        "network": release.network,
        "sha256": release.sha256,
        "split": split,
        **images.counts,
        "maps": {name: _figures(np.array(areas), images) for name, areas in measured.items()},
    }
    write_report(out, "explanation", figures, explanation_table(figures))


def insertion_and_deletion(
    classifier: Classifier, pixels: np.ndarray, heat: np.ndarray
) -> tuple[float, float]:
    """Compute the mean confidence in the predicted label during insertion and during deletion.

    Args:
        classifier: predicts.
        pixels: uint8 array (size, size, 3) from ``imaging.network_input``.
        heat: float32 array (rows, columns), stretched over the whole image.
    """
    size, blurred = len(pixels), blur(pixels)
    smooth = Image.fromarray(heat).resize((size, size), Image.Resampling.BICUBIC)
    ranks = np.empty(size * size)
    ranks[np.argsort(-np.asarray(smooth), axis=None, kind="stable")] = np.arange(size * size)
    shares = np.linspace(0, 1, STEPS + 1)
    hottest = ranks.reshape(size, size, 1) < shares[:, None, None, None] * size * size
    inserted, deleted = np.where(hottest, pixels, blurred), np.where(hottest, blurred, pixels)
    label = classifier.logits(pixels[None]).argmax()

    def mean_confidence(inputs):
        confidences = softmax(classifier.logits(inputs), classifier.temperature)[:, label]
        return float(np.trapezoid(confidences, shares))

    return mean_confidence(inserted), mean_confidence(deleted)


def _figures(areas: np.ndarray, images: Split) -> dict[str, dict[str, float]]:
    columns = {
        "insertion": areas[:, 0],
        "deletion": areas[:, 1],
        "difference": areas[:, 0] - areas[:, 1],
    }
    return intervals(
        lambda weights: {
            name: np.average(column, weights=weights) for name, column in columns.items()
        },
        images,
    )
