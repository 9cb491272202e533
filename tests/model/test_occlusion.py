"""Heat maps of the released network, on images whose content is known."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from model.classifier import Classifier
from model.imaging import read_image
from model.occlusion import CELLS, explain_input, heat_map
from model.release import read_release

EXAMPLES = Path(__file__).parents[2] / "examples"
SCANS = {name: read_image(EXAMPLES / name) for name in ("brain-mri.png", "lung-ct.png")}
LANDSCAPE = read_image(EXAMPLES / "landscape.jpg")

PLACES = {
    "top left": (0, 0, 300, 300),
    "right": (380, 150, 680, 450),
    "bottom, small": (250, 380, 470, 600),
}
"""Boxes (left, upper, right, lower) on a page of 700 x 600 pixels, 11 to 21 % of its area each."""


@pytest.fixture(scope="module")
def released():
    release = read_release()
    return Classifier(release.weights_file, release.labels, release.temperature)


def page(colour, **images):
    """Draw images at places of a blank page."""
    page = Image.new("RGB", (700, 600), colour)
    for place, image in images.items():
        left, upper, right, lower = PLACES[place]
        page.paste(image.resize((right - left, lower - upper)), (left, upper))
    return page


def share(heat, place):
    """Compute the share of the heat within a place of the page."""
    left, upper, right, lower = PLACES[place]
    heat = np.asarray(Image.fromarray(heat).resize((700, 600), Image.Resampling.BILINEAR))
    return heat[upper:lower, left:right].sum() / heat.sum()


@pytest.mark.parametrize("name", SCANS)
def test_most_heat_lies_on_the_scan(released, name):
    shares = []
    for place in PLACES:
        image = page("white", **{place: SCANS[name]})
        confidences = released.classify(image)
        assert max(confidences, key=confidences.get) == name.partition("-")[0]
        shares.append(share(heat_map(released, image), place))
    # The places are 11 to 21 % of the page.
    assert min(shares) > 0.45, shares
    assert np.mean(shares) > 0.6, shares


def test_heat_lies_on_what_was_predicted_and_not_on_other_content(released):
    image = page("white", **{"top left": SCANS["brain-mri.png"], "right": LANDSCAPE})
    heat = heat_map(released, image)
    assert share(heat, "top left") > 5 * share(heat, "right")


def test_the_heat_of_a_blank_image_is_finite(released):
    heat = heat_map(released, Image.new("RGB", (300, 200), "white"))
    assert np.isfinite(heat).all()
    assert heat.max() in (0, 1)


class Corner:
    """A classifier for which only the upper left quarter speaks for the first label."""

    input_size = 32

    def logits(self, inputs):
        contrast = inputs[:, :16, :16].std(axis=(1, 2, 3)) / 20
        return np.stack([contrast, np.ones(len(inputs)), np.zeros(len(inputs))], axis=1)


def test_only_parts_that_change_the_prediction_are_hot():
    noise = np.random.default_rng(0).integers(0, 256, (32, 32, 3), np.uint8)
    heat = explain_input(Corner(), noise)
    assert heat[:4, :4].min() > 0.4
    # A part that lies half in the quarter is shared by cells outside it.
    assert max(heat[5:].max(), heat[:, 5:].max()) < 0.2


def test_heat_is_a_map_of_cells_from_0_to_1_after_67_passes(released, monkeypatch):
    """One for the image and one for each part; more would be slow on a Space."""
    passes, logits = [], type(released).logits

    def counted(self, inputs):
        passes.append(len(inputs))
        return logits(self, inputs)

    monkeypatch.setattr(type(released), "logits", counted)
    heat = heat_map(released, SCANS["brain-mri.png"])
    assert sum(passes) == 67
    assert heat.dtype == np.float32
    assert heat.shape == (CELLS, CELLS)
    assert heat.min() >= 0
    assert heat.max() == 1
