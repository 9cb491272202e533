"""Every internal of Gradio that page/gradio_compat/README.md lists still exists, by name."""

import inspect
import os
import re

import gradio as gr
import pytest
from gradio import blocks, http_server, processing_utils, queueing, server_messages
from gradio.components import Component
from gradio.i18n import I18nData
from playwright.sync_api import expect
from starlette.applications import Starlette

from page.i18n import GRADIO_IN_FRENCH, TEXTS
from tests.helpers.browser import answer, drop, expect_complete, zone
from tests.helpers.running_app import EXAMPLES, ROOT

COMPAT = ROOT / "page" / "gradio_compat"

ATTRIBUTES = [
    (gr.Blocks, "preprocess_data"),
    (gr.Blocks, "get_api_info"),
    (gr.Blocks, "close"),
    (gr.Interface, "attach_submit_events"),
    (gr.Image, "preprocess"),
    (gr.Image, "async_move_resource_to_block_cache"),
    (Component, "api_info"),
    (processing_utils, "save_bytes_to_cache"),
    (server_messages, "CloseStreamMessage"),
    (gr, "SimpleCSVLogger"),
    (I18nData("key"), "key"),
]


@pytest.mark.parametrize(("owner", "name"), ATTRIBUTES, ids=lambda value: str(value)[:60])
def test_attributes(owner, name):
    assert hasattr(owner, name)


def test_methods_are_called_as_they_are_overridden():
    """An override under an old name would silently stop to be called."""
    assert "await self.preprocess_data(" in inspect.getsource(gr.Blocks.process_api)
    assert "self.attach_submit_events(" in inspect.getsource(gr.Interface.__init__)
    source = inspect.getsource(processing_utils.async_move_files_to_cache)
    assert ".async_move_resource_to_block_cache" in source
    assert "get_api_info(" in inspect.getsource(gr.routes)


def test_attributes_of_instances():
    with gr.Blocks() as demo:
        image = gr.Image()
    for owner, names in {
        demo: ("temp_file_sets", "_queue"),
        demo._queue: ("pending_event_ids_session", "pending_messages_per_session"),
        image: ("GRADIO_CACHE",),
        gr.Sketchpad: ("is_template",),
        queueing.AsyncQueue(): ("_getters", "put_nowait"),
    }.items():
        for name in names:
            assert hasattr(owner, name), f"{type(owner).__name__}.{name}"


def test_environment_variables(monkeypatch, tmp_path):
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path / "uploads"))
    monkeypatch.setenv("GRADIO_ANALYTICS_MAX_EVENTS", "3")
    monkeypatch.setenv("GRADIO_ANALYTICS_CACHE_FREQUENCY", "7")
    with gr.Blocks() as demo:
        image = gr.Image()
    folder = image.GRADIO_CACHE
    assert folder == str(tmp_path / "uploads")
    assert demo._queue.ANALYTICS_MAX_EVENTS == 3
    assert demo._queue.ANAYLTICS_CACHE_FREQUENCY == 7


def test_launch_arguments():
    assert "app_kwargs" in inspect.signature(gr.Blocks.launch).parameters
    assert "max_body_size" in inspect.signature(Starlette.__init__).parameters
    assert 'app_kwargs["lifespan"]' in inspect.getsource(gr.routes)
    assert "empty port" in inspect.getsource(http_server)
    assert "self.server = server" in inspect.getsource(blocks)


SELECTORS = {
    "when the page is open": [
        "gradio-app[embed=false]",
        "main.contain",
        ".html-container",
        ".picture input[type=file]",
        "div.upload-container",
        ".picture .source-selection .icon",
        ".picture .source-selection .icon.selected",
        ".explanation > button.label-wrap",
        ".wrap.hide",
        ".tab-wrapper",
        "footer > .divider:last-child",
    ],
    "with an image": [".picture img", '.picture button[aria-label="Remove Image"]'],
    "with an open accordion": [".explanation > button.open"],
    "with a message": [".toast-title"],
}
"""Gradio's own elements that dom.js, dom.css and accordion.py select, by the page's state."""


@pytest.fixture(scope="module")
def seen(app, browser):
    """Which selectors match an element, in each state of the real page."""
    page = browser.new_page()
    page.goto(app.url)
    expect_complete(page)

    def count(state):
        return {selector: page.locator(selector).count() for selector in SELECTORS[state]}

    counts = count("when the page is open")
    drop(zone(page), EXAMPLES["brain"])
    expect(answer(page)).to_have_text("brain")
    counts |= count("with an image")
    page.get_by_role("button", name=TEXTS["why"]["en"]).click()
    expect(page.locator(".explanation > button.open")).to_be_visible()
    counts |= count("with an open accordion")
    drop(zone(page), ROOT / "README.md")
    expect(page.locator(".toast-body")).to_be_visible()
    counts |= count("with a message")
    page.close()
    return counts


@pytest.mark.parametrize(
    "selector", [selector for selectors in SELECTORS.values() for selector in selectors]
)
def test_selectors(seen, selector):
    assert seen[selector], f"Gradio no longer renders {selector}"


def test_selectors_are_complete():
    """Classes and elements in dom.js, dom.css and accordion.py are ours or listed here."""
    code = "".join((COMPAT / name).read_text() for name in ("dom.css", "dom.js", "accordion.py"))
    css = (COMPAT / "dom.css").read_text()
    used = set(
        re.findall(r"\.(-?[a-z][\w-]*)(?=[^()\n]*\{)", re.sub(r"/\*.*?\*/", "", css, flags=re.S))
    )
    for selector in re.findall(
        r"(?:querySelector(?:All)?|closest|matches)\S*\([`\"']([^`\"']+)", code
    ):
        used |= set(re.findall(r"\.(-?[a-z][\w-]*)", selector))
    ours = {
        "picture",
        "explanation",
        "answer-block",
        "examples-block",
        "weights",
        "standalone-only",
    }
    ours |= {"gradio-container", "gradio-framed", "dark"}
    listed = " ".join(selector for selectors in SELECTORS.values() for selector in selectors)
    assert used - ours <= set(re.findall(r"\.([\w-]+)", listed))


def test_accessible_names(app, browser):
    """Gradio still has the English names that dom.js translates on the open page."""
    page = browser.new_page(locale="en-US")
    page.goto(app.url)
    expect_complete(page)
    names = page.evaluate(
        "[...document.querySelectorAll('gradio-app [aria-label]')].map((e) => e.ariaLabel)"
    )
    page.close()
    at_once = {"Upload file", "Capture from camera", "Paste from clipboard"}
    assert at_once <= set(GRADIO_IN_FRENCH)
    assert at_once <= set(names)


def test_the_tests_in_the_table_exist():
    table = (COMPAT / "README.md").read_text(encoding="utf-8")
    for name in set(re.findall(r"`(test_\w+\.py)`", table)):
        assert list((ROOT / "tests").rglob(name)), name


def test_nothing_else_depends_on_internals():
    """Private attributes of Gradio are used only here."""
    for file in [ROOT / "app.py", *(ROOT / "page").rglob("*.py")]:
        if COMPAT not in file.parents:
            text = file.read_text(encoding="utf-8")
            for private in ("._queue", ".fns", "temp_file_sets", "os.environ[", "_getters"):
                assert private not in text, f"{file.name} uses {private}"
    assert "GRADIO_TEMP_DIR" not in os.environ
