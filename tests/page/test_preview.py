"""Of a stack the page says what was sampled and shows the most confident frame, unlike the API."""

import gzip
import io
import re

import httpx
import nibabel
import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect

from model.imaging import read_frames
from page.i18n import NAMES, TEXTS
from page.preview import preview
from tests.helpers.browser import drop, expect_answer, expect_complete, zone
from tests.helpers.running_app import EXAMPLES


@pytest.fixture(scope="module")
def volume(tmp_path_factory):
    """A packed volume of 40 slices, of which only the 20th to the 30th show a brain."""
    with Image.open(EXAMPLES["brain"]) as image:
        grey = np.asarray(image.convert("L").resize((160, 200)), np.int16)
    values = np.zeros((160, 200, 40), np.int16)
    values[:, :, 20:30] = grey[::-1, ::-1].T[..., None]
    file = tmp_path_factory.mktemp("volume") / "brain.nii.gz"
    file.write_bytes(gzip.compress(nibabel.Nifti1Image(values, np.eye(4)).to_bytes(), 1))
    return file


def test_the_page_says_which_slices_were_sampled_and_shows_the_most_confident(app, browser, volume):
    context = browser.new_context(locale="fr")
    page = context.new_page()
    page.goto(app.url)
    expect_complete(page)
    drop(zone(page), volume)
    sentence = TEXTS["sampled_slices"]["fr"].partition(".")[0]
    expect(page.locator(".answer")).to_contain_text(sentence.format(sampled=4, total=40))
    picture = page.locator(".picture img")
    expect(picture).to_have_attribute("src", re.compile("data:image/webp"))
    assert picture.evaluate("image => [image.naturalWidth, image.naturalHeight]") == [160, 200]
    drop(zone(page), EXAMPLES["lung"])
    expect_answer(page, NAMES["lung"]["fr"])
    expect(page.locator(".answer .frames")).to_have_count(0)
    expect(picture).to_have_attribute("src", re.compile("blob:|/file="))
    context.close()


def test_the_answer_of_the_api_keeps_its_form(app, volume):
    answer = httpx.post(f"{app.url}/predict", content=volume.read_bytes(), timeout=60).json()
    assert answer.keys() == {"label", "confidences"}
    assert answer["label"] == "brain"


@pytest.mark.parametrize(("format", "is_sent"), [("DDS", True), ("PNG", False), ("JPEG", False)])
def test_a_preview_is_sent_of_what_browsers_do_not_show(format, is_sent):
    file = io.BytesIO()
    Image.new("RGB", (20, 30), "teal").save(file, format)
    described = preview(file, read_frames(file), 0)
    assert ("preview" in described) == is_sent
