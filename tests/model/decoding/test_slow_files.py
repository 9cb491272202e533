"""Files that Pillow would read slowly, or in much memory."""

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image, ImageOps

from model import imaging
from model.decoding import gif, limits, raster
from model.decoding.raster import read_raster, upright
from model.imaging import read_frames
from tests.helpers.bad_files import ORIENTATION, encode, photograph
from tests.helpers.refusals import refused

PHOTO = photograph()
GREY = PHOTO.convert("L")


def read(content):
    return read_frames(io.BytesIO(content))


def pixels(content):
    (image,) = read(content).images
    return np.asarray(image)


def animated(format, *frames):
    return encode(frames[0], format, save_all=True, append_images=frames[1:])


def comment(blocks):
    return b"!\xfe" + blocks * (b"\xff" + b"a" * 255) + b"\0"


def images_of(content):
    """Return the positions of the images of a GIF of the size of the photo."""
    descriptor = b"," + struct.pack("<4H", 0, 0, *PHOTO.size)
    return [i for i in range(len(content)) if content.startswith(descriptor, i)]


@pytest.fixture
def comments(monkeypatch):
    """The comments that Pillow finds in the files it opens."""
    found, open_image = [], Image.open

    def spy(*arguments, **options):
        image = open_image(*arguments, **options)
        found.append(image.info.get("comment"))
        return image

    monkeypatch.setattr(Image, "open", spy)
    return found


def test_pillow_never_reads_the_comments_of_a_gif(comments):
    # It copies what it has of a comment for each block of 255 bytes.
    whole = encode(GREY, "GIF")
    (position,) = images_of(whole)
    expected = pixels(whole)
    for parts in (comment(1000), 100 * comment(0), 100 * comment(1)):
        content = whole[:position] + parts + whole[position:]
        np.testing.assert_array_equal(pixels(content), expected)
    assert comments == [None] * 4


@pytest.mark.parametrize("hidden", [b"", b"!\xf9\0\1", b"!\xff\0\1", b"!\1\2ab\0"])
def test_comments_between_the_frames_of_a_gif_are_left_out(hidden):
    whole = animated("GIF", GREY, GREY.point(lambda value: 255 - value))
    _, position = images_of(whole)
    position -= 8 if whole[position - 8 :].startswith(b"!\xf9") else 0
    content = whole[:position] + hidden + comment(1000) + whole[position:]
    reduced = gif.without_comments(content)
    assert b"a" * 255 not in reduced
    assert len(reduced) <= len(whole)
    if not hidden:
        for image, expected in zip(read(content).images, read(whole).images, strict=True):
            np.testing.assert_array_equal(np.asarray(image), np.asarray(expected))


def test_a_gif_of_many_empty_comments_is_refused():
    whole = encode(GREY, "GIF")
    (position,) = images_of(whole)
    content = whole[:position] + 300_000 * comment(0) + whole[position:]
    assert len(gif.without_comments(content)) < 1000
    assert refused(content).reason == "damaged"


def test_a_gif_keeps_its_transparency_and_its_disposal():
    frames = [Image.new("RGBA", (20, 20)) for _ in range(3)]
    for index, frame in enumerate(frames):
        frame.paste((200, 40 * index, 0), (5 * index, 0, 5 * index + 5, 20))
    content = encode(frames[0], "GIF", save_all=True, append_images=frames[1:], disposal=2)
    for index, image in enumerate(read(content).images):
        assert [image.getpixel((x, 3)) for x in (2, 7, 12)] == [
            (200, 40 * index, 0) if i == index else (255, 255, 255) for i in range(3)
        ]


def chunk(name, content=b"", checksum=None):
    checksum = zlib.crc32(name + content) if checksum is None else checksum
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", checksum)


def with_many_parts():
    """Make files whose headers have more parts than Pillow may read in the process of the app."""
    count = limits.MAX_READS
    jpeg, png = encode(GREY, "JPEG"), encode(GREY, "PNG")
    return {
        "JPEG fill bytes": (jpeg, 2, count * b"\xff"),
        "JPEG segments": (jpeg, 2, count * b"\xff\xe5\0\2"),
        "PNG chunks": (png, 33, count // 2 * chunk(b"prVt")),
        "PNG texts": (png, 33, count // 2 * chunk(b"tEXt", b"a\0b")),
        "PNG empty chunks of pixels": (png, 33, count // 2 * chunk(b"IDAT")),
        "PNG chunks at the end": (png, -12, count // 2 * chunk(b"prVt")),
    }


@pytest.fixture
def in_child(monkeypatch):
    """The names of the functions that a child process runs."""
    names, decode_all = [], imaging.decode_all

    def spy(function, *arguments):
        names.append(function.__name__)
        return decode_all(function, *arguments)

    monkeypatch.setattr(imaging, "decode_all", spy)
    return names


@pytest.mark.parametrize("name", with_many_parts())
def test_files_of_many_small_parts_are_decoded_in_a_child_process(in_child, name):
    whole, position, parts = with_many_parts()[name]
    expected = pixels(whole)
    assert in_child == []
    np.testing.assert_array_equal(pixels(whole[:position] + parts + whole[position:]), expected)
    assert in_child == ["read_slow_or_damaged"]


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "GIF", "BMP", "TGA", "ICO"])
def test_ordinary_files_are_decoded_in_the_process_of_the_app(in_child, format):
    pixels(encode(PHOTO, format))
    if format == "JPEG":
        content = encode(PHOTO, format)
        profile = b"\xff\xe2\xff\xff" + bytes(2**16 - 3)
        pixels(content[:2] + 50 * profile + content[2:])
    assert in_child == []


def test_avif_has_the_pixels_of_pillow_and_is_decoded_in_a_child_process(in_child):
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    content = encode(PHOTO, "AVIF", exif=exif)
    with Image.open(io.BytesIO(content)) as image:
        expected = np.asarray(ImageOps.exif_transpose(image))
    np.testing.assert_array_equal(pixels(content), expected)
    assert in_child == ["read_avif"]


def test_the_first_frame_of_a_large_animation_is_shown(monkeypatch):
    other = GREY.point(lambda value: 255 - value)
    files = [animated(format, GREY, other) for format in ("GIF", "PNG")]
    assert [len(read(content).images) for content in files] == [2, 2]
    # Later frames take five copies, and the first one.
    monkeypatch.setattr(raster, "MAX_DECODED_BYTES", 20 * PHOTO.width * PHOTO.height - 1)
    for content in files:
        frames = read(content)
        assert (len(frames.images), frames.total) == (1, 1)
        np.testing.assert_array_equal(np.asarray(frames.images[0])[..., 0], np.asarray(GREY))


@pytest.mark.parametrize("length", [8, 300])
def test_an_animated_png_of_which_pillow_would_open_too_much_is_refused(monkeypatch, length):
    content = animated("PNG", PHOTO, GREY.convert("RGB"))
    start = content.index(b"acTL")
    data = content[start + 4 : start + 12].ljust(length, b"\0")
    content = content[: start - 4] + chunk(b"acTL", data) + content[start + 16 :]
    limit = 8 * PHOTO.width * PHOTO.height
    monkeypatch.setattr(limits, "MAX_DECODED_BYTES", limit)
    assert read(content).images
    monkeypatch.setattr(limits, "MAX_DECODED_BYTES", limit - 1)
    assert refused(content).reason == "too_large"
    assert read(encode(PHOTO, "PNG")).images


def test_a_large_image_is_freed_when_it_has_been_shrunk(monkeypatch):
    monkeypatch.setattr(raster, "LARGE_PIXELS", 1000)
    with Image.open(io.BytesIO(encode(PHOTO, "PNG"))) as image:
        shrunk = upright(image)
        with pytest.raises(ValueError, match="closed"):
            image.getpixel((0, 0))
    np.testing.assert_array_equal(np.asarray(shrunk), np.asarray(PHOTO.reduce(4)))


def test_a_file_stays_open_when_a_large_image_has_been_shrunk(monkeypatch):
    monkeypatch.setattr(raster, "LARGE_PIXELS", 1000)
    for format in ("GIF", "JPEG", "PNG", "WEBP"):
        file = io.BytesIO(encode(PHOTO, format))
        assert read_raster(file).images
        assert not file.closed
