"""Ways to give the page a picture."""

import base64
import re

import numpy as np
from PIL import Image
from playwright.sync_api import expect

from page.i18n import GRADIO_IN_FRENCH, TEXTS
from tests.helpers.answers import expected_answer, hardest_example
from tests.helpers.browser import (
    answer,
    clear,
    copy_image,
    drag,
    drop,
    examples,
    expect_answer,
    take_photograph,
    zone,
)
from tests.helpers.dicom_file import dicom
from tests.helpers.running_app import EXAMPLES


def test_a_dropped_or_chosen_image_gets_three_confidences(visit):
    page = visit()
    drop(zone(page), EXAMPLES["brain"])
    expect_answer(page, "brain")
    for label in EXAMPLES:
        expect(page.get_by_role("meter", name=label)).to_have_count(1)
    clear(page)
    # Beside the zone too.
    drop(page.get_by_role("heading", level=1), EXAMPLES["other"])
    expect_answer(page, "other")
    clear(page)
    with page.expect_file_chooser() as chooser:
        zone(page).get_by_text(TEXTS["drop"]["en"]).click()
    chooser.value.set_files(EXAMPLES["lung"])
    expect_answer(page, "lung")


def test_each_easy_example_is_predicted_right(visit):
    page = visit()
    expect(examples(page)).to_have_count(10)
    for button, label in enumerate(("brain", "brain", "lung", "lung", "other")):
        examples(page).nth(button).click()
        expect_answer(page, label)
    key = hardest_example()
    examples(page).get_by_text(TEXTS[key]["en"]).click()
    expect_answer(page, expected_answer(key))


def test_an_image_is_pasted_with_the_button_or_the_keyboard(visit):
    page = visit(permissions=["clipboard-read", "clipboard-write"])
    copy_image(page, EXAMPLES["lung"])
    page.get_by_role("button", name="Paste from clipboard").click()
    expect_answer(page, "lung")
    clear(page)
    page.keyboard.press("ControlOrMeta+v")
    expect_answer(page, "lung")


def test_a_clipboard_without_a_picture_and_a_folder_get_a_sentence(visit, tmp_path):
    deny = """const read = Clipboard.prototype.read;
        Clipboard.prototype.read = async function () {
            if (window.denied) throw new DOMException("", "NotAllowedError");
            return read.call(this);
        };"""
    allowed = ["clipboard-read", "clipboard-write"]
    page, errors = visit(lambda page: page.add_init_script(deny), permissions=allowed), []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.evaluate("navigator.clipboard.writeText('The patient was seen on Monday.')")
    for denied in ("false", "true"):
        page.evaluate(f"window.denied = {denied}")
        page.get_by_role("button", name="Paste from clipboard").click()
        expect(page.locator(".answer")).to_contain_text(TEXTS["no_clipboard"]["en"])
        drop(zone(page), tmp_path)
        expect(page.locator(".answer")).to_contain_text(TEXTS["unreadable"]["en"])
        expect(page.locator(".answer .again")).to_have_count(0)
    assert errors == []


def test_the_button_that_uploads_opens_the_file_chooser_and_keeps_the_answer(visit):
    page = visit()
    upload = page.get_by_role("button", name="Upload file")
    for file, label in ((EXAMPLES["brain"], "brain"), (EXAMPLES["lung"], "lung")):
        with page.expect_file_chooser() as chooser:
            upload.click()
        if label == "lung":
            expect_answer(page, "brain")
        chooser.value.set_files(file)
        expect_answer(page, label)
    # From the camera it leads back to the zone, as before.
    page.get_by_role("button", name="Capture from camera").click()
    upload.click()
    expect(page.get_by_text(TEXTS["drop"]["en"])).to_be_visible()


def test_a_picture_that_is_dropped_over_another_tab_opens_the_first(visit):
    page = visit()
    border = zone(page).evaluate("(zone) => getComputedStyle(zone).borderColor")
    page.get_by_role("tab").last.click()
    drop(page.get_by_role("heading", level=1), EXAMPLES["brain"])
    expect_answer(page, "brain")
    expect(page.get_by_role("tab").first).to_have_attribute("aria-selected", "true")
    assert "#" not in page.url
    drop(zone(page), EXAMPLES["lung"])
    expect_answer(page, "lung")
    clear(page)
    # It is not marked any more.
    expect(zone(page)).to_have_css("border-color", border)


def test_a_picture_is_marked_only_while_another_is_dragged_over_it(visit):
    page = visit()
    block = page.locator(".picture")
    drop(zone(page), EXAMPLES["brain"])
    expect_answer(page, "brain")
    border = _border(block)
    drag(zone(page), EXAMPLES["lung"], steps=("dragEnter", "dragOver"))
    expect(block).not_to_have_css("border-color", border)
    drag(page.get_by_role("heading", level=1), EXAMPLES["lung"], steps=("dragOver",))
    expect(block).to_have_css("border-color", border)
    drop(zone(page), EXAMPLES["lung"])
    expect_answer(page, "lung")
    expect(block).to_have_css("border-color", border)


def _border(part):
    return part.evaluate("(part) => getComputedStyle(part).borderColor")


def test_a_picture_is_dragged_from_another_page(visit, app):
    page = visit()
    for part in (zone(page), page.get_by_role("heading", level=1)):
        # One that a page contains, and one that a page may read from its address.
        encoded = base64.b64encode(EXAMPLES["lung"].read_bytes()).decode()
        drag(part, html=f'<img src="data:image/png;base64,{encoded}">')
        expect_answer(page, "lung")
        page.route(
            "https://example.org/scan.png",
            lambda route: route.fulfill(
                path=EXAMPLES["brain"], headers={"Access-Control-Allow-Origin": "*"}
            ),
        )
        drag(part, html='<a href="/"><img src="https://example.org/scan.png"></a>')
        expect_answer(page, "brain")
        page.unroute("https://example.org/scan.png")
        page.route("https://example.org/**", lambda route: route.abort())
        drag(part, html='<img src="https://example.org/scan.png">')
        expect(page.locator(".answer")).to_contain_text(TEXTS["no_drag"]["en"])
        expect(answer(page)).to_have_count(0)
        # A text is no picture; what is shown stays.
        drag(part, html="<p>brain</p>")
        expect(page.locator(".answer")).to_contain_text(TEXTS["no_drag"]["en"])


def test_an_example_can_be_dragged_too(visit):
    page = visit()
    examples(page).nth(2).drag_to(zone(page))
    expect_answer(page, "lung")
    expect(examples(page).nth(2)).to_have_attribute("aria-pressed", "true")


def test_an_image_that_could_not_be_pasted_is_asked_about_again(visit):
    page = visit(permissions=["clipboard-read", "clipboard-write"])
    copy_image(page, EXAMPLES["lung"])
    examples(page).first.click()
    expect_answer(page, "brain")
    for address in ("gradio_api/upload", "queue/join?*"):
        page.route(f"**/{address}", lambda route: route.abort(), times=1)
        page.get_by_role("button", name="Paste from clipboard").click()
        expect(page.locator(".answer").get_by_text(TEXTS["no_reply"]["en"])).to_be_visible()
        page.get_by_role("button", name=TEXTS["again"]["en"]).click()
        expect_answer(page, "lung")


def test_a_dicom_file_is_predicted_whether_chosen_or_dropped(visit, tmp_path):
    scan = tmp_path / "scan.dcm"
    with Image.open(EXAMPLES["brain"]) as image:
        scan.write_bytes(dicom(np.asarray(image.convert("L"), np.uint16)))
    page = visit(locale="fr-FR")
    with page.expect_file_chooser() as chooser:
        zone(page).get_by_text(TEXTS["drop"]["fr"]).click()
    # Nothing is greyed out, since a scan may have any ending or none.
    assert not chooser.value.element.get_attribute("accept")
    chooser.value.set_files(scan)
    expect_answer(page, "cerveau")
    # No browser shows DICOM, so the server sends a picture of it.
    expect(page.locator(".picture img")).to_have_attribute("src", re.compile("^data:image/webp"))
    drop(zone(page), EXAMPLES["other"])
    expect_answer(page, "autre")
    drop(zone(page), scan)
    expect_answer(page, "cerveau")


def test_the_camera_is_the_rear_one_not_mirrored_and_its_photograph_is_predicted(visit):
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
    page.get_by_role("button", name=GRADIO_IN_FRENCH["capture photo"]).click()
    expect(page.get_by_role("meter")).to_have_count(len(EXAMPLES))


def test_a_photograph_that_could_not_be_sent_is_asked_about_again(visit):
    page = visit(permissions=["camera"])
    for address in ("upload", "queue/join?*"):
        page.route(f"**/{address}", lambda route: route.abort(), times=1)
        take_photograph(page)
        expect(page.locator(".answer").get_by_text(TEXTS["no_reply"]["en"])).to_be_visible()
        # It has not been lost.
        expect(page.locator(".picture img")).to_be_visible()
        page.get_by_role("button", name=TEXTS["again"]["en"]).click()
        expect(page.get_by_role("meter")).to_have_count(len(EXAMPLES))
        clear(page)


def test_an_example_that_is_clicked_while_the_stream_of_another_ends_is_answered(visit):
    # The end of a stream takes longer than the reply to the next question.
    delay = """const send = window.fetch;
        const transform = async (chunk, controller) => {
            const text = new TextDecoder().decode(chunk);
            const end = text.indexOf('data: {"msg":"close_stream"');
            controller.enqueue(chunk.slice(0, end < 0 ? chunk.length : end));
            if (end < 0) return;
            await new Promise((resolve) => setTimeout(resolve, 1000));
            controller.enqueue(chunk.slice(end));
        };
        window.fetch = async (...request) => {
            const response = await send(...request);
            if (!String(request[0]?.url ?? request[0]).includes("/queue/data")) return response;
            return new Response(response.body.pipeThrough(new TransformStream({ transform })));
        };"""
    page = visit(lambda page: page.add_init_script(delay))
    for button, label in ((4, "other"), (0, "brain"), (2, "lung")):
        examples(page).nth(button).click()
        expect_answer(page, label)


def test_of_two_quick_clicks_on_examples_the_last_one_counts(visit):
    page = visit()
    network = page.context.new_cdp_session(page)
    slow = {"offline": False, "latency": 500, "downloadThroughput": -1, "uploadThroughput": -1}
    network.send("Network.emulateNetworkConditions", slow)
    examples(page).nth(4).click()
    examples(page).first.click()
    expect_answer(page, "brain")
    expect(examples(page).first).to_have_attribute("aria-pressed", "true")
    page.wait_for_timeout(2000)
    expect_answer(page, "brain")
