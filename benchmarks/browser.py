"""The page in a browser: what moves, when it is usable, and how long a visitor waits."""

import argparse
import tempfile
from collections import defaultdict
from contextlib import ExitStack
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page

from benchmarks.processes import REFERENCE, running_app
from benchmarks.rows import timed
from tests.helpers.browser import answer, chromium, drop, expect_complete, zone
from tests.helpers.running_app import EXAMPLES, ROOT

SIZES = {"phone": {"width": 390, "height": 844}, "desk": {"width": 1280, "height": 900}}
PHOTO_SIZE = 4000, 3000  # Pixels; its file has 6 MB.
SHIFTS = """window.shifts = 0;
new PerformanceObserver((list) => list.getEntries().forEach(({ value }) => (shifts += value)))
    .observe({ type: "layout-shift", buffered: true });"""
# Kilobytes of texts of more than one kilobyte each.
PLAIN_TEXT = """performance.getEntries()
    .filter(({ contentType = "" }) => /text.(?!event)|javascript|json/.test(contentType))
    .filter(({ encodedBodySize: size, decodedBodySize }) => size > 1000 && size === decodedBodySize)
    .reduce((sum, { encodedBodySize }) => sum + encodedBodySize / 1000, 0)"""
HEAT = "() => document.querySelector('.heat')?.naturalWidth"
# The seconds until a page shows what takes a picture, by its own clock, since Playwright would hear
# of it only after the next long task.
SHOWN = """(input) => document.querySelector(input)?.closest("button, label")
    .checkVisibility({ visibilityProperty: true }) && performance.now() / 1000"""


def measure(options: argparse.Namespace) -> dict[str, list[float]]:
    """Visit the app and a bare Interface by turns, each time as a new visitor."""
    series = defaultdict(list)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        bare = stack.enter_context(running_app(REFERENCE, folder / "bare"))
        landscape = Image.open(EXAMPLES["other"]).resize(PHOTO_SIZE)
        noisy = Image.blend(landscape, Image.effect_noise(PHOTO_SIZE, 40).convert("RGB"), 0.2)
        noisy.save(photo := folder / "photo.jpg", quality=95)
        for _ in range(options.rounds):
            # A fresh app, because its first explanation may take longer.
            with running_app(ROOT, folder / "app") as app, chromium() as browser:
                measured = {"none": 0} | _visit(browser, app.url, photo)
                measured["usable"], measured["complete"] = _load(browser, app.url)
                _, measured["bare"] = _load(browser, bare.url)
            for name, value in measured.items():
                series[name].append(value)
    return series


def _visit(browser: Browser, url: str, photo: Path) -> dict[str, float]:
    measured = {}
    for name, size in SIZES.items():
        page = browser.new_page(viewport=size, locale="en-US")
        page.add_init_script(SHIFTS)
        page.goto(url)
        expect_complete(page)
        measured[f"shift on a {name}"] = page.evaluate("shifts")
        measured["plain text"] = page.evaluate(PLAIN_TEXT)
    why = page.get_by_role("button", name="Why this answer?")
    for name, label in (("first explanation", "brain"), ("explanation", "lung")):
        _ask(page, EXAMPLES[label], label)
        measured[name] = timed(lambda: (why.click(), page.wait_for_function(HEAT)))
        why.click()
    _slow_down(page, megabits=0.75)
    measured["photo"] = timed(_ask, page, photo, "other")
    return measured


def _ask(page: Page, file: Path, label: str) -> None:
    drop(zone(page), file)
    answer(page).get_by_text(label).wait_for()


def _load(browser: Browser, url: str) -> list[float]:
    """Return the seconds until a page takes a picture on a phone, and until Gradio's part does."""
    page = browser.new_page(viewport=SIZES["phone"], has_touch=True, locale="en-US")
    _slow_down(page, megabits=1.6, processor=4)
    page.goto(url, wait_until="commit", timeout=120_000)
    seconds = [
        page.wait_for_function(SHOWN, arg=input, timeout=120_000).json_value()
        for input in ("input[type=file]", "gradio-app input[type=file]")
    ]
    page.close()
    return seconds


def _slow_down(page: Page, megabits: float, processor: int = 1) -> None:
    session = page.context.new_cdp_session(page)
    speed = dict.fromkeys(("downloadThroughput", "uploadThroughput"), megabits * 1e6 / 8)
    session.send("Network.enable")
    session.send("Network.emulateNetworkConditions", {"offline": False, "latency": 0} | speed)
    session.send("Emulation.setCPUThrottlingRate", {"rate": processor})
