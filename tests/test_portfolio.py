"""The demo inside the iframe of examples/portfolio.html, served from another origin."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from browser import answer, copy_picture, drop, examples, take_photograph, zone
from playwright.sync_api import expect
from running_app import EXAMPLES, ROOT

SPACE = "https://victorouledi-brain-lung-other.hf.space"


@pytest.fixture(scope="module")
def portfolio(app):
    """Address of the portfolio page, with the running app in place of the Space."""
    page = (ROOT / "examples" / "portfolio.html").read_text(encoding="utf-8")
    assert page.count(SPACE) == 1

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(page.replace(SPACE, app.url).encode())

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.02,)).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture
def visit(browser, portfolio, app):
    """What opens the page as a new visitor, and returns it with the inside of its iframe."""
    contexts = []

    def visit(**options):
        context = browser.new_context(**{"locale": "en-US"} | options)
        contexts.append(context)
        page = context.new_page()
        page.goto(portfolio)
        page.locator("iframe").scroll_into_view_if_needed()
        inside = page.frame_locator("iframe")
        expect(inside.get_by_text(app.weights_line)).to_be_visible()
        return page, inside

    yield visit
    for context in contexts:
        context.close()


def test_a_picture_dropped_inside_is_answered_there(visit, app):
    page, inside = visit()
    drop(zone(inside), EXAMPLES["lung"])
    expect(answer(inside)).to_have_text("lung")
    expect(page.get_by_role("link")).to_have_attribute("href", app.url)


def test_clipboard_and_camera_work_inside(visit):
    page, inside = visit(permissions=["clipboard-read", "clipboard-write", "camera"])
    copy_picture(page, EXAMPLES["brain"])
    inside.get_by_role("button", name="Paste from clipboard").click()
    expect(answer(inside)).to_have_text("brain")
    inside.get_by_role("button", name="Clear").click()
    expect(answer(inside)).to_have_count(0)
    take_photograph(inside)
    expect(inside.get_by_role("meter")).to_have_count(len(EXAMPLES))


@pytest.mark.parametrize("width", [1920, 1280, 768, 375])
def test_an_answer_needs_no_second_scroll_bar(visit, width):
    page, inside = visit(viewport={"width": width, "height": 800})
    examples(inside).first.click()
    expect(answer(inside)).to_have_text("brain")
    room, needed = inside.locator("html").evaluate(
        "({ clientHeight, scrollHeight }) => [clientHeight, scrollHeight]"
    )
    assert needed <= room
    for root in (inside.locator("html"), page.locator("html")):
        assert root.evaluate("({ clientWidth, scrollWidth }) => scrollWidth - clientWidth") == 0


def test_the_demo_follows_the_colours_of_the_page(visit):
    page, inside = visit(color_scheme="dark")
    _expect_the_same_ground(page, inside)
    page.emulate_media(color_scheme="light")
    _expect_the_same_ground(page, inside)


def _expect_the_same_ground(page, inside):
    ground = page.locator(".card").evaluate("card => getComputedStyle(card).backgroundColor")
    expect(inside.locator("gradio-app")).to_have_css("background-color", ground)
