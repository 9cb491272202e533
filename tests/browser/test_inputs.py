"""Ways to give the page a picture, and what is sent of it."""

import io
import re
import struct

import numpy as np
import pytest
from PIL import ExifTags, Image
from playwright.sync_api import expect

from page.i18n import GRADIO_IN_FRENCH, TEXTS
from tests.browser.languages import LABELS, LOCALES
from tests.helpers.answers import expected_answer, hardest_example
from tests.helpers.browser import (
    answer,
    copy_image,
    drop,
    examples,
    take_photograph,
    zone,
)
from tests.helpers.dicom_file import dicom
from tests.helpers.heic import HEIC
from tests.helpers.running_app import EXAMPLES


def test_a_dropped_image_gets_three_confidences(visit):
    page = visit()
    drop(zone(page), EXAMPLES["brain"])
    expect(answer(page)).to_have_text("brain")
    for label in EXAMPLES:
        expect(page.get_by_role("meter", name=label)).to_have_count(1)


def test_an_image_dropped_beside_the_zone_is_predicted(visit):
    page = visit()
    drop(page.get_by_role("heading", level=1), EXAMPLES["other"])
    expect(answer(page)).to_have_text("other")


def test_each_easy_example_is_predicted_right(visit):
    page = visit()
    expect(examples(page)).to_have_count(10)
    for button, label in enumerate(("brain", "brain", "lung", "lung", "other")):
        examples(page).nth(button).click()
        expect(answer(page)).to_have_text(label)
    key = hardest_example()
    examples(page).get_by_text(TEXTS[key]["en"]).click()
    expect(answer(page)).to_have_text(expected_answer(key))


def test_an_image_is_pasted_with_the_button(visit):
    page = visit(permissions=["clipboard-read", "clipboard-write"])
    copy_image(page, EXAMPLES["lung"])
    page.get_by_role("button", name="Paste from clipboard").click()
    expect(answer(page)).to_have_text("lung")


def test_an_image_that_gradio_sends_itself_is_asked_about_again(visit):
    page = visit(permissions=["clipboard-read", "clipboard-write"])
    copy_image(page, EXAMPLES["lung"])
    examples(page).first.click()
    expect(answer(page)).to_have_text("brain")
    paste = page.get_by_role("button", name="Paste from clipboard")
    page.get_by_role("button", name="Clear").click()
    page.route("**/gradio_api/upload*", lambda route: route.abort(), times=1)
    paste.click()
    expect(page.locator(".answer").get_by_text(TEXTS["no_reply"]["en"])).to_be_visible()
    page.route("**/queue/join*", lambda route: route.abort(), times=1)
    paste.click()
    page.get_by_role("button", name=TEXTS["again"]["en"]).click()
    expect(answer(page)).to_have_text("lung")


def test_an_image_is_pasted_with_the_keyboard(visit):
    page = visit(permissions=["clipboard-read", "clipboard-write"])
    copy_image(page, EXAMPLES["lung"])
    page.keyboard.press("ControlOrMeta+v")
    expect(answer(page)).to_have_text("lung")


def test_an_image_is_chosen_as_a_file(visit):
    page = visit()
    with page.expect_file_chooser() as chooser:
        zone(page).get_by_text(TEXTS["drop"]["en"]).click()
    chooser.value.set_files(EXAMPLES["other"])
    expect(answer(page)).to_have_text("other")


@pytest.mark.parametrize("locale", LOCALES)
def test_a_dicom_file_is_predicted_whether_chosen_or_dropped(visit, tmp_path, locale):
    scan = tmp_path / "scan.dcm"
    with Image.open(EXAMPLES["brain"]) as image:
        scan.write_bytes(dicom(np.asarray(image.convert("L"), np.uint16)))
    page = visit(locale=locale)
    with page.expect_file_chooser() as chooser:
        zone(page).get_by_text(TEXTS["drop"][locale[:2]]).click()
    assert ".dcm" in chooser.value.element.get_attribute("accept")
    chooser.value.set_files(scan)
    expect(answer(page)).to_have_text(LABELS[locale]["brain"])
    # No browser shows DICOM, so the server sends a picture of it.
    expect(page.locator(".picture img")).to_have_attribute("src", re.compile("^data:image/webp"))
    drop(zone(page), EXAMPLES["other"])
    expect(answer(page)).to_have_text(LABELS[locale]["other"])
    drop(zone(page), scan)
    expect(answer(page)).to_have_text(LABELS[locale]["brain"])


def test_a_photograph_from_the_camera_is_predicted(visit):
    page = visit(permissions=["camera"])
    take_photograph(page)
    expect(page.get_by_role("meter")).to_have_count(len(EXAMPLES))


def test_the_camera_is_the_rear_one_not_mirrored_and_speaks_french(visit):
    asked = """const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
        navigator.mediaDevices.getUserMedia = (asked) => {
            window.asked = asked;
            return window.denied ? Promise.reject(new DOMException("", "NotAllowedError"))
                : open(asked);
        };"""
    page = visit(lambda page: page.add_init_script(asked), locale="fr-FR", permissions=["camera"])
    page.evaluate("window.denied = true")
    page.get_by_role("button", name=GRADIO_IN_FRENCH["Capture from camera"]).click()
    allow = zone(page).get_by_text(GRADIO_IN_FRENCH["Click to Access Webcam"])
    allow.click()
    expect(page.locator(".answer").get_by_text(TEXTS["no_camera"]["fr"])).to_be_visible()
    page.evaluate("window.denied = false")
    allow.click()
    video = page.get_by_test_id("webcam-video")
    expect(video).to_have_js_property("readyState", 4)
    assert page.evaluate("asked.video.facingMode") == "environment"
    assert video.evaluate("(video) => getComputedStyle(video).transform") == "none"


def test_a_large_photo_is_sent_small_and_upright(visit, app, tmp_path):
    page = visit()
    photo = tmp_path / "photo.jpg"
    with Image.open(EXAMPLES["other"]) as image:
        large = image.resize((3000, 2000)).transpose(Image.Transpose.ROTATE_90)
        exif = Image.Exif()
        exif[ExifTags.Base.Orientation] = 6
        large.save(photo, exif=exif, quality=95)
    sent = _upload(page, app, photo)
    assert len(sent) < photo.stat().st_size / 4
    with Image.open(io.BytesIO(sent)) as image:
        assert image.size == (896, 597)
        assert image.getexif().get(ExifTags.Base.Orientation, 1) == 1
    expect(answer(page)).to_have_text("other")


def test_16_bit_scans_heic_and_animations_are_sent_as_they_are(visit, app, tmp_path):
    page, scan, photo = visit(), tmp_path / "scan.png", tmp_path / "photo.heic"
    noise = np.random.default_rng(0).integers(0, 4096, (1100, 1100), np.uint16)
    Image.fromarray(noise).save(scan, compress_level=1)
    # A box of zeros makes files large enough to be scaled. Chromium cannot decode HEIC.
    zeros = struct.pack(">I4s", 500_000, b"free") + bytes(500_000 - 8)
    photo.write_bytes(HEIC + zeros)
    animation = tmp_path / "animation.avif"
    frames = [Image.new("RGB", (1000, 16), colour) for colour in ("teal", "white")]
    frames[0].save(animation, save_all=True, append_images=frames[1:])
    animation.write_bytes(animation.read_bytes() + zeros)
    for file in (scan, photo, animation):
        assert _upload(page, app, file) == file.read_bytes()
        expect(answer(page)).to_be_visible()


def test_a_photo_that_the_browser_cannot_read_to_scale_it_is_sent_as_it_is(visit, app, tmp_path):
    unreadable = "Blob.prototype.arrayBuffer = async () => { throw new Error(); };"
    page = visit(lambda page: page.add_init_script(unreadable))
    photo = tmp_path / "photo.png"
    with Image.open(EXAMPLES["other"]) as image:
        image.resize((1000, 800)).save(photo)
    assert photo.stat().st_size > 300_000
    assert _upload(page, app, photo) == photo.read_bytes()
    expect(answer(page)).to_have_text("other")


def test_of_two_quick_clicks_on_examples_the_last_one_counts(visit):
    page = visit()
    network = page.context.new_cdp_session(page)
    slow = {"offline": False, "latency": 500, "downloadThroughput": -1, "uploadThroughput": -1}
    network.send("Network.emulateNetworkConditions", slow)
    examples(page).nth(4).click()
    examples(page).first.click()
    expect(answer(page)).to_have_text("brain")
    expect(examples(page).first).to_have_attribute("aria-pressed", "true")
    page.wait_for_timeout(2000)
    expect(answer(page)).to_have_text("brain")


def _upload(page, app, file):
    """Drop a file, and return what the server received."""
    with page.expect_response("**/upload") as response:
        drop(zone(page), file)
    (path,) = response.value.json()
    return page.request.get(f"{app.url}/gradio_api/file={path}").body()
