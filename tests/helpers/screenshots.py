"""Take the screenshot in the README: python -m tests.helpers.screenshots (needs chromium)."""

import io
import tempfile
from pathlib import Path

from PIL import Image

from tests.helpers.browser import chromium, drop, expect_answer, expect_complete, zone
from tests.helpers.running_app import EXAMPLES, RunningApp

FILE = Path(__file__).parents[2] / "docs" / "screenshot.png"
SIZE = {"width": 1100, "height": 760}


def main() -> None:
    """Answer a brain MRI."""
    with (
        tempfile.TemporaryDirectory() as uploads,
        RunningApp.bundled(Path(uploads)) as app,
        chromium() as browser,
    ):
        page = browser.new_page(viewport=SIZE, color_scheme="light", locale="en-US")
        page.goto(app.url)
        expect_complete(page)
        drop(zone(page), EXAMPLES["brain"])
        expect_answer(page, "brain")
        page.mouse.move(0, 0)
        screenshot = Image.open(io.BytesIO(page.screenshot(animations="disabled")))
    # A palette is enough for a page and keeps the file small.
    screenshot.convert("RGB").quantize(64).save(FILE, optimize=True)
    print(f"wrote {FILE}")


if __name__ == "__main__":
    main()
