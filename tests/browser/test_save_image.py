"""A result saved as one image, made in the browser."""

import io

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect

from page.i18n import TEXTS
from tests.helpers.browser import drop, expect_answer, zone
from tests.helpers.running_app import EXAMPLES


@pytest.fixture
def page(visit):
    return visit(locale="fr-FR")


def save(page):
    """Save the result, and return the name of the file and its pixels."""
    with page.expect_download() as download:
        page.get_by_role("button", name=TEXTS["save"]["fr"]).click()
    saved = download.value.path().read_bytes()
    with Image.open(io.BytesIO(saved)) as image:
        assert image.format == "PNG"
        return download.value.suggested_filename, np.asarray(image.convert("RGB"))


def colourful(pixels):
    """Count pixels of warm colours: only a heat map over a grey scan has them."""
    red, _, blue = np.moveaxis(pixels.astype(int), -1, 0)
    return np.count_nonzero(red - blue > 60)


def test_picture_answer_and_open_heat_map_are_saved(page):
    drop(zone(page), EXAMPLES["brain"])
    expect_answer(page, "cerveau")
    name, plain = save(page)
    assert name == "brain-mri-answer.png"
    # The picture is there, with the black around the head, and the bar of the answer.
    assert np.count_nonzero(plain.max(axis=-1) < 10) > 50_000
    assert np.count_nonzero((plain == (0x0F, 0x76, 0x6E)).all(axis=-1)) > 5_000
    assert colourful(plain) < 1_000
    page.get_by_role("button", name=TEXTS["why"]["fr"]).click()
    expect(page.locator(".heat")).to_be_visible()
    _, explained = save(page)
    assert colourful(explained) > 10_000
    assert len(explained) > len(plain)


def test_of_an_animation_the_frame_that_was_explained_is_below_the_heat_map(page, tmp_path):
    file = tmp_path / "scan.gif"
    with Image.open(EXAMPLES["brain"]) as scan:
        frames = [scan.convert("L").resize((128, 128)).rotate(10 * i) for i in range(3)]
    frames[0].save(file, save_all=True, append_images=frames[1:], duration=50, loop=0)
    page.get_by_role("button", name=TEXTS["why"]["fr"]).click()
    drop(zone(page), file)
    expect(page.locator(".heat")).to_be_visible()
    below = page.locator(".picture-below")
    assert below.get_attribute("src").startswith("data:image/webp")
