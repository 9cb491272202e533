"""The layout on screens of every size."""

import io

import pytest
from PIL import Image
from playwright.sync_api import expect

from page.i18n import TEXTS
from tests.browser.languages import LABELS, LOCALES
from tests.helpers.browser import answer, drop, examples, expect_answer, slow_upload, zone
from tests.helpers.running_app import EXAMPLES


def test_on_a_small_phone_the_answer_is_in_view_when_it_comes(visit):
    page = visit(locale="fr-FR", viewport={"width": 360, "height": 740}, has_touch=True)
    clear = page.get_by_role("button", name=TEXTS["clear"]["fr"])
    expect(clear).to_be_hidden()
    note = page.get_by_text(TEXTS["examples"]["fr"])
    assert note.bounding_box()["y"] > 740

    def expect_in_view(label):
        expect_answer(page, LABELS["fr-FR"][label])
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


def test_on_a_phone_on_its_side_too(visit):
    page = visit(viewport={"width": 844, "height": 390}, has_touch=True)
    for button, label in ((9, None), (0, "brain")):
        examples(page).nth(button).click()
        expect(answer(page)).to_be_in_viewport(ratio=0.99)
        if label:
            expect_answer(page, label)
    page.evaluate("scrollTo(0, 0)")
    drop(zone(page), EXAMPLES["lung"], EXAMPLES["other"])
    expect_answer(page, "lung")
    page.evaluate("scrollTo(0, 0)")
    page.locator(".several li button").nth(1).click()
    expect_answer(page, "other")
    expect(answer(page)).to_be_in_viewport(ratio=0.99)


@pytest.mark.parametrize(
    "colours", [{}, {"color_scheme": "dark"}, {"forced_colors": "active"}], ids=str
)
def test_the_share_that_is_sent_looks_like_the_bars_of_the_answer(visit, tmp_path, colours):
    page = visit(reduced_motion="reduce", **colours)
    examples(page).first.click()
    expect_answer(page, "brain")
    full, *empty = map(_colours, page.locator(".answer .bar").all())
    with slow_upload(page, tmp_path) as large:
        drop(zone(page), large)
        share = page.locator(".answer progress")
        page.wait_for_function("document.querySelector('.answer progress')?.value > 0.3")
        assert _colours(share) <= full.union(*empty)
        assert _colours(share) & full.difference(*empty)
        page.get_by_role("button", name=TEXTS["cancel"]["en"]).click()


def _colours(part):
    """Return the colours that fill much of an element."""
    with Image.open(io.BytesIO(part.screenshot())) as image:
        colours = image.convert("RGB").getcolors(1 << 16)
        return {colour for count, colour in colours if count > image.width * image.height / 10}


def test_the_page_can_be_scrolled_while_a_picture_is_sent(visit, tmp_path):
    page = visit(viewport={"width": 390, "height": 500}, has_touch=True)
    with slow_upload(page, tmp_path) as large:
        drop(zone(page), large)
        share = page.locator(".answer progress")
        expect(share).to_be_visible()
        page.wait_for_timeout(500)  # until it has come into view
        page.evaluate("scrollTo(0, 0)")
        before = share.get_attribute("value")
        expect(share).not_to_have_attribute("value", before)
        page.wait_for_timeout(500)
        assert page.evaluate("scrollY") == 0


def test_on_a_phone_the_picture_fills_the_screen_on_demand(visit):
    page = visit(viewport={"width": 360, "height": 740}, has_touch=True)
    examples(page).first.click()
    expect_answer(page, "brain")
    page.get_by_role("button", name="Fullscreen").click()
    page.wait_for_function("document.querySelector('.picture img').offsetWidth > 330")


@pytest.mark.parametrize("width", [360, 640])
def test_text_of_twice_the_size_fits(visit, width):
    page = visit(locale="fr-FR", viewport={"width": width, "height": 800})
    page.add_style_tag(content=":root { font-size: 200% }")
    examples(page).first.click()
    expect_answer(page, "cerveau")
    assert page.evaluate("document.documentElement.scrollWidth") == width
    edges = page.locator(".answer *, .examples *").evaluate_all(
        "(parts) => parts.map((part) => part.getBoundingClientRect().right)"
    )
    assert max(edges) <= width
    assert page.locator(".answer .bar").first.bounding_box()["width"] > 100
    # Gradio's own sizes of text are in pixels.
    expect(page.locator(".answer .verdict p").first).to_have_css("font-size", "28px")
    tab = page.get_by_role("tab").first
    expect(tab).to_have_css("font-size", "28px")
    assert tab.evaluate("({ offsetHeight, scrollHeight }) => scrollHeight - offsetHeight") <= 0


@pytest.mark.parametrize("locale", LOCALES)
def test_the_page_fits_phones_and_its_layout_is_the_same_with_an_answer(visit, locale):
    page = visit(locale=locale, viewport={"width": 390, "height": 664}, has_touch=True)
    _expect_title_image_and_first_examples_in_view(page)
    page.set_viewport_size({"width": 1100, "height": 1100})
    _expect_the_same_layout_with_and_without_an_answer(page, locale)
    page.set_viewport_size({"width": 320, "height": 640})
    examples(page).first.click()
    expect_answer(page, LABELS[locale]["brain"])
    assert page.evaluate("document.documentElement.scrollWidth") == 320
    # Overflow that is cut off adds no scroll bar.
    edges = page.locator("main *").evaluate_all(
        "(parts) => parts.map((part) => part.getBoundingClientRect().right)"
    )
    assert max(edges) <= 320


def _expect_title_image_and_first_examples_in_view(page):
    for part in (page.get_by_role("heading", level=1), zone(page), *examples(page).all()[:3]):
        box = part.bounding_box()
        assert box["y"] + box["height"] <= page.viewport_size["height"]
    # Texts and pictures begin at the same line.
    for part in (".heading h1", ".picture", ".examples p", ".examples button"):
        assert page.locator(part).first.bounding_box()["x"] == 16


def _expect_the_same_layout_with_and_without_an_answer(page, locale):
    def boxes():
        parts = page.locator(".answer, .answer .meter, .no-device, .examples, .clear, .weights")
        return [part.bounding_box() for part in parts.all()]

    empty = boxes()
    examples(page).first.click()
    expect_answer(page, LABELS[locale]["brain"])
    expect(examples(page).first).to_have_attribute("aria-pressed", "true")
    assert boxes() == empty
    page.get_by_role("button", name=TEXTS["clear"][locale[:2]]).last.click()
    expect(answer(page)).to_have_count(0)
    assert boxes() == empty
