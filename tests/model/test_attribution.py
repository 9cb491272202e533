"""Heat maps of the released network, on images whose content is known."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from model.attribution import Attribution, explain
from model.classifier import Classifier
from model.imaging import read_image
from model.networks import NETWORKS
from model.release import read_release

EXAMPLES = Path(__file__).parents[2] / "examples"
SCANS = {
    name: read_image(EXAMPLES / name)
    for name in ("brain-mri.png", "brain-mri-contrast.png", "lung-ct.png", "lung-ct-coronal.png")
}
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
        for colour in ("white", "black", "grey"):
            image = page(colour, **{place: SCANS[name]})
            confidences = released.classify(image)
            assert max(confidences, key=confidences.get) == name.partition("-")[0]
            shares.append(share(explain(read_release(), image), place))
    assert min(shares) > 0.5, shares
    assert np.mean(shares) > 0.8, shares


def test_heat_lies_on_what_was_predicted_and_not_on_other_content(released):
    image = page("white", **{"top left": SCANS["brain-mri.png"], "right": LANDSCAPE})
    heat = explain(read_release(), image)
    assert share(heat, "top left") > 10 * share(heat, "right")


def test_heat_is_a_map_of_10_by_10_cells_from_0_to_1(released):
    heat = explain(read_release(), SCANS["lung-ct.png"])
    assert heat.dtype == np.float32
    assert heat.shape == (10, 10)
    assert heat.min() >= 0
    assert heat.max() == 1


def test_the_heat_of_a_blank_image_is_finite(released):
    heat = explain(read_release(), Image.new("RGB", (300, 200), "white"))
    assert np.isfinite(heat).all()
    assert heat.max() in (0, 1)


@pytest.mark.parametrize("network", NETWORKS)
def test_every_network_can_be_explained(network):
    network = NETWORKS[network]()
    size = network.input_shape[1]
    noise = np.random.default_rng(0).integers(0, 256, (size, size, 3), dtype=np.uint8)
    heat = Attribution(network).heat(noise)
    assert heat.ndim == 2
    assert min(heat.shape) >= 10
    assert np.isfinite(heat).all()
