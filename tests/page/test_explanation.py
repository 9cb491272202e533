"""Explanations: the endpoint, and the accordion in a real browser."""

import numpy as np
import pytest
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError
from PIL import Image
from playwright.sync_api import expect

from page.i18n import TEXTS
from tests.helpers.browser import answer, clear, drop, expect_answer, expect_complete, zone
from tests.helpers.refusals import refusals
from tests.helpers.running_app import EXAMPLES

TITLES = {"en-US": "Why this answer?", "fr-FR": "Pourquoi cette réponse ?"}
METHODS = {"en-US": "Method: each area", "fr-FR": "Méthode : chaque zone"}
ALTERNATIVES = {"en-US": "Your picture in dark grey", "fr-FR": "Votre image en gris foncé"}
NOT_AN_IMAGE = refusals("text")


@pytest.fixture
def notes(tmp_path):
    """A text file with the name of an image."""
    file = tmp_path / "notes.png"
    file.write_text("The patient was seen on Monday.")
    return file


@pytest.fixture
def visit(app, visitors):
    """Return a function that opens the page as a visitor, in a language."""

    def visit(locale="en-US"):
        page = visitors.open(locale=locale)
        page.goto(app.url)
        expect_complete(page)
        return page

    yield visit
    visitors.leave()


def test_the_endpoint_colours_the_scan_and_not_the_blank_page(app, tmp_path):
    image = Image.new("RGB", (1200, 900), "white")
    with Image.open(EXAMPLES["brain"]) as scan:
        image.paste(scan.resize((400, 400)), (700, 100))
    image.save(tmp_path / "page.png")
    file = client(app).predict(handle_file(tmp_path / "page.png"), api_name="/explain")
    with Image.open(file) as opened:
        pixels = np.asarray(opened, dtype=float)
    assert pixels.shape == (600, 800, 3)
    colour = pixels.max(axis=-1) - pixels.min(axis=-1)
    left, upper, right, lower = (round(side * 2 / 3) for side in (700, 100, 1100, 500))
    assert colour[upper:lower, left:right].sum() > 0.5 * colour.sum()


@pytest.mark.parametrize("language", NOT_AN_IMAGE)
def test_the_endpoint_refuses_unreadable_files_in_the_callers_language(app, notes, language):
    with pytest.raises(AppError) as error:
        client(app, language).predict(handle_file(notes), api_name="/explain")
    assert error.value.message == NOT_AN_IMAGE[language]


@pytest.mark.parametrize("locale", TITLES)
def test_the_explanation_is_in_the_visitors_language_and_its_colours_can_fade(visit, locale):
    page, language = visit(locale), locale[:2]
    drop(zone(page), EXAMPLES["brain"])
    expect(answer(page)).to_be_visible()
    page.get_by_role("button", name=TITLES[locale]).click()
    expect(overlay(page)).to_be_visible()
    assert overlay(page).get_attribute("alt").startswith(ALTERNATIVES[locale])
    assert overlay(page).evaluate("(image) => image.decode().then(() => image.naturalWidth)") == 512
    expect(page.get_by_text(TEXTS["why_caution"][language])).to_be_visible()
    expect(page.get_by_text(METHODS[locale])).to_be_visible()
    page.get_by_role("slider", name=TEXTS["why_colours"][language]).press("Home")
    expect(overlay(page)).to_have_css("opacity", "0")
    below = page.locator(".picture-below")
    assert below.evaluate("(image) => image.decode().then(() => image.naturalWidth)") == 512
    assert below.bounding_box() == overlay(page).bounding_box()


def test_nothing_is_computed_while_the_accordion_is_closed(visit):
    page = visit()
    requests = []
    page.on("request", lambda request: "queue/join" in request.url and requests.append(request))
    drop(zone(page), EXAMPLES["brain"])
    expect_answer(page, "brain")
    drop(zone(page), EXAMPLES["lung"])
    expect_answer(page, "lung")
    assert len(requests) == 2
    click_accordion(page)
    expect(overlay(page)).to_be_visible()
    assert len(requests) == 3
    click_accordion(page)
    # An explanation of the first would have been asked for before the answer to the second.
    for label in ("other", "brain"):
        drop(zone(page), EXAMPLES[label])
        expect_answer(page, label)
    assert len(requests) == 5


def test_the_overlay_follows_the_image_and_a_confident_other_gets_a_sentence(visit):
    page = visit()
    click_accordion(page)
    expect(page.get_by_text(TEXTS["why_empty"]["en"])).to_be_visible()
    drop(zone(page), EXAMPLES["brain"])
    expect(overlay(page)).to_be_visible()
    brain = overlay(page).get_attribute("src")
    drop(zone(page), EXAMPLES["lung"])
    expect_answer(page, "lung")
    expect(overlay(page)).not_to_have_attribute("src", brain)
    expect(overlay(page)).to_be_visible()
    # An example too replaces it at once, before the server has given the picture.
    page.route("**/queue/join*", lambda route: None, times=1)
    with page.expect_request("**/queue/join*"):
        page.locator(".examples button").nth(4).click()
    expect(overlay(page)).to_have_count(0)
    drop(zone(page), EXAMPLES["lung"])
    expect(overlay(page)).to_be_visible()
    clear(page)
    expect(overlay(page)).to_have_count(0)
    expect(page.get_by_text(TEXTS["why_empty"]["en"])).to_be_visible()
    drop(zone(page), EXAMPLES["other"])
    expect(page.get_by_text(TEXTS["why_other"]["en"])).to_be_visible()
    expect(overlay(page)).to_have_count(0)
    drop(zone(page), EXAMPLES["lung"])
    expect(overlay(page)).to_be_visible()


# Two of the four pairs: neither depends on the other.
@pytest.mark.parametrize(("replaced", "opened_first"), [(False, True), (True, False)])
def test_a_late_overlay_is_never_of_another_picture(visit, tmp_path, replaced, opened_first):
    page, held = visit(), []
    page.evaluate(
        """() => {
            window.seen = new Set();
            new MutationObserver(() => {
                const heat = document.querySelector(".heat");
                if (heat) window.seen.add(heat.src);
            }).observe(document.body, { subtree: true, childList: true });
        }"""
    )
    intercept(page, lambda route: route.continue_() if held else held.append(route))
    with page.expect_request(asks_to_explain(page)):
        if opened_first:
            click_accordion(page)
        drop(zone(page), EXAMPLES["brain"])
        expect_answer(page, "brain")
        if not opened_first:
            click_accordion(page)
    expect(page.get_by_text(TEXTS["why_waiting"]["en"])).to_be_visible()
    if replaced:
        large = tmp_path / "large.dcm"
        large.write_bytes(bytes(21 * 2**20))
        drop(zone(page), large)
        expect(page.get_by_text(TEXTS["file_too_large"]["en"])).to_be_visible()
    else:
        clear(page)
        expect(page.get_by_text(TEXTS["why_empty"]["en"])).to_be_visible()
    held[0].continue_()
    # Gradio explains one picture after the other.
    drop(zone(page), EXAMPLES["lung"])
    expect(overlay(page)).to_be_visible()
    assert page.evaluate("[...seen]") == [overlay(page).evaluate("(image) => image.src")]


def test_a_failed_explanation_ends_the_waiting_state(visit):
    page = visit()
    click_accordion(page)
    full = {"status": 503, "json": {"error": "Queue is full."}}  # Gradio's own response.
    intercept(page, lambda route: route.fulfill(**full))
    drop(zone(page), EXAMPLES["brain"])
    expect_answer(page, "brain")
    expect(page.get_by_text(TEXTS["why_failed"]["en"])).to_be_visible()
    page.unroute("**/queue/join*")
    page.get_by_role("button", name=TEXTS["again"]["en"]).click()
    expect(overlay(page)).to_be_visible()


def test_an_unreadable_file_is_reported_once_and_the_next_image_is_explained(visit, notes):
    page = visit()
    click_accordion(page)
    drop(zone(page), EXAMPLES["brain"])
    expect(overlay(page)).to_be_visible()
    drop(zone(page), notes)
    expect(page.locator(".answer").get_by_text(NOT_AN_IMAGE["en"])).to_have_count(1)
    expect(overlay(page)).to_have_count(0)
    expect(page.get_by_text(TEXTS["why_failed"]["en"])).to_be_visible()
    drop(zone(page), EXAMPLES["lung"])
    expect(overlay(page)).to_be_visible()


def client(app, language="en"):
    headers = {"Accept-Language": language}
    return Client(app.url, verbose=False, analytics_enabled=False, headers=headers)


def asks_to_explain(page):
    """Return a function that tells whether a request asks for an explanation."""
    explain = page.evaluate(
        "gradio_config.dependencies.find(({ api_name }) => api_name === 'explain').id"
    )
    return lambda request: (
        "queue/join" in request.url and request.post_data_json["fn_index"] == explain
    )


def intercept(page, handle):
    """Let a function handle only the requests for an explanation."""
    explains = asks_to_explain(page)
    page.route(
        "**/queue/join*",
        lambda route: handle(route) if explains(route.request) else route.continue_(),
    )


def click_accordion(page):
    page.get_by_role("button", name=TITLES["en-US"]).click()


def overlay(page):
    return page.locator(".heat")
