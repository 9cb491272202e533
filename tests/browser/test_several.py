"""Several pictures at once, in a real browser: the strip, its answers and its CSV file."""

import csv
import io
import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from page.examples import FILES
from page.i18n import TEXTS
from page.template import STATIC
from tests.helpers.answers import expected_answer, hardest_example
from tests.helpers.browser import answer, drop, examples, expect_answer, slow_upload, zone
from tests.helpers.running_app import EXAMPLES


@pytest.fixture
def choose_as_visitor(visit):
    """Return a function that opens the page as a visitor and chooses several files."""

    def choose(files, **options):
        page = visit(**options)
        with page.expect_file_chooser() as chooser:
            zone(page).locator("button").first.click()
        assert chooser.value.is_multiple()
        chooser.value.set_files(files)
        return page

    return choose


@pytest.fixture
def notes(tmp_path):
    """A text file, whose name has signs with a meaning in HTML and CSV."""
    file = tmp_path / 'a "b" <c>, d.txt'
    file.write_text("The patient was seen on Monday.")
    return file


def hard_file():
    return FILES[hardest_example()]


def entries(page):
    return page.locator(".several li button")


def expect_done(page, count, language="en"):
    done = TEXTS["several_done"][language].format(done=count, total=count)
    expect(page.locator(".several").get_by_role("status")).to_contain_text(done)


def test_several_pictures_are_answered_and_shown_again_without_asking(choose_as_visitor, notes):
    page, asked = choose_as_visitor([EXAMPLES["brain"], notes, hard_file(), EXAMPLES["lung"]]), []
    expect_done(page, 4)
    page.on("request", lambda request: "/queue/join" in request.url and asked.append(request))
    expect_answer(page, "brain")
    expect(entries(page)).to_contain_text(
        ["brain 99%", "This is a text file", expected_answer(hardest_example()), "lung 99%"]
    )
    entries(page).nth(3).click()
    expect_answer(page, "lung")
    expect(entries(page).nth(3)).to_have_attribute("aria-current", "true")
    shown = page.locator(".picture img").evaluate("(image) => image.src")
    assert shown == entries(page).nth(3).locator("img").get_attribute("src")
    entries(page).nth(1).click()
    expect(page.locator(".answer")).to_contain_text("This is a text file")
    expect(answer(page)).to_have_count(0)
    # With the keyboard; the focus stays where it is.
    entries(page).nth(2).focus()
    page.keyboard.press("Enter")
    expect_answer(page, expected_answer(hardest_example()))
    expect(entries(page).nth(2)).to_be_focused()
    assert asked == []
    # The explanation is asked for when it is opened.
    page.get_by_role("button", name=TEXTS["why"]["en"]).click()
    expect(page.locator(".heat")).to_be_visible()
    assert len(asked) == 1
    # An example is no entry, and a single picture is added.
    examples(page).nth(4).click()
    expect_answer(page, "other")
    expect(page.locator(".several [aria-current=true]")).to_have_count(0)
    drop(zone(page), EXAMPLES["brain"])
    expect_done(page, 5)
    expect(entries(page).nth(4)).to_have_attribute("aria-current", "true")
    expect_answer(page, "brain")
    page.get_by_role("button", name="Clear").click()
    expect(entries(page)).to_have_count(0)
    expect(answer(page)).to_have_count(0)


def test_the_answers_are_saved_as_csv(choose_as_visitor, notes):
    page = choose_as_visitor([EXAMPLES["other"], notes], locale="fr-FR")
    expect_done(page, 2, "fr")
    with page.expect_download() as download:
        page.get_by_role("button", name=TEXTS["several_csv"]["fr"]).click()
    assert download.value.suggested_filename == "brain-lung-other.csv"
    text = download.value.path().read_text(encoding="utf-8-sig")
    picture, unreadable = csv.DictReader(io.StringIO(text))
    assert (picture["file"], picture["label"], picture["error"]) == ("landscape.jpg", "other", "")
    confidences = [float(picture[label]) for label in EXAMPLES]
    assert sum(confidences) == pytest.approx(1, abs=1e-3)
    assert float(picture["other"]) == max(confidences)
    assert unreadable["file"] == notes.name
    assert unreadable["label"] == unreadable["brain"] == ""
    assert "fichier texte" in unreadable["error"]


def csv_of(browser, entries):
    """Return the rows of the CSV file for entries of the strip."""
    page = browser.new_page()
    text = page.evaluate(
        "([source, entries]) => new Function(`${source}; return csv`)()(entries, [])",
        [(STATIC / "csv.js").read_text(encoding="utf-8"), entries],
    )
    page.close()
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))


def test_no_name_of_a_file_is_a_formula_for_spreadsheets(browser):
    """The names that OWASP lists under CSV injection; others stay as they are."""
    formulas = ["=cmd|'/c calc'!A0.png", "+1.png", "-1.png", "@SUM(1).png", "\t=1.png"]
    names = [*formulas, "a=1.png", 'IRM "T1", -5.png']
    rows = csv_of(browser, [{"file": {"name": name}, "answer": {"reason": name}} for name in names])
    expected = [*("'" + name for name in formulas), *names[len(formulas) :]]
    assert [row["file"] for row in rows] == [row["error"] for row in rows] == expected


@pytest.mark.parametrize("state", ["sending", "waiting"])
def test_a_picture_that_is_still_being_answered_is_no_error(browser, state):
    (row,) = csv_of(browser, [{"file": {"name": "scan.png"}, "answer": {"state": state}}])
    assert row == {"file": "scan.png", "label": "", "error": ""}


def test_the_strip_fits_a_phone_and_is_accessible(choose_as_visitor, notes):
    phone = {"viewport": {"width": 360, "height": 740}, "has_touch": True}
    files = [*EXAMPLES.values(), hard_file(), notes, notes]
    page = choose_as_visitor(files, locale="fr-FR", **phone)
    expect_done(page, 6, "fr")
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    entries(page).last.focus()
    expect(entries(page).last).to_be_in_viewport(ratio=0.99)
    expect(page.locator(".several")).to_contain_text(expected_answer(hardest_example(), "fr"))
    page.add_style_tag(content="* { transition: none !important; animation: none !important; }")
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        violations = Axe().run(page, ".several").response["violations"]
        assert [violation["id"] for violation in violations] == []


def test_without_a_server_the_entries_say_so_and_are_asked_again(choose_as_visitor):
    page = choose_as_visitor([EXAMPLES["brain"], EXAMPLES["other"]])
    expect_done(page, 2)
    page.context.set_offline(True)
    drop(zone(page), EXAMPLES["lung"], hard_file())
    expect(entries(page).nth(3)).to_contain_text(TEXTS["no_reply"]["en"])
    expect(page.locator(".answer")).to_contain_text(TEXTS["no_reply"]["en"])
    counted = TEXTS["several_done"]["en"].format(done=2, total=4)
    expect(page.locator(".several").get_by_role("status")).to_contain_text(counted)
    with page.expect_download() as download:
        page.get_by_role("button", name=TEXTS["several_csv"]["en"]).click()
    assert TEXTS["no_reply"]["en"] in download.value.path().read_text(encoding="utf-8-sig")
    # The pictures that were answered are there without a server.
    entries(page).nth(1).click()
    expect_answer(page, "other")
    page.context.set_offline(False)
    # One press asks about all of them.
    entries(page).nth(3).click()
    expect_answer(page, expected_answer(hardest_example()))
    expect_done(page, 4)
    entries(page).nth(2).click()
    expect_answer(page, "lung")


def test_a_slow_picture_shows_its_share_and_can_be_taken_out(visit, tmp_path):
    page = visit()
    too_large = tmp_path / "large.dcm"
    too_large.write_bytes(bytes(21 * 2**20))
    with slow_upload(page, tmp_path) as large:
        drop(zone(page), large, too_large, EXAMPLES["lung"])
        expect(page.get_by_text(re.compile(r"^\d+%$"))).to_be_visible()
        page.get_by_role("button", name=TEXTS["cancel"]["en"]).click()
        expect(page.get_by_text(TEXTS["empty"]["en"])).to_be_visible()
    expect_done(page, 2)
    expect(entries(page)).to_contain_text([TEXTS["file_too_large"]["en"], "lung 99%"])


def test_one_picture_is_no_strip_and_is_replaced_by_what_comes_next(visit):
    page = visit()
    for label in ("brain", "lung"):
        drop(zone(page), EXAMPLES[label])
        expect_answer(page, label)
        expect(page.locator(".several")).to_have_count(0)
    drop(zone(page), EXAMPLES["other"], hard_file())
    expect_done(page, 2)
    expect(entries(page)).to_have_count(2)


def test_of_two_pictures_the_other_is_shown_when_one_is_taken_out(visit, tmp_path):
    page = visit()
    with slow_upload(page, tmp_path) as large:
        drop(zone(page), large, EXAMPLES["lung"])
        page.get_by_role("button", name=TEXTS["cancel"]["en"]).click()
    expect_answer(page, "lung")
    expect(page.locator(".several")).to_have_count(0)


def test_an_example_does_not_wait_for_pictures_that_are_being_sent(visit, tmp_path):
    page = visit()
    page.route("**/upload", lambda route: None, times=1)
    with page.expect_request("**/upload"):
        drop(zone(page), EXAMPLES["brain"], EXAMPLES["other"])
    examples(page).nth(2).click()
    expect_answer(page, "lung")


def test_clear_stops_what_is_being_sent(visit):
    page = visit()
    page.route("**/upload", lambda route: None, times=1)
    with page.expect_request("**/upload"):
        drop(zone(page), EXAMPLES["brain"], EXAMPLES["lung"])
    with page.expect_event("requestfailed", lambda request: "upload" in request.url):
        page.get_by_role("button", name="Clear").click()
    drop(zone(page), EXAMPLES["other"], hard_file())
    expect_done(page, 2)
