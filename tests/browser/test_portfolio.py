"""The demo embedded in the pages of examples/, served from another site."""

import functools
import re
import threading
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import gradio
import pytest
from playwright.sync_api import expect

from tests.helpers.browser import (
    answer,
    clear,
    copy_image,
    drop,
    examples,
    expect_answer,
    expect_complete,
    take_photograph,
    zone,
)
from tests.helpers.running_app import EXAMPLES, ROOT

SPACE = "https://victorouledi-brain-lung-other.hf.space"
GRADIO = f"https://gradio.s3-us-west-2.amazonaws.com/{gradio.__version__}/gradio.js"

WITHOUT_STORAGE = """if (window.self !== window.top) {
    const refuse = () => { throw new DOMException("blocked", "SecurityError"); };
    for (const name of ["localStorage", "sessionStorage", "indexedDB", "caches"])
        Object.defineProperty(window, name, { get: refuse });
    Object.defineProperty(document, "cookie", { get: refuse, set: refuse });
}"""
"""What a frame from another site gets where third-party cookies are blocked."""


@pytest.fixture(scope="module")
def site(app):
    """Address of the pages, with the running app in place of the Space and Gradio's host."""
    pages = {}
    for name in ("portfolio.html", "portfolio-element.html"):
        page = (ROOT / "examples" / name).read_text(encoding="utf-8")
        assert SPACE in page
        pages[f"/{name}"] = page.replace(SPACE, app.url).replace(GRADIO, "/gradio.js")

    class Handler(SimpleHTTPRequestHandler):
        def do_GET(self):
            if self.path not in pages:
                return super().do_GET()
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(pages[self.path].encode())

        def log_message(self, *_):
            pass

    frontend = Path(gradio.__file__).parent / "templates" / "frontend"
    handler = functools.partial(Handler, directory=frontend)
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.02,)).start()
        # Another host name than that of the app, so that the app is another site.
        yield f"http://localhost:{server.server_port}"
        server.shutdown()


@pytest.fixture
def visit(visitors, site):
    """Return a function that opens the page as a visitor: the page, and its frame."""

    def visit(before=lambda page: None, **options):
        page = visitors.open(**options)
        page.add_init_script(WITHOUT_STORAGE)
        before(page)
        page.goto(f"{site}/portfolio.html")
        page.locator("iframe").scroll_into_view_if_needed()
        inside = page.frame_locator("iframe")
        expect_complete(inside)
        return page, inside

    yield visit
    visitors.leave()


def test_the_frame_has_only_the_demo_in_the_colours_of_the_page(visit, app):
    page, inside = visit(color_scheme="dark")
    expect(page.get_by_role("link")).to_have_attribute("href", app.url)
    for part in (inside.get_by_role("contentinfo"), inside.get_by_role("tab")):
        expect(part).to_have_count(0)
    for part in (inside.locator(".outside"), inside.locator(".weights").first):
        expect(part).to_be_hidden()
    expect(inside.locator(".no-device")).to_be_visible()
    drop(zone(inside), EXAMPLES["lung"])
    expect(answer(inside)).to_have_text("lung")
    _expect_same_background(page, inside)
    page.emulate_media(color_scheme="light")
    _expect_same_background(page, inside)
    expect(answer(inside)).to_have_text("lung")


def test_clipboard_and_camera_work_in_the_frame(visit):
    page, inside = visit(permissions=["clipboard-read", "clipboard-write", "camera"])
    copy_image(page, EXAMPLES["brain"])
    inside.get_by_role("button", name="Paste from clipboard").click()
    expect(answer(inside)).to_have_text("brain")
    clear(inside)
    take_photograph(inside)
    expect(inside.get_by_role("meter")).to_have_count(len(EXAMPLES))


# In French, whose texts are longer; the next test is in English.
@pytest.mark.parametrize("width", [1920, 768, 375])
def test_the_frame_needs_no_scroll_bar(visit, width):
    page, inside = visit(locale="fr-FR", viewport={"width": width, "height": 800})
    examples(inside).first.click()
    expect(answer(inside)).to_be_visible()
    _expect_no_scroll_bar(page)


def test_the_frame_grows_and_shrinks_with_the_explanation(visit):
    page, inside = visit(viewport={"width": 375, "height": 800})
    examples(inside).first.click()
    expect(answer(inside)).to_be_visible()
    _expect_no_scroll_bar(page)
    before = page.locator("iframe").bounding_box()["height"]
    height = "document.querySelector('iframe').clientHeight"
    why = inside.get_by_role("button", name="Why this answer?")
    why.click()
    expect(inside.locator(".heat")).to_be_visible()
    page.wait_for_function(f"{height} > {before + 200}")
    _expect_no_scroll_bar(page)
    why.press("Enter")
    expect(why).to_have_attribute("aria-expanded", "false")
    page.wait_for_function(f"{height} < {before + 50}")
    _expect_no_scroll_bar(page)


def _expect_no_scroll_bar(page):
    """Wait until the frame is as high as its content; nothing is wider than it or the page."""
    _, inner = page.frames
    root = "document.documentElement"
    inner.wait_for_function(f"{root}.scrollHeight <= {root}.clientHeight")
    for frame in page.frames:
        assert frame.evaluate(f"{root}.scrollWidth - {root}.clientWidth") == 0


def _expect_same_background(page, inside):
    background = page.locator(".card").evaluate("card => getComputedStyle(card).backgroundColor")
    expect(inside.locator("gradio-app")).to_have_css("background-color", background)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_demo_works_as_an_element_of_a_page(visitors, site, scheme):
    assert re.search(f'src="{GRADIO}"', (ROOT / "examples" / "portfolio-element.html").read_text())
    page = visitors.open(color_scheme=scheme)
    page.goto(f"{site}/portfolio-element.html")
    expect_complete(page)
    drop(zone(page), EXAMPLES["brain"])
    expect_answer(page, "brain")
    drop(zone(page), EXAMPLES["lung"])
    expect_answer(page, "lung")
    expect(page.get_by_role("contentinfo")).to_have_count(0)
    background = page.locator(".answer").evaluate("part => getComputedStyle(part).backgroundColor")
    assert (sum(map(int, re.findall(r"\d+", background))) < 3 * 128) == (scheme == "dark")
    visitors.leave()


@pytest.mark.parametrize("name", ["portfolio", "portfolio-element"])
def test_without_the_demo_a_page_shows_a_sentence_and_a_link(visitors, site, app, name):
    page = visitors.open()
    page.route(f"{app.url}/**", lambda route: route.abort())
    page.goto(f"{site}/{name}.html")
    sentence = page.get_by_text("The demo cannot be reached now.")
    expect(sentence).to_be_visible()
    expect(sentence.get_by_role("link")).to_have_attribute("href", app.url)
    demo = page.locator("iframe, gradio-app")
    shown = "(demo) => demo.checkVisibility({ opacityProperty: true })"
    assert not demo.evaluate(shown)
    page.unroute_all()
    if name == "portfolio":
        page.evaluate("dispatchEvent(new Event('online'))")
    else:
        page.reload()
    expect(page.locator(".state")).to_have_count(0)
    assert demo.evaluate(shown)
    visitors.leave()


def test_the_frame_of_the_hub_shows_what_a_page_of_its_own_shows(visit):
    on_hub = (
        'Object.defineProperty(document, "referrer", { get: () => "https://huggingface.co/" });'
    )
    _, inside = visit(lambda page: page.add_init_script(on_hub))
    for part in (inside.get_by_role("tab").last, inside.locator(".weights").last):
        expect(part).to_be_visible()
