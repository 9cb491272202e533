"""What screen readers announce: every change once, in the visitor's language."""

from playwright.sync_api import expect

from page.i18n import TEXTS
from tests.helpers.browser import answer, drop, examples, slow_upload, zone
from tests.helpers.running_app import EXAMPLES

LISTEN = """
window.announced = [];
const REGIONS = "[role=status], [role=alert], [aria-live=polite], [aria-live=assertive]";
const texts = new Map();
new MutationObserver(() => {
  for (const region of document.querySelectorAll(REGIONS)) {
    const text = region.innerText.trim();
    if (text && text !== texts.get(region)) announced.push(text);
    texts.set(region, text);
  }
}).observe(document, { subtree: true, childList: true, characterData: true });
"""


def listen(page):
    page.add_init_script(LISTEN)


def announced(page, language="fr"):
    """Return what was announced since the last call, without texts that only a slow reply shows."""
    late = [TEXTS[key][language] for key in ("sending", "waiting")]
    return [text for text in page.evaluate("announced.splice(0)") if text not in late]


def test_a_page_that_is_complete_announces_nothing(visit):
    page = visit(lambda page: (listen(page), page.clock.install()))
    page.clock.run_for(10_000)  # Gradio announces in intervals of five seconds
    assert announced(page, "en") == [TEXTS["empty"]["en"]]


def test_an_answer_and_its_explanation_are_announced_once(visit):
    page = visit(listen, locale="fr-FR")
    page.get_by_role("button", name=TEXTS["why"]["fr"]).click()
    announced(page)
    for picture in ("brain", "lung"):
        drop(zone(page), EXAMPLES[picture])
        expect(page.locator(".heat")).to_be_visible()
        sentence, *explanation = announced(page)
        assert TEXTS[f"sure_{picture}"]["fr"] in sentence
        assert explanation == [TEXTS["why_waiting"]["fr"], TEXTS["why_caution"]["fr"]]
    examples(page).nth(4).click()
    expect(page.get_by_text(TEXTS["why_other"]["fr"])).to_be_visible()
    assert announced(page)[-1] == TEXTS["why_other"]["fr"]


def test_the_share_that_is_sent_is_not_announced(visit, tmp_path):
    page = visit(listen)
    announced(page)
    with slow_upload(page, tmp_path) as large:
        drop(zone(page), large)
        share = page.locator(".answer progress")
        before = share.get_attribute("value")
        expect(share).not_to_have_attribute("value", before)
        page.get_by_role("button", name=TEXTS["cancel"]["en"]).click()
    expect(page.get_by_text(TEXTS["empty"]["en"])).to_be_visible()
    assert page.evaluate("announced").count(TEXTS["sending"]["en"]) <= 1


def test_of_several_pictures_the_shown_one_is_announced_once(visit):
    page = visit(listen)
    page.get_by_role("button", name=TEXTS["why"]["en"]).click()
    announced(page)
    drop(zone(page), EXAMPLES["brain"], EXAMPLES["lung"], EXAMPLES["other"])
    done = TEXTS["several_done"]["en"]
    expect(page.get_by_text(done.format(done=3, total=3))).to_be_visible()
    expect(page.locator(".heat")).to_be_visible()
    expect(answer(page)).to_be_visible()
    texts = announced(page, "en")
    for number in range(4):
        assert texts.count(done.format(done=number, total=3)) == 1
    assert texts.count(TEXTS["why_waiting"]["en"]) == 1
    assert texts.count(TEXTS["why_caution"]["en"]) == 1
    assert len(texts) == 4 + 2 + 1
