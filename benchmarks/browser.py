"""The page in a browser: what moves, when it is usable, and how long a visitor waits."""

import argparse
import re
import tempfile
import time
from collections import defaultdict
from contextlib import ExitStack
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, Response

from benchmarks.processes import REFERENCE, running_app
from tests.helpers.browser import answer, chromium, drop, expect_complete, zone
from tests.helpers.running_app import EXAMPLES, ROOT

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True}
DESK = {"viewport": {"width": 1280, "height": 900}}

MOBILE_NETWORK, SLOW_NETWORK = 1.6, 0.75
"""Megabits per second, in both directions."""

SHIFTS = """window.shifts = 0;
new PerformanceObserver((list) => list.getEntries().forEach(({ value }) => (shifts += value)))
    .observe({ type: "layout-shift", buffered: true });"""

USABLE = """() => document.querySelector("input[type=file]")
    ?.closest("button").checkVisibility({ visibilityProperty: true }) && performance.now()"""
"""When either page shows what takes a picture, in milliseconds since the visit began."""


def measure(options: argparse.Namespace) -> dict[str, list[float]]:
    """Visit the app and a bare Interface by turns, each time as a new visitor."""
    series = defaultdict(list)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        photo = _write_photo(folder / "photo.jpg")
        browser = stack.enter_context(chromium())
        bare = stack.enter_context(running_app(REFERENCE, folder / "bare"))
        for _ in range(options.rounds):
            # A fresh app, because its first explanation may take longer.
            with running_app(ROOT, folder / "app") as app:
                for name, value in _visit(browser, app.url, photo).items():
                    series[name].append(value)
                for name, url in (("usable", app.url), ("bare usable", bare.url)):
                    seconds, kilobytes = _load_on_phone(browser, url)
                    series[name].append(seconds)
                    series[name.replace("usable", "bytes")].append(kilobytes)
            series["none"].append(0)
    return series


def _visit(browser: Browser, url: str, photo: Path) -> dict[str, float]:
    measured = {}
    for name, size in (("shift on a phone", PHONE), ("shift on a desk", DESK)):
        page = browser.new_context(**size, locale="en-US").new_page()
        responses = []
        page.on("response", lambda response, seen=responses: seen.append(response))
        page.add_init_script(SHIFTS)
        page.goto(url)
        expect_complete(page)
        measured[name] = page.evaluate("shifts")
        measured["plain text"] = _plain_text(responses)
    why = page.get_by_role("button", name="Why this answer?")
    for name, file in (("first explanation", "brain"), ("explanation", "lung")):
        drop(zone(page), EXAMPLES[file])
        answer(page).get_by_text(file).wait_for()
        start = time.perf_counter()
        why.click()
        page.locator(".heat").wait_for()
        measured[name] = time.perf_counter() - start
        why.click()
    _slow_down(page, SLOW_NETWORK)
    start = time.perf_counter()
    drop(zone(page), photo)
    answer(page).get_by_text("other").wait_for()
    measured["photo"] = time.perf_counter() - start
    for context in browser.contexts:
        context.close()
    return measured


def _load_on_phone(browser: Browser, url: str) -> tuple[float, float]:
    """Return the seconds until a page is usable, and the kilobytes that were transferred."""
    context = browser.new_context(**PHONE, locale="en-US")
    page = context.new_page()
    session = _slow_down(page, MOBILE_NETWORK, processor=4)
    transferred = []
    session.on("Network.loadingFinished", lambda event: transferred.append(event))
    page.goto(url, wait_until="commit", timeout=120_000)
    # By the page's own clock: Playwright would hear of it only after the next long task.
    seconds = page.wait_for_function(USABLE, timeout=120_000).json_value() / 1000
    context.close()
    return seconds, sum(event["encodedDataLength"] for event in transferred) / 1000


def _slow_down(page: Page, megabits: float, processor: int = 1):
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    bytes_per_second = megabits * 1e6 / 8
    throughput = {"downloadThroughput": bytes_per_second, "uploadThroughput": bytes_per_second}
    latency = {"offline": False, "latency": 0}
    session.send("Network.emulateNetworkConditions", latency | throughput)
    session.send("Emulation.setCPUThrottlingRate", {"rate": processor})
    return session


def _plain_text(responses: list[Response]) -> float:
    """Return the kilobytes of uncompressed texts of more than one kilobyte each."""
    sizes = [
        len(response.body())
        for response in responses
        if re.match("text/(?!event)|application/j", response.header_value("content-type") or "")
        and not response.header_value("content-encoding")
    ]
    return sum(size for size in sizes if size > 1000) / 1000


def _write_photo(file: Path) -> Path:
    """Write a photograph of 6 MB."""
    size = (4000, 3000)
    with Image.open(EXAMPLES["other"]) as image:
        detail = Image.effect_noise(size, 40).convert("RGB")
        Image.blend(image.convert("RGB").resize(size), detail, 0.2).save(file, quality=95)
    return file
