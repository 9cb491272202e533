"""How pictures and heat maps are shown."""

import io

from PIL import Image
from playwright.sync_api import expect

from page.i18n import TEXTS
from tests.helpers.browser import answer, drop, zone
from tests.helpers.running_app import EXAMPLES


def test_what_is_transparent_is_shown_white_as_the_network_sees_it(visit, tmp_path):
    drawing, page = tmp_path / "drawing.png", visit(color_scheme="dark")
    Image.new("RGBA", (400, 300)).save(drawing)
    drop(zone(page), drawing, EXAMPLES["brain"])
    expect(page.locator(".several li strong")).to_have_count(2)
    for shown in (page.locator(".picture img"), page.locator(".several img").first):
        with Image.open(io.BytesIO(shown.screenshot())) as image:
            assert image.getpixel((image.width // 2, image.height // 2))[:3] == (255, 255, 255)


def test_full_screen_shows_the_whole_picture_and_nothing_white_beside_it(visit, tmp_path):
    page = visit(color_scheme="dark")
    for width, height in ((400, 300), (500, 2500), (2500, 500)):
        picture = tmp_path / f"{width} x {height}.png"
        Image.new("RGB", (width, height), "teal").save(picture)
        drop(zone(page), picture)
        expect(answer(page)).to_be_visible()
        page.get_by_role("button", name="Fullscreen").click()
        whole = page.locator(".picture.fullscreen")
        with Image.open(io.BytesIO(whole.screenshot())) as image:
            counts = image.convert("RGB").getcolors(1 << 20)
            shown = {colour: count for count, colour in counts}[(0, 128, 128)]
            most_white = max((n for n, colour in counts if colour == (255, 255, 255)), default=0)
            scale = min(1, image.width / width, 0.9 * image.height / height)
        assert shown > 0.9 * width * height * scale**2
        assert most_white < shown / 100
        page.get_by_role("button", name="Exit fullscreen mode").click()


def test_nothing_white_stands_beside_a_heat_map(visit):
    page = visit(color_scheme="dark")
    drop(zone(page), EXAMPLES["lung"])
    page.get_by_role("button", name=TEXTS["why"]["en"]).click()
    expect(page.locator(".heat")).to_be_visible()
    with Image.open(io.BytesIO(page.locator(".layers").screenshot())) as image:
        beside = image.convert("RGB").crop((0, 0, 5, image.height))
        assert (255, 255, 255) not in {colour for _, colour in beside.getcolors()}
