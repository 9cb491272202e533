"""What is sent of a large photo, and of other files."""

import io
import struct

import numpy as np
from PIL import ExifTags, Image
from playwright.sync_api import expect

from tests.helpers.browser import answer, drop, expect_answer, zone
from tests.helpers.heic import HEIC
from tests.helpers.running_app import EXAMPLES


def test_a_large_photo_is_sent_small_and_upright_and_other_files_as_they_are(visit, app, tmp_path):
    page, photo = visit(), _turned_photo(tmp_path)
    sent = _upload(page, app, photo)
    assert len(sent) < photo.stat().st_size / 4
    with Image.open(io.BytesIO(sent)) as image:
        assert image.size == (1024, 683)
        assert image.getexif().get(ExifTags.Base.Orientation, 1) == 1
    expect_answer(page, "other")
    for file in _not_to_be_scaled(tmp_path):
        assert _upload(page, app, file) == file.read_bytes()
        expect(answer(page)).to_be_visible()
    # A photo too, when the browser cannot read it to scale it.
    unreadable = "async () => { throw new Error(); }"
    page.evaluate(f"() => {{ Blob.prototype.arrayBuffer = {unreadable}; }}")
    assert _upload(page, app, photo) == photo.read_bytes()
    expect_answer(page, "other")


def test_the_finest_detail_of_a_large_photo_becomes_grey_and_no_pattern(visit, app, tmp_path):
    squares = tmp_path / "squares.png"
    pixels = 255 * (np.indices((1500, 2100)).sum(axis=0) % 2)
    Image.fromarray(pixels.astype(np.uint8)).save(squares)
    # What follows the image makes the file large enough to be scaled.
    squares.write_bytes(squares.read_bytes() + bytes(500_000))
    with Image.open(io.BytesIO(_upload(visit(), app, squares))) as image:
        assert image.width == 1024
        assert np.asarray(image.convert("L")).std() < 10


def _turned_photo(folder):
    """Return a large photo whose metadata say how it is turned."""
    photo = folder / "photo.jpg"
    with Image.open(EXAMPLES["other"]) as image:
        large = image.resize((3000, 2000)).transpose(Image.Transpose.ROTATE_90)
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    large.save(photo, exif=exif, quality=95)
    return photo


def _not_to_be_scaled(folder):
    """Return a 16-bit scan, a HEIC photo and an animation."""
    scan, photo, animation = (folder / name for name in ("scan.png", "a.heic", "animation.avif"))
    noise = np.random.default_rng(0).integers(0, 4096, (1100, 1100), np.uint16)
    Image.fromarray(noise).save(scan, compress_level=1)
    # A box of zeros makes files large enough to be scaled. Chromium cannot decode HEIC.
    zeros = struct.pack(">I4s", 500_000, b"free") + bytes(500_000 - 8)
    photo.write_bytes(HEIC + zeros)
    frames = [Image.new("RGB", (1000, 16), colour) for colour in ("teal", "white")]
    frames[0].save(animation, save_all=True, append_images=frames[1:])
    animation.write_bytes(animation.read_bytes() + zeros)
    return scan, photo, animation


def _upload(page, app, file):
    """Drop a file, and return what the server received."""
    with page.expect_response("**/upload") as response:
        drop(zone(page), file)
    (path,) = response.value.json()
    return page.request.get(f"{app.url}/gradio_api/file={path}").body()
