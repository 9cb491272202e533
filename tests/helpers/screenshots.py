"""Take the screenshots in the README: python -m tests.helpers.screenshots (needs chromium)."""

import io
import tempfile
from pathlib import Path

from PIL import Image

from tests.helpers.browser import chromium, drop, expect_answer, expect_complete, zone
from tests.helpers.running_app import EXAMPLES, RunningApp

FOLDER = Path(__file__).parents[1] / "screenshots"
SIZES = {"desktop": {"width": 1100, "height": 760}, "phone": {"width": 390, "height": 844}}


def main() -> None:
    """Answer a brain MRI at phone and desktop width, in light and dark."""
    FOLDER.mkdir(exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as uploads,
        RunningApp.bundled(Path(uploads)) as app,
        chromium() as browser,
    ):
        for size, viewport in SIZES.items():
            for scheme in ("light", "dark"):
                page = browser.new_page(viewport=viewport, color_scheme=scheme, locale="en-US")
                page.goto(app.url)
                expect_complete(page)
                drop(zone(page), EXAMPLES["brain"])
                expect_answer(page, "brain")
                page.mouse.move(0, 0)
                _save(page.screenshot(animations="disabled"), f"{size}-{scheme}.png")
                page.close()


def _save(screenshot: bytes, name: str) -> None:
    # A palette is enough for a page and keeps the files small.
    Image.open(io.BytesIO(screenshot)).convert("RGB").quantize(64).save(
        FOLDER / name, optimize=True
    )
    print(f"wrote {FOLDER / name}")


if __name__ == "__main__":
    main()
