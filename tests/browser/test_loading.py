"""How the page loads, and its addresses."""

import json
import re
from types import SimpleNamespace
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from page.gradio_compat.early import EARLY_BODY
from page.i18n import TEXTS
from tests.helpers.browser import answer, drop, examples, expect_answer, expect_complete, zone
from tests.helpers.running_app import EXAMPLES

SHIFTS = """window.shifts = [];
    new PerformanceObserver((list) => window.shifts.push(...list.getEntries()))
        .observe({ type: "layout-shift", buffered: true });"""

COUNT_FRAMES = """window.requested = 0;
    window.frame = requestAnimationFrame.bind(window);
    window.requestAnimationFrame = (callback) => { requested++; return frame(callback); };"""

BECOMES_STILL = """async () => {
    for (let attempt = 0; attempt < 40; attempt++) {
        const before = requested;
        for (let i = 0; i < 30; i++) await new Promise(frame);
        if (requested === before) return true;
    }
    return false;
}"""


@pytest.fixture(scope="module", params=[390, 1280])
def first_visit(app, browser, request):
    """What a visit with an empty cache shows: the page loads, answers, and opens its last tab."""
    seen = SimpleNamespace(errors=[], requests=[], responses=[])
    page = browser.new_page(locale="en-US", viewport={"width": request.param, "height": 844})
    page.add_init_script(SHIFTS)
    page.on("pageerror", lambda error: seen.errors.append(str(error)))
    page.on("console", lambda line: line.type == "error" and seen.errors.append(line.text))
    page.on("request", lambda request: seen.requests.append(request))
    page.on("response", lambda response: seen.responses.append(response))
    page.goto(app.url)
    expect_complete(page)
    expect(page.locator("gradio-app")).to_be_visible()
    # An unknown type of entry would be ignored.
    assert page.evaluate("PerformanceObserver.supportedEntryTypes.includes('layout-shift')")
    seen.shift = page.evaluate("shifts.reduce((sum, { value }) => sum + value, 0)")
    seen.plain = [response.url for response in seen.responses if is_plain_text(response)]
    drop(zone(page), EXAMPLES["brain"])
    expect_answer(page, "brain")
    seen.sections = page.locator(".about section").count()
    page.get_by_role("tab").last.click()
    expect(page.locator(".about section").first).to_be_visible()
    yield seen
    page.close()


def is_plain_text(response):
    """Tell whether a response is text, long enough to be compressed, and is not."""
    return (
        re.match("text/(?!event)|application/j", response.header_value("content-type") or "")
        and not response.header_value("content-encoding")
        and len(response.body()) > 1000
    )


def test_nothing_moves_while_the_page_loads(first_visit):
    assert first_visit.shift <= 0.1


def test_an_open_page_becomes_still(visit):
    page = visit(lambda page: page.add_init_script(COUNT_FRAMES))
    # Gradio animates its sign of loading for some seconds after it has been removed.
    assert page.evaluate(BECOMES_STILL)


def test_texts_are_compressed(first_visit):
    assert first_visit.responses
    assert first_visit.plain == []


def test_the_tab_about_loads_when_it_is_opened(first_visit):
    assert first_visit.sections == 0


def test_a_visit_logs_no_error_and_requests_no_other_host(first_visit, app):
    hosts = {urlsplit(request.url).netloc for request in first_visit.requests}
    assert first_visit.errors == []
    assert hosts - {""} == {urlsplit(app.url).netloc}  # data: and blob: URLs have no host.


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_link_to_the_page_is_shown_with_its_title_and_purpose(app, browser, language):
    page = browser.new_page(locale=language, java_script_enabled=False)
    page.goto(app.url)
    assert page.title() == TEXTS["title"][language]
    for name, text in (("title", "title"), ("description", "purpose")):
        [shown] = page.locator(f'meta[property="og:{name}"]').all()
        assert shown.get_attribute("content") == TEXTS[text][language]
    assert "Gradio" not in page.locator("meta").evaluate_all(
        "(tags) => tags.map((t) => t.content).join()"
    )
    page.close()


def test_a_skeleton_is_shown_before_any_script_has_loaded(app, browser):
    page = browser.new_page()
    page.route("**/*.js", lambda route: route.abort())
    page.goto(app.url, wait_until="commit")
    expect(page.locator("html")).to_have_class(re.compile("gradio-loading"))
    skeleton = "getComputedStyle(document.body, '::before').backgroundImage"
    assert "gradient" in page.evaluate(skeleton)
    page.close()


@pytest.fixture
def early(app, browser):
    """Return a page whose scripts have not come, and a function that lets them come."""
    page = browser.new_page(locale="en-US")
    page.route("**/assets/*.js", lambda route: None)
    page.goto(app.url, wait_until="commit")
    yield page, lambda: page.unroute("**/assets/*.js")
    page.close()


def test_a_picture_is_taken_before_any_script_has_loaded(early):
    page, let_scripts_come = early
    expect(page).to_have_title("Brain, lung or other?")
    page.get_by_label("Drop a picture here, or choose one").set_input_files(EXAMPLES["lung"])
    expect(page.get_by_text("Sending your picture…")).to_be_visible()
    let_scripts_come()
    expect_answer(page, "lung")
    expect(page.locator(".early")).to_have_count(0)


def test_a_file_chooser_that_was_opened_early_may_be_used_late(early):
    page, let_scripts_come = early
    with page.expect_file_chooser() as chooser:
        page.locator(".early").click()
    let_scripts_come()
    expect_complete(page)
    expect(page.get_by_role("button", name="Drop or choose a picture")).to_be_focused()
    chooser.value.set_files([EXAMPLES["brain"], EXAMPLES["lung"]])
    expect(page.locator(".several li")).to_contain_text(["brain", "lung"])


def test_what_is_preloaded_is_what_gradio_asks_for_late(app, browser):
    names = EARLY_BODY.partition("PRELOADS = ")[2].partition(";")[0]
    page = browser.new_page()
    requested = []
    page.on("request", lambda request: requested.append(urlsplit(request.url).path))

    def without(route):
        response = route.fetch()
        route.fulfill(response=response, body=response.text().replace(names, "[]"))

    page.route(f"{app.url}/", without)
    page.goto(app.url)
    expect_complete(page)
    late = [name for path in requested if (name := path.partition("/assets/")[2])]
    first = next(number for number, name in enumerate(late) if name.startswith("Blocks-"))
    assert sorted(json.loads(names)) == sorted(late[first:])
    page.close()


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
    about.click()  # again, which Back does not have to undo
    page.go_back()
    expect(about).to_have_attribute("aria-selected", "false")
