"""The page in the visitor's language, by keyboard, and for assistive technology."""

import contextlib
import io
import re
import zlib

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import expect

from page.i18n import GRADIO_IN_FRENCH, TEXTS
from tests.browser.languages import LABELS, LOCALES
from tests.helpers.browser import answer, drop, examples, expect_answer, zone
from tests.helpers.running_app import EXAMPLES

TITLES = {"en-US": "Brain, lung or other?", "fr-FR": "Cerveau, poumon ou autre ?"}
NO_DEVICE = {"en-US": "not a medical device", "fr-FR": "pas un dispositif médical"}


@pytest.mark.parametrize("locale", LOCALES)
def test_everything_shown_is_in_the_visitors_language(visit, locale):
    page = visit(locale=locale)
    expect(page.get_by_role("heading", level=1)).to_have_text(TITLES[locale])
    expect(page.get_by_text(NO_DEVICE[locale]).first).to_be_visible()
    expect(page.locator("html")).to_have_attribute("lang", locale[:2])
    assert page.title() == TEXTS["title"][locale[:2]]
    examples(page).first.click()
    expect_answer(page, LABELS[locale]["brain"])
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


def test_reduced_motion_forced_colours_and_print_are_honoured(visit):
    page = visit(reduced_motion="reduce", forced_colors="active")
    examples(page).first.click()
    expect_answer(page, "brain")
    bar = page.locator(".answer .top .bar span")
    for part in (bar, examples(page).first, page.locator(".picture").first):
        expect(part).to_have_css("transition-property", "none")
        expect(part).to_have_css("animation-name", "none")
    assert bar.evaluate("(bar) => matchMedia('(forced-colors: active)').matches")
    colours = "(part) => getComputedStyle(part).backgroundColor"
    assert bar.evaluate(colours) != bar.locator("..").evaluate(colours)
    for tab, outline in zip(page.get_by_role("tab").all(), ("solid", "none"), strict=True):
        expect(tab).to_have_css("outline-style", outline)
    page.emulate_media(media="print")
    for part in (examples(page), page.get_by_role("tab"), page.locator(".source-selection")):
        expect(part.first).to_be_hidden()
    expect(answer(page)).to_be_visible()


def test_the_dark_scheme_is_printed_in_the_colours_of_the_light_one(visit):
    printed = []
    for scheme in ("light", "dark"):
        page = visit(color_scheme=scheme)
        drop(zone(page), EXAMPLES["brain"], EXAMPLES["lung"])
        expect(page.locator(".several .csv")).to_be_enabled()
        expect(answer(page)).to_be_visible()
        printed.append(_colours(page.pdf()))
        expect(page.locator(".dark .gradio-container")).to_have_count(int(scheme == "dark"))
        page.emulate_media(media="print")
        for name in (TEXTS["several_csv"]["en"], "Fullscreen"):
            expect(page.get_by_role("button", name=name)).to_be_hidden()
    light, dark = printed
    assert dark == light


def _colours(pdf):
    """Return the colours that a PDF file fills shapes and text with."""
    colours = set()
    for content in re.findall(rb"stream\r?\n(.+?)endstream", pdf, re.DOTALL):
        with contextlib.suppress(zlib.error):  # an image or a font
            colours.update(re.findall(rb"([\d.]+ [\d.]+ [\d.]+) rg", zlib.decompress(content)))
    assert colours
    return colours


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
    expect_answer(page, "lung")
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Space")
    expect_answer(page, "brain")
    assert page.locator(".verdict").get_attribute("role") == "status"
    meter = page.get_by_role("meter", name="brain")
    assert float(meter.get_attribute("aria-valuenow")) > 50
    assert "%" in meter.get_attribute("aria-valuetext")
    page.get_by_role("button", name=TEXTS["clear"]["en"]).press("Enter")
    expect(answer(page)).to_have_count(0)
    # Its triangle is not a part of its name.
    accordion = page.get_by_role("button", name=TEXTS["why"]["en"], exact=True)
    expect(accordion).to_have_attribute("aria-expanded", "false")
    accordion.press("Enter")
    expect(accordion).to_have_attribute("aria-expanded", "true")


def test_outlines_are_seen_on_all_sides(visit):
    page = visit(reduced_motion="reduce")
    tab, other = page.get_by_role("tab").all()
    for part in (tab, zone(page).locator("button").first):
        before = _pixels(part)
        page.keyboard.press("Tab")
        expect(part).to_be_focused()
        assert _changed_sides(before, _pixels(part)) == 4
    # The selected tab and the colours of the heat map, in the few colours of forced ones.
    page.emulate_media(forced_colors="active")
    before = _pixels(tab)
    other.click()
    assert _changed_sides(before, _pixels(tab)) == 4
    tab.click()
    examples(page).first.click()
    page.get_by_role("button", name=TEXTS["why"]["en"]).click()
    expect(page.locator(".legend .scale")).to_be_visible()
    assert len(np.unique(_pixels(page.locator(".legend .scale")), axis=1)[0]) > 50


def _pixels(part):
    return np.asarray(Image.open(io.BytesIO(part.screenshot())).convert("RGB"), dtype=int)


def _changed_sides(before, after):
    """Count the sides of a rectangle that look different near their edge."""
    changed = np.abs(after - before).max(axis=-1) > 30
    turned = (np.rot90(changed, turns) for turns in range(4))
    return sum(side[:4].max(axis=0).mean() > 0.5 for side in turned)


def test_the_arrow_keys_select_a_tab(visit, app):
    page = visit()
    first, last = page.get_by_role("tab").all()
    first.focus()
    for key, tab in (("ArrowRight", last), ("ArrowRight", first), ("End", last), ("Home", first)):
        page.keyboard.press(key)
        expect(tab).to_be_focused()
        expect(tab).to_have_attribute("aria-selected", "true")
    page.keyboard.press("ArrowLeft")
    expect(page.locator(".about section").first).to_be_visible()
    assert page.url.endswith("#about")
    # The other tab is not on the way to the content.
    page.keyboard.press("Shift+Tab")
    expect(first).not_to_be_focused()
    page.keyboard.press("Tab")
    expect(last).to_be_focused()
    page.keyboard.press("Control+Home")
    expect(last).to_be_focused()


def test_axe_finds_no_serious_violation_in_light_or_dark(visit):
    page = visit(viewport={"width": 390, "height": 844})
    examples(page).first.click()
    expect_answer(page, "brain")
    violations = _violations(page)
    page.get_by_role("tab").last.click()
    expect(page.locator(".about").first).to_be_visible()
    violations += _violations(page)
    assert violations == []


def _violations(page):
    # During a transition, colours are those of neither end.
    page.add_style_tag(content="* { transition: none !important; animation: none !important; }")
    found = []
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        expect(page.locator(".dark .gradio-container")).to_have_count(int(scheme == "dark"))
        found += [
            (scheme, violation["id"], node["target"], node["failureSummary"])
            for violation in Axe().run(page).response["violations"]
            if violation["impact"] in ("serious", "critical")
            for node in violation["nodes"]
        ]
    return found
