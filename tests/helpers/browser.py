"""Actions and locators for the page in a real browser."""

import base64
import contextlib
import os
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, FrameLocator, Locator, Page, expect, sync_playwright

from model.release import read_release

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # The pages of a visitor share a process, which compiles Gradio's scripts only once.
    "--renderer-process-limit=1",
    "--in-process-gpu",
    # A camera with a test picture, allowed without a prompt.
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
]

expect.set_options(timeout=20_000)


@contextlib.contextmanager
def chromium() -> Iterator[Browser]:
    """Start a headless Chromium; without one, skip the test, or fail it in CI."""
    # The same browser without windows takes half the processor time.
    installed = shutil.which("chromium-headless-shell") or shutil.which("chromium")
    program = os.environ.get("CHROMIUM") or installed
    if not program:
        missing = "no chromium on this machine: install it, or set CHROMIUM to its path"
        if os.environ.get("CI") == "true":
            pytest.fail(missing)
        pytest.skip(missing)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
        yield browser
        browser.close()


class Visitors:
    """Opens pages. Visitors with the same language and devices share the cache of one context.

    Args:
        browser: a browser that outlives this.
    """

    def __init__(self, browser: Browser):
        self._browser = browser
        self._contexts = {}

    def open(self, viewport: dict | None = None, **options) -> Page:
        """Open an empty page.

        Args:
            viewport: its width and height.
            options: of ``Browser.new_context`` or ``Page.emulate_media``; by default in English.
        """
        permissions = options.pop("permissions", [])
        media = ("color_scheme", "reduced_motion", "forced_colors")
        emulated = {name: options.pop(name) for name in media if name in options}
        options = {"locale": "en-US"} | options
        key = str(sorted(options.items()))
        if key not in self._contexts:
            self._contexts[key] = self._browser.new_context(**options)
            self._contexts[key].new_page()  # It stays, and with it the process of its context.
        self._contexts[key].grant_permissions(permissions)
        page = self._contexts[key].new_page()
        if viewport:
            page.set_viewport_size(viewport)
        if emulated:
            page.emulate_media(**emulated)
        return page

    def leave(self) -> None:
        """Close all pages that were opened for visitors."""
        for context in self._contexts.values():
            context.set_offline(False)
            context.clear_permissions()
            for page in context.pages[1:]:
                page.close()


def zone(page: Page | FrameLocator) -> Locator:
    """Return the area in which an image is dropped and shown."""
    return page.get_by_test_id("image")


def answer(page: Page | FrameLocator) -> Locator:
    """Return the heading with the predicted label, in the visitor's language."""
    return page.locator(".answer").get_by_role("heading", level=2)


def expect_answer(page: Page, label: str) -> None:
    """Wait until a label is predicted; ``expect`` looks ever more seldom, up to once a second."""
    shown = "(label) => document.querySelector('.answer h2')?.textContent.trim() === label"
    page.wait_for_function(shown, arg=label)


def examples(page: Page | FrameLocator) -> Locator:
    """Return the buttons with example images."""
    return page.locator(".examples button")


def expect_complete(page: Page | FrameLocator) -> None:
    """Wait until the page is complete: the line about the weights comes last, hidden in a frame."""
    line = page.locator(".weights").first.filter(has_text=read_release().network)
    # It polls more often than ``expect``.
    line.wait_for(state="attached", timeout=20_000)


DROP = ("dragEnter", "dragOver", "drop")


def drop(target: Locator, *files: Path) -> None:
    """Drag files from outside the browser to the middle of an element, also in an iframe."""
    drag(target, *files)


def drag(target: Locator, *files: Path, html: str = "", steps: Sequence[str] = DROP) -> None:
    """Drag files, or a part of another page as HTML, to the middle of an element."""
    items = [{"mimeType": "text/html", "data": html}] if html else []
    target.scroll_into_view_if_needed()
    box = target.bounding_box()
    session = target.page.context.new_cdp_session(target.page)
    for step in steps:
        session.send(
            "Input.dispatchDragEvent",
            {
                "type": step,
                "x": box["x"] + box["width"] / 2,
                "y": box["y"] + box["height"] / 2,
                "data": {"items": items, "files": list(map(str, files)), "dragOperationsMask": 1},
            },
        )
    session.detach()


def clear(page: Page | FrameLocator) -> None:
    """Remove the image, and wait until its answer has gone. The page is in English."""
    page.get_by_role("button", name="Clear").click()
    expect(answer(page)).to_have_count(0)


@contextlib.contextmanager
def slow_upload(page: Page, folder: Path) -> Iterator[Path]:
    """Let uploads take long in a ``with`` block; yield a picture that is sent as it is."""
    large = folder / "large.bmp"
    Image.effect_noise((800, 800), 50).save(large)
    session = page.context.new_cdp_session(page)
    network = {"offline": False, "latency": 0, "downloadThroughput": -1}
    session.send("Network.emulateNetworkConditions", network | {"uploadThroughput": 100_000})
    yield large
    session.send("Network.emulateNetworkConditions", network | {"uploadThroughput": -1})


def copy_image(page: Page, file: Path) -> None:
    """Copy a PNG file to the clipboard."""
    page.evaluate(
        """async (encoded) => {
            const image = await (await fetch(`data:image/png;base64,${encoded}`)).blob();
            await navigator.clipboard.write([new ClipboardItem({ "image/png": image })]);
        }""",
        base64.b64encode(file.read_bytes()).decode(),
    )


def open_camera(page: Page | FrameLocator) -> None:
    """Open the camera, and wait for its picture."""
    page.get_by_role("button", name="Capture from camera").click()
    page.get_by_role("button", name="Click to Access Webcam").click()
    expect(page.get_by_test_id("webcam-video")).to_have_js_property("readyState", 4)


def take_photograph(page: Page | FrameLocator) -> None:
    """Open the camera, and take a photograph."""
    open_camera(page)
    page.get_by_role("button", name="capture photo").click()
