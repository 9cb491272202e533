"""One answer for each picture, or the reason why there is none."""

import re

from playwright.sync_api import expect

from page.i18n import TEXTS
from tests.helpers.browser import answer, clear, drop, examples, expect_answer, slow_upload, zone
from tests.helpers.refusals import refusals
from tests.helpers.running_app import EXAMPLES


def test_each_image_is_predicted_once_until_another_replaces_it_or_it_is_cleared(visit):
    page, requests = visit(), []
    page.on("request", lambda request: "/queue/join" in request.url and requests.append(request))
    for times, labels in ((2, ("brain", "lung")), (4, ("other", "brain"))):
        for label in labels:
            drop(zone(page), EXAMPLES[label])
            expect_answer(page, label)
        clear(page)
        expect(page.get_by_text(TEXTS["drop"]["en"])).to_be_visible()
        assert len(requests) == times


def test_text_and_large_files_get_a_sentence_and_the_next_image_is_predicted(visit, tmp_path):
    page = visit(locale="fr-FR")
    drop(zone(page), EXAMPLES["brain"])
    expect_answer(page, "cerveau")
    for name in ("notes.txt", "notes.png"):
        notes = tmp_path / name
        notes.write_text("The patient was seen on Monday.")
        drop(zone(page), notes)
        expect(page.locator(".answer").get_by_text(refusals("text")["fr"])).to_be_visible()
        assert not page.locator(".toast-body").first.is_visible()
        # Gradio keeps an "Error" with a button in a status that has faded out.
        statuses = page.get_by_test_id("status-tracker").all()
        assert not [part for part in statuses if part.is_visible()]
        # The old result belongs to another file.
        expect(answer(page)).to_have_count(0)
        picture = page.locator(".picture img")
        expect(picture).to_have_attribute("alt", TEXTS["no_preview"]["fr"])
        drop(zone(page), EXAMPLES["lung"])
        expect_answer(page, "poumon")
        expect(picture).to_have_attribute("alt", "")
    _expect_over_20_mb_is_refused_before_it_is_sent(page, tmp_path)


def _expect_over_20_mb_is_refused_before_it_is_sent(page, folder):
    sent = []
    page.on("request", lambda request: "upload" in request.url and sent.append(request))
    (folder / "large.dcm").write_bytes(bytes(21 * 2**20))
    drop(zone(page), folder / "large.dcm")
    expect(page.get_by_text(TEXTS["file_too_large"]["fr"])).to_be_visible()
    expect(answer(page)).to_have_count(0)
    assert sent == []


def test_a_new_picture_clears_the_answer_before_it_is_sent_and_can_be_cancelled(visit, tmp_path):
    page = visit()
    drop(zone(page), EXAMPLES["brain"])
    expect_answer(page, "brain")
    with slow_upload(page, tmp_path) as large:
        drop(zone(page), large)
        expect(answer(page)).to_have_count(0)
        expect(page.get_by_role("progressbar", name=TEXTS["sending"]["en"])).to_be_visible()
        expect(page.get_by_text(re.compile(r"^\d+%$"))).to_be_visible()
        page.get_by_role("button", name=TEXTS["cancel"]["en"]).click()
    expect(page.get_by_text(TEXTS["empty"]["en"])).to_be_visible()
    expect(page.get_by_text(TEXTS["drop"]["en"])).to_be_visible()
    # The button has gone; the keyboard goes on from here and not from the top.
    expect(page.locator(".answer")).to_be_focused()


def test_a_picture_of_which_nothing_is_sent_can_be_cancelled(visit):
    page = visit()
    page.route("**/upload", lambda route: None, times=1)
    drop(zone(page), EXAMPLES["brain"])
    expect(page.get_by_role("progressbar", name=TEXTS["sending"]["en"])).to_be_visible()
    page.get_by_role("button", name=TEXTS["cancel"]["en"]).click()
    expect(page.get_by_text(TEXTS["empty"]["en"])).to_be_visible()


def test_without_a_server_the_card_says_so_and_tries_again(visit):
    page = visit()
    drop(zone(page), EXAMPLES["brain"])
    expect_answer(page, "brain")
    page.context.set_offline(True)
    drop(zone(page), EXAMPLES["lung"])
    expect(page.get_by_text(TEXTS["no_reply"]["en"])).to_be_visible()
    expect(answer(page)).to_have_count(0)
    page.context.set_offline(False)
    page.get_by_role("button", name=TEXTS["again"]["en"]).click()
    expect_answer(page, "lung")
    # The server can also go while it predicts.
    for request in ("join", "data"):
        page.route(f"**/queue/{request}*", lambda route: route.abort())
        examples(page).first.click()
        expect(page.get_by_text(TEXTS["no_reply"]["en"])).to_be_visible()
        page.unroute(f"**/queue/{request}*")
        page.get_by_role("button", name=TEXTS["again"]["en"]).click()
        expect_answer(page, "brain")
        clear(page)


def test_a_tab_that_is_opened_without_a_server_says_so_and_the_page_goes_on(visit):
    page = visit()
    page.context.set_offline(True)
    page.get_by_role("tab").last.click()
    expect(page.locator(".about").get_by_text(TEXTS["no_reply"]["en"])).to_be_visible()
    page.context.set_offline(False)
    page.get_by_role("tab").first.click()
    drop(zone(page), EXAMPLES["brain"])
    expect_answer(page, "brain")
    page.get_by_role("tab").last.click()
    expect(page.locator(".about section").first).to_be_visible()


def test_a_tab_that_could_not_be_filled_is_asked_for_again(visit):
    page = visit(locale="fr-FR")
    page.context.set_offline(True)
    page.get_by_role("tab").last.click()
    again = page.get_by_role("button", name=TEXTS["again"]["fr"])
    again.click()
    expect(page.locator(".about").get_by_text(TEXTS["no_reply"]["fr"])).to_be_visible()
    page.context.set_offline(False)
    again.press("Enter")
    expect(page.locator(".about section").first).to_be_visible()
    # The button has gone; the keyboard goes on from here and not from the top.
    expect(page.locator(".about").first.locator(":focus")).to_have_count(1)


def test_a_server_that_hangs_counts_as_gone_after_a_minute(visit):
    page = visit(lambda page: page.clock.install())
    for address, text in (
        ("upload", "sending"),
        ("queue/join?*", "waiting"),
        ("queue/data?*", "waiting"),
    ):
        page.route(f"**/{address}", lambda route: None, times=1)
        with page.expect_request(f"**/{address}"):
            drop(zone(page), EXAMPLES["brain"])
        expect(page.get_by_text(TEXTS[text]["en"])).to_be_visible()
        page.clock.fast_forward(50_000)
        expect(page.get_by_text(TEXTS[text]["en"])).to_be_visible()
        page.clock.fast_forward(11_000)
        expect(page.get_by_text(TEXTS["no_reply"]["en"])).to_be_visible()
        page.get_by_role("button", name=TEXTS["again"]["en"]).click()
        expect_answer(page, "brain")


def test_a_late_answer_is_not_shown_beside_another_picture(visit):
    page, held = visit(), []
    page.route("**/queue/join*", lambda route: route.continue_() if held else held.append(route))
    drop(zone(page), EXAMPLES["brain"])
    expect(page.get_by_text(TEXTS["waiting"]["en"])).to_be_visible()
    page.evaluate(
        """() => {
            window.headings = new Set();
            new MutationObserver(() => {
                const heading = document.querySelector(".answer h2");
                if (heading) window.headings.add(heading.innerText);
            }).observe(document.querySelector(".result"), { subtree: true, childList: true });
        }"""
    )
    drop(zone(page), EXAMPLES["other"])
    expect_answer(page, "other")
    held[0].continue_()
    page.wait_for_timeout(500)
    assert page.evaluate("[...window.headings]") == ["Other"]
