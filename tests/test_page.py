"""The page in a real browser, used as a visitor uses it."""

from urllib.parse import urlsplit

import pytest
from browser import answer, copy_picture, drop, examples, take_photograph, zone
from playwright.sync_api import expect
from running_app import EXAMPLES

TITLES = {"en-US": "Brain, lung or other?", "fr-FR": "Cerveau, poumon ou autre ?"}
NO_DEVICE = {"en-US": "not a medical device", "fr-FR": "pas un dispositif médical"}
NOT_A_PICTURE = {
    "en-US": "This file is not a picture that can be read; try a JPEG or a PNG.",
    "fr-FR": "Ce fichier n'est pas une image lisible ; essayez un JPEG ou un PNG.",
}


@pytest.fixture
def visit(app, browser):
    """What opens the page as a new visitor and waits until it is complete."""
    contexts = []

    def visit(before=lambda page: None, **options):
        context = browser.new_context(**{"locale": "en-US"} | options)
        contexts.append(context)
        page = context.new_page()
        before(page)
        page.goto(app.url)
        expect(page.get_by_text(app.weights_line)).to_be_visible()
        return page

    yield visit
    for context in contexts:
        context.close()


def test_a_dropped_picture_is_answered_with_three_confidences(visit):
    page = visit()
    drop(zone(page), EXAMPLES["brain"])
    expect(answer(page)).to_have_text("brain")
    for label in EXAMPLES:
        expect(page.get_by_role("meter", name=label)).to_have_count(1)


def test_a_picture_dropped_on_the_one_that_is_shown_is_answered(visit):
    page = visit()
    drop(zone(page), EXAMPLES["brain"])
    expect(answer(page)).to_have_text("brain")
    drop(zone(page), EXAMPLES["lung"])
    expect(answer(page)).to_have_text("lung")


def test_a_picture_dropped_beside_the_zone_is_answered(visit):
    page = visit()
    drop(page.get_by_role("heading", level=1), EXAMPLES["other"])
    expect(answer(page)).to_have_text("other")


def test_each_example_is_answered(visit):
    page = visit()
    expect(examples(page)).to_have_count(len(EXAMPLES))
    for button, label in enumerate(EXAMPLES):
        examples(page).nth(button).click()
        expect(answer(page)).to_have_text(label)


def test_a_picture_is_pasted_with_the_button(visit):
    page = visit(permissions=["clipboard-read", "clipboard-write"])
    copy_picture(page, EXAMPLES["lung"])
    page.get_by_role("button", name="Paste from clipboard").click()
    expect(answer(page)).to_have_text("lung")


def test_a_picture_is_pasted_with_the_keyboard(visit):
    page = visit(permissions=["clipboard-read", "clipboard-write"])
    copy_picture(page, EXAMPLES["lung"])
    page.keyboard.press("ControlOrMeta+v")
    expect(answer(page)).to_have_text("lung")


def test_a_picture_is_chosen_among_the_files(visit):
    page = visit()
    with page.expect_file_chooser() as chooser:
        zone(page).get_by_text("Click to Upload").click()
    chooser.value.set_files(EXAMPLES["other"])
    expect(answer(page)).to_have_text("other")


def test_a_photograph_from_the_camera_is_answered(visit):
    page = visit(permissions=["camera"])
    take_photograph(page)
    expect(page.get_by_role("meter")).to_have_count(len(EXAMPLES))


@pytest.mark.parametrize("name", ["notes.txt", "notes.png"])
@pytest.mark.parametrize("locale", NOT_A_PICTURE)
def test_a_text_file_gets_a_sentence_and_the_next_picture_is_answered(
    visit, tmp_path, locale, name
):
    notes = tmp_path / name
    notes.write_text("The patient was seen on Monday.")
    page = visit(locale=locale)
    drop(zone(page), notes)
    expect(page.get_by_text(NOT_A_PICTURE[locale]).first).to_be_visible()
    drop(zone(page), EXAMPLES["lung"])
    expect(answer(page)).to_have_text("lung")


def test_clear_empties_picture_and_answer_without_a_complaint(visit):
    page = visit()
    clear = page.get_by_role("button", name="Clear")
    for label in ("brain", "lung"):
        drop(zone(page), EXAMPLES[label])
        expect(answer(page)).to_have_text(label)
        clear.last.click()
        expect(answer(page)).to_have_count(0)
        expect(page.get_by_text("Click to Upload")).to_be_visible()
    # The server answers in order: a complaint about the first clearing would be there by now. It
    # would go by itself, so this is no time to wait for its absence.
    assert page.get_by_test_id("toast-body").count() == 0


@pytest.mark.parametrize("locale", TITLES)
def test_the_page_introduces_itself_in_the_language_of_the_visitor(visit, locale):
    page = visit(locale=locale)
    expect(page.get_by_role("heading", level=1)).to_have_text(TITLES[locale])
    expect(page.get_by_text(NO_DEVICE[locale]).first).to_be_visible()
    assert page.title() in TITLES.values()
    for raw in ("__i18n__", "translation_metadata"):
        expect(page.locator("body")).not_to_contain_text(raw)


def test_the_page_fits_a_narrow_phone(visit):
    page = visit(viewport={"width": 320, "height": 640})
    examples(page).first.click()
    expect(answer(page)).to_have_text("brain")
    assert page.evaluate("document.documentElement.scrollWidth") == 320
    # What is cut off makes no scroll bar.
    edges = page.locator("main *").evaluate_all(
        "(parts) => parts.map((part) => part.getBoundingClientRect().right)"
    )
    assert max(edges) <= 320


def test_a_visit_logs_no_error_and_asks_no_other_host(visit, app):
    errors, hosts = [], set()

    def listen(page):
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda line: line.type == "error" and errors.append(line.text))
        page.on("request", lambda request: hosts.add(urlsplit(request.url).netloc))

    page = visit(listen)
    drop(zone(page), EXAMPLES["brain"])
    expect(answer(page)).to_have_text("brain")
    assert errors == []
    assert hosts - {""} == {urlsplit(app.url).netloc}  # What is within the page has no host.
