"""The page in a real browser, used as visitors use it."""

import io
import re
from urllib.parse import urlsplit

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import ExifTags, Image
from playwright.sync_api import expect

from page.i18n import GRADIO_IN_FRENCH, TEXTS
from tests.helpers.browser import (
    answer,
    copy_image,
    drop,
    examples,
    expect_complete,
    take_photograph,
    zone,
)
from tests.helpers.dicom_file import dicom
from tests.helpers.refusals import refusals
from tests.helpers.running_app import EXAMPLES

TITLES = {"en-US": "Brain, lung or other?", "fr-FR": "Cerveau, poumon ou autre ?"}
LABELS = {
    "en-US": {label: label for label in EXAMPLES},
    "fr-FR": {"brain": "cerveau", "lung": "poumon", "other": "autre"},
}
NO_DEVICE = {"en-US": "not a medical device", "fr-FR": "pas un dispositif médical"}


@pytest.fixture
def visit(app, browser):
    """Return a function that opens the page as a new visitor and waits until it is complete."""
    contexts = []

    def visit(before=lambda page: None, **options):
        context = browser.new_context(**{"locale": "en-US"} | options)
        contexts.append(context)
        page = context.new_page()
        before(page)
        page.goto(app.url)
        expect_complete(page)
        return page

    yield visit
    for context in contexts:
        context.close()


def test_a_dropped_image_gets_three_confidences(visit):
    page = visit()
    drop(zone(page), EXAMPLES["brain"])
    expect(answer(page)).to_have_text("brain")
    for label in EXAMPLES:
        expect(page.get_by_role("meter", name=label)).to_have_count(1)


def test_each_image_is_predicted_once_also_when_it_replaces_another(visit):
    page, requests = visit(), []
    page.on("request", lambda request: "/queue/join" in request.url and requests.append(request))
    for times, label in enumerate(("brain", "lung", "other"), start=1):
        drop(zone(page), EXAMPLES[label])
        expect(answer(page)).to_have_text(label)
        assert len(requests) == times
    page.get_by_role("button", name="Clear").last.click()
    expect(answer(page)).to_have_count(0)
    assert len(requests) == 3


def test_an_image_dropped_beside_the_zone_is_predicted(visit):
    page = visit()
    drop(page.get_by_role("heading", level=1), EXAMPLES["other"])
    expect(answer(page)).to_have_text("other")


def test_tabs_and_examples_have_addresses(visit, app):
    page = visit()
    page.goto(f"{app.url}/?example=knee")
    expect(answer(page)).to_be_visible()
    expect(examples(page).nth(6)).to_have_attribute("aria-pressed", "true")
    about = page.get_by_role("tab").last
    about.click()
    assert page.url.endswith("#about")
    page.reload()
    expect(about).to_have_attribute("aria-selected", "true")
    expect(page.locator(".about section").first).to_be_visible()
    page.go_back()
    expect(about).to_have_attribute("aria-selected", "false")


def test_each_easy_example_is_predicted_right(visit):
    page = visit()
    expect(examples(page)).to_have_count(10)
    for button, label in enumerate(("brain", "brain", "lung", "lung", "other")):
        examples(page).nth(button).click()
        expect(answer(page)).to_have_text(label)
    examples(page).get_by_text(TEXTS["example_emoji"]["en"]).click()
    expect(answer(page)).to_have_text("Perhaps other")


def test_an_image_is_pasted_with_the_button(visit):
    page = visit(permissions=["clipboard-read", "clipboard-write"])
    copy_image(page, EXAMPLES["lung"])
    page.get_by_role("button", name="Paste from clipboard").click()
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


@pytest.mark.parametrize("locale", TITLES)
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


def test_the_accordion_says_whether_it_is_open(visit):
    page = visit()
    accordion = page.get_by_role("button", name="Why this answer?")
    expect(accordion).to_have_attribute("aria-expanded", "false")
    accordion.click()
    expect(accordion).to_have_attribute("aria-expanded", "true")


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


@pytest.mark.parametrize(("locale", "name"), [("en-US", "notes.txt"), ("fr-FR", "notes.png")])
def test_a_text_file_gets_a_sentence_and_the_next_image_is_predicted(visit, tmp_path, locale, name):
    notes = tmp_path / name
    notes.write_text("The patient was seen on Monday.")
    page = visit(locale=locale)
    drop(zone(page), EXAMPLES["brain"])
    expect(answer(page)).to_have_text(LABELS[locale]["brain"])
    drop(zone(page), notes)
    expect(page.locator(".answer").get_by_text(refusals("text")[locale[:2]])).to_be_visible()
    assert not page.locator(".toast-body").first.is_visible()
    # Gradio keeps an "Error" with a button in a status that has faded out.
    assert not [part for part in page.get_by_test_id("status-tracker").all() if part.is_visible()]
    # The old result belongs to another file.
    expect(answer(page)).to_have_count(0)
    drop(zone(page), EXAMPLES["lung"])
    expect(answer(page)).to_have_text(LABELS[locale]["lung"])


def test_clear_removes_image_and_answer_without_an_error(visit):
    page = visit()
    clear = page.get_by_role("button", name="Clear")
    for label in ("brain", "lung"):
        drop(zone(page), EXAMPLES[label])
        expect(answer(page)).to_have_text(label)
        clear.last.click()
        expect(answer(page)).to_have_count(0)
        expect(page.get_by_text(TEXTS["drop"]["en"])).to_be_visible()


def test_a_new_picture_clears_the_answer_before_it_is_sent_and_can_be_cancelled(visit, tmp_path):
    page = visit()
    drop(zone(page), EXAMPLES["brain"])
    expect(answer(page)).to_have_text("brain")
    network = page.context.new_cdp_session(page)
    slow = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": 100_000}
    network.send("Network.emulateNetworkConditions", slow)
    large = tmp_path / "large.bmp"
    Image.effect_noise((800, 800), 50).save(large)
    drop(zone(page), large)
    expect(answer(page)).to_have_count(0)
    expect(page.get_by_role("progressbar", name=TEXTS["sending"]["en"])).to_be_visible()
    expect(page.get_by_text(re.compile(r"^\d+%$"))).to_be_visible()
    page.get_by_role("button", name=TEXTS["cancel"]["en"]).click()
    expect(page.get_by_text(TEXTS["empty"]["en"])).to_be_visible()
    expect(page.get_by_text(TEXTS["drop"]["en"])).to_be_visible()


def test_without_a_server_the_card_says_so_and_tries_again(visit):
    page = visit()
    drop(zone(page), EXAMPLES["brain"])
    expect(answer(page)).to_have_text("brain")
    page.context.set_offline(True)
    drop(zone(page), EXAMPLES["lung"])
    expect(page.get_by_text(TEXTS["no_reply"]["en"])).to_be_visible()
    expect(answer(page)).to_have_count(0)
    page.context.set_offline(False)
    page.get_by_role("button", name=TEXTS["again"]["en"]).click()
    expect(answer(page)).to_have_text("lung")
    # The server can also go while it predicts.
    for request in ("join", "data"):
        page.route(f"**/queue/{request}*", lambda route: route.abort())
        examples(page).first.click()
        expect(page.get_by_text(TEXTS["no_reply"]["en"])).to_be_visible()
        page.unroute(f"**/queue/{request}*")
        page.get_by_role("button", name=TEXTS["again"]["en"]).click()
        expect(answer(page)).to_have_text("brain")
        page.get_by_role("button", name="Clear").click()
        expect(answer(page)).to_have_count(0)


def test_a_late_answer_is_not_shown_beside_another_picture(visit):
    page, held = visit(), []
    page.route("**/queue/join*", lambda route: route.continue_() if held else held.append(route))
    drop(zone(page), EXAMPLES["brain"])
    expect(page.get_by_text(TEXTS["waiting"]["en"])).to_be_visible()
    drop(zone(page), EXAMPLES["other"])
    page.wait_for_timeout(500)
    page.evaluate(
        """() => {
            window.headings = new Set();
            new MutationObserver(() => {
                const heading = document.querySelector(".answer h2");
                if (heading) window.headings.add(heading.innerText);
            }).observe(document.querySelector(".result"), { subtree: true, childList: true });
        }"""
    )
    held[0].continue_()
    expect(answer(page)).to_have_text("other")
    page.wait_for_timeout(500)
    assert set(page.evaluate("[...window.headings]")) <= {"Other"}


def test_a_file_over_20_mb_is_refused_before_it_is_sent(visit, tmp_path):
    page, sent = visit(locale="fr-FR"), []
    drop(zone(page), EXAMPLES["brain"])
    expect(answer(page)).to_have_text("cerveau")
    page.on("request", lambda request: "upload" in request.url and sent.append(request))
    (tmp_path / "large.dcm").write_bytes(bytes(21 * 2**20))
    drop(zone(page), tmp_path / "large.dcm")
    expect(page.get_by_text(TEXTS["file_too_large"]["fr"])).to_be_visible()
    expect(answer(page)).to_have_count(0)
    assert sent == []


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
        assert image.size == (1024, 683)
        assert image.getexif().get(ExifTags.Base.Orientation, 1) == 1
    expect(answer(page)).to_have_text("other")


def test_a_16_bit_scan_is_sent_as_it_is(visit, app, tmp_path):
    scan = tmp_path / "scan.png"
    noise = np.random.default_rng(0).integers(0, 4096, (1100, 1100), np.uint16)
    Image.fromarray(noise).save(scan, compress_level=1)
    assert _upload(visit(), app, scan) == scan.read_bytes()


def _upload(page, app, file):
    """Drop a file, and return what the server received."""
    with page.expect_response("**/upload") as response:
        drop(zone(page), file)
    (path,) = response.value.json()
    return page.request.get(f"{app.url}/gradio_api/file={path}").body()


def test_on_a_small_phone_the_answer_is_in_view_when_it_comes(visit):
    page = visit(locale="fr-FR", viewport={"width": 360, "height": 740}, has_touch=True)
    clear = page.get_by_role("button", name=TEXTS["clear"]["fr"])
    expect(clear).to_be_hidden()
    note = page.get_by_text(TEXTS["examples"]["fr"])
    assert note.bounding_box()["y"] > 740

    def expect_in_view(label):
        expect(answer(page)).to_have_text(LABELS["fr-FR"][label])
        expect(page.locator(".answer")).to_be_in_viewport(ratio=0.99)

    for button, label in ((0, "brain"), (2, "lung"), (4, "other")):
        page.evaluate("scrollTo(0, 0)")
        examples(page).nth(button).click()
        expect_in_view(label)
    page.evaluate("scrollTo(0, 0)")
    drop(zone(page), EXAMPLES["lung"])
    expect_in_view("lung")
    expect(clear).to_be_visible()
    assert zone(page).bounding_box()["y"] < page.locator(".answer").bounding_box()["y"]
    assert page.locator(".answer").bounding_box()["y"] < examples(page).first.bounding_box()["y"]


@pytest.mark.parametrize("locale", TITLES)
def test_title_and_disclaimer_are_in_the_visitors_language(visit, locale):
    page = visit(locale=locale)
    expect(page.get_by_role("heading", level=1)).to_have_text(TITLES[locale])
    expect(page.get_by_text(NO_DEVICE[locale]).first).to_be_visible()
    expect(page.locator("html")).to_have_attribute("lang", locale[:2])
    assert page.title() in TITLES.values()


@pytest.mark.parametrize("locale", TITLES)
def test_everything_shown_is_in_the_visitors_language(visit, locale):
    page = visit(locale=locale)
    examples(page).first.click()
    expect(answer(page)).to_have_text(LABELS[locale]["brain"])
    seen = _seen(page)
    page.get_by_role("tab").last.click()
    expect(page.locator(".about").first).to_be_visible()
    seen += _seen(page)
    for raw in ("__i18n__", "translation_metadata", *(key for key in TEXTS if "_" in key)):
        assert raw not in seen
    language, other = ("fr", "en") if locale == "fr-FR" else ("en", "fr")
    assert TEXTS["purpose"][language] in seen
    foreign = [text[other] for text in TEXTS.values() if len(text[other]) > 12]
    if language == "fr":
        foreign += [*GRADIO_IN_FRENCH, "Remove Image"]
    assert [text for text in foreign if text in seen] == []


def _seen(page):
    """Return the visible text and the accessible names."""
    names = page.locator("gradio-app [aria-label]:visible, gradio-app [title]:visible")
    return "\n".join(
        [
            page.locator("body").inner_text(),
            *names.evaluate_all(
                "(parts) => parts.flatMap(({ ariaLabel, title }) => [ariaLabel ?? '', title ?? ''])"
            ),
        ]
    )


@pytest.mark.parametrize("width", [390, 1280])
def test_nothing_moves_while_the_page_loads(visit, width):
    shifts = """window.shifts = [];
        new PerformanceObserver((list) => window.shifts.push(...list.getEntries()))
            .observe({ type: "layout-shift", buffered: true });"""
    page = visit(
        lambda page: page.add_init_script(shifts), viewport={"width": width, "height": 844}
    )
    expect(page.locator("gradio-app")).to_be_visible()
    assert page.evaluate("shifts.reduce((sum, { value }) => sum + value, 0)") <= 0.1


def test_a_skeleton_is_shown_before_any_script_has_loaded(app, browser):
    page = browser.new_page()
    page.route("**/*.js", lambda route: route.abort())
    page.goto(app.url, wait_until="commit")
    expect(page.locator("html")).to_have_class(re.compile("gradio-loading"))
    skeleton = "getComputedStyle(document.body, '::before').backgroundImage"
    assert "gradient" in page.evaluate(skeleton)
    page.close()


def test_texts_are_compressed_and_the_tab_about_loads_when_it_is_opened(visit):
    responses = []
    page = visit(lambda page: page.on("response", lambda response: responses.append(response)))
    plain = [
        response.url
        for response in responses
        if re.match("text/(?!event)|application/j", response.header_value("content-type") or "")
        and not response.header_value("content-encoding")
        and len(response.body()) > 1000
    ]
    assert plain == []
    assert page.locator(".about section").count() == 0
    page.get_by_role("tab").last.click()
    expect(page.locator(".about section").first).to_be_visible()


@pytest.mark.parametrize("locale", TITLES)
def test_the_page_fits_a_narrow_phone(visit, locale):
    page = visit(locale=locale, viewport={"width": 320, "height": 640})
    examples(page).first.click()
    expect(answer(page)).to_have_text(LABELS[locale]["brain"])
    assert page.evaluate("document.documentElement.scrollWidth") == 320
    # Overflow that is cut off adds no scroll bar.
    edges = page.locator("main *").evaluate_all(
        "(parts) => parts.map((part) => part.getBoundingClientRect().right)"
    )
    assert max(edges) <= 320


def test_text_of_twice_the_size_fits(visit):
    page = visit(locale="fr-FR", viewport={"width": 640, "height": 800})
    page.add_style_tag(content=":root { font-size: 200% }")
    examples(page).first.click()
    expect(answer(page)).to_have_text("cerveau")
    assert page.evaluate("document.documentElement.scrollWidth") == 640
    edges = page.locator(".answer *, .examples *").evaluate_all(
        "(parts) => parts.map((part) => part.getBoundingClientRect().right)"
    )
    assert max(edges) <= 640


def test_reduced_motion_forced_colours_and_print_are_honoured(visit):
    page = visit(reduced_motion="reduce", forced_colors="active")
    examples(page).first.click()
    expect(answer(page)).to_have_text("brain")
    bar = page.locator(".answer .top .bar span")
    for part in (bar, examples(page).first, page.locator(".picture").first):
        expect(part).to_have_css("transition-property", "none")
        expect(part).to_have_css("animation-name", "none")
    assert bar.evaluate("(bar) => matchMedia('(forced-colors: active)').matches")
    colours = "(part) => getComputedStyle(part).backgroundColor"
    assert bar.evaluate(colours) != bar.locator("..").evaluate(colours)
    page.emulate_media(media="print")
    expect(examples(page).first).to_be_hidden()
    expect(answer(page)).to_be_visible()


@pytest.mark.parametrize("locale", TITLES)
def test_a_phone_shows_title_image_and_first_examples_without_scrolling(visit, locale):
    page = visit(locale=locale, viewport={"width": 390, "height": 664}, has_touch=True)
    for part in (page.get_by_role("heading", level=1), zone(page), *examples(page).all()[:3]):
        box = part.bounding_box()
        assert box["y"] + box["height"] <= 664


@pytest.mark.parametrize("locale", TITLES)
def test_the_layout_is_the_same_with_and_without_an_answer(visit, locale):
    page = visit(locale=locale, viewport={"width": 1100, "height": 1100})

    def boxes():
        parts = page.locator(".answer, .answer .meter, .no-device, .examples, .clear, .weights")
        return [part.bounding_box() for part in parts.all()]

    empty = boxes()
    examples(page).first.click()
    expect(answer(page)).to_have_text(LABELS[locale]["brain"])
    expect(examples(page).first).to_have_attribute("aria-pressed", "true")
    assert boxes() == empty
    page.get_by_role("button", name=TEXTS["clear"][locale[:2]]).last.click()
    expect(answer(page)).to_have_count(0)
    assert boxes() == empty


def test_the_page_works_with_the_keyboard(visit):
    page = visit()
    reached = []
    for _ in range(30):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.innerText.trim()"))
        if reached[-1] == TEXTS["example_lung"]["en"]:
            break
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid"
    page.keyboard.press("Enter")
    expect(answer(page)).to_have_text("lung")
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Space")
    expect(answer(page)).to_have_text("brain")
    assert page.locator(".verdict").get_attribute("role") == "status"
    meter = page.get_by_role("meter", name="brain")
    assert float(meter.get_attribute("aria-valuenow")) > 50
    assert "%" in meter.get_attribute("aria-valuetext")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_serious_violation(visit, scheme):
    page = visit(color_scheme=scheme, viewport={"width": 390, "height": 844})
    examples(page).first.click()
    expect(answer(page)).to_have_text("brain")
    violations = _violations(page)
    page.get_by_role("tab").last.click()
    expect(page.locator(".about").first).to_be_visible()
    violations += _violations(page)
    assert violations == []


def _violations(page):
    # During a transition, colours are those of neither end.
    page.add_style_tag(content="* { transition: none !important; animation: none !important; }")
    found = Axe().run(page).response["violations"]
    return [
        (violation["id"], node["target"], node["failureSummary"])
        for violation in found
        if violation["impact"] in ("serious", "critical")
        for node in violation["nodes"]
    ]


def test_a_visit_logs_no_error_and_requests_no_other_host(visit, app):
    errors, hosts = [], set()

    def listen(page):
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda line: line.type == "error" and errors.append(line.text))
        page.on("request", lambda request: hosts.add(urlsplit(request.url).netloc))

    page = visit(listen)
    drop(zone(page), EXAMPLES["brain"])
    expect(answer(page)).to_have_text("brain")
    assert errors == []
    assert hosts - {""} == {urlsplit(app.url).netloc}  # data: and blob: URLs have no host.
