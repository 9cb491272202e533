"""Large HEIC photos of phones, which are grids of tiles, look as libheif decodes them."""

import io
import struct
from functools import cache

import numpy as np
import pillow_heif
import pytest
from PIL import Image

from model.decoding import heif_grid, rare_formats, raster
from model.decoding.rare_formats import read_heif
from tests.helpers.running_app import EXAMPLES

UPRIGHT, MIRRORED, TURNED = 1, 2, (3, 6, 8)
SIZE = 320, 192


def picture(label, orientation, size, mode):
    image = Image.open(EXAMPLES[label]).resize(size).convert(mode)
    image.getexif()[0x0112] = orientation
    image.info["exif"] = image.getexif().tobytes()
    return image


@cache
def photo(orientation=UPRIGHT, size=SIZE, tile_size=64, mode="RGB", **colours):
    """Return a HEIC file; by default it has three rows of five tiles."""
    image = picture("other", orientation, size, mode)
    file = io.BytesIO()
    options = {"quality": 80, "chroma": "420", "tile_size": tile_size, **colours}
    pillow_heif.from_pillow(image).save(file, **options)
    return file.getvalue()


def by_libheif(content, factor=2):
    return raster.shrink(pillow_heif.open_heif(content).to_pillow().convert("RGB"), factor)


def by_ffmpeg(content, factor=2):
    return heif_grid.read_grid(content, pillow_heif.open_heif(content), factor)


def references(content):
    """Return the position of the numbers of the tiles, and how many there are."""
    position = content.index(b"dimg") + 6
    return position + 2, *struct.unpack_from(">H", content, position)


@pytest.mark.parametrize("factor", [2, 4])
@pytest.mark.parametrize("orientation", [UPRIGHT, *TURNED])
@pytest.mark.parametrize("size", [SIZE, (248, 200)], ids=["whole tiles", "cut tiles"])
def test_a_photo_looks_as_libheif_decodes_it(size, orientation, factor):
    content = photo(orientation, size)
    image = by_ffmpeg(content, factor)
    expected = by_libheif(content, factor)
    assert image.shape[:2] == expected.size[::-1]
    differences = np.abs(image.astype(int) - expected)
    assert differences.mean() < 1
    assert differences.max() < 20


def test_tiles_are_placed_in_the_order_of_the_grid():
    content = bytearray(photo())
    position, count = references(content)
    first, second = (slice(position + 2 * i, position + 2 * i + 2) for i in (0, count - 1))
    content[first], content[second] = content[second], content[first]
    assert np.abs(by_ffmpeg(content).astype(int) - by_libheif(content)).mean() < 1
    assert np.abs(by_ffmpeg(content).astype(int) - by_libheif(photo())).mean() > 2


def test_a_tile_that_is_used_twice_is_shown_twice():
    content = bytearray(photo())
    position, _ = references(content)
    content[position + 2 : position + 4] = content[position : position + 2]
    image = by_ffmpeg(content)
    np.testing.assert_array_equal(image[:32, :32], image[:32, 32:64])


def test_a_large_photo_is_not_decoded_by_libheif(monkeypatch):
    monkeypatch.setattr(raster, "LARGE_PIXELS", 20_000)
    monkeypatch.delattr(pillow_heif.HeifFile, "__array_interface__")
    images, _, _ = read_heif(photo(TURNED[0]))
    assert images.shape == (1, SIZE[1] // 2, SIZE[0] // 2, 3)


@pytest.mark.parametrize(
    "options",
    [
        {"orientation": MIRRORED},
        {"tile_size": None},
        {"chroma": "444"},
        {"mode": "L"},
        {"mode": "RGBA"},
        {"matrix_coefficients": 1},
        {"full_range_flag": 0},
        {"size": (242, 192)},
    ],
    ids=str,
)
def test_other_photos_are_decoded_by_libheif(options, monkeypatch):
    content = photo(**options)
    width, height = pillow_heif.open_heif(content).size
    monkeypatch.setattr(raster, "LARGE_PIXELS", -(-width * height // 16))
    images, _, _ = read_heif(content)
    np.testing.assert_array_equal(images[0], by_libheif(content, 4))


@pytest.mark.parametrize(
    ("of_tiles", "of_file"),
    [
        ({}, (6, 0)),
        ({}, (1, 0x80)),
        ({"full_range_flag": 0}, None),
        ({"matrix_coefficients": 1}, None),
    ],
)
def test_the_colours_of_the_file_and_of_its_tiles_count(of_tiles, of_file, monkeypatch):
    content = bytearray(photo(**of_tiles))
    position = content.index(b"colrnclx")
    if of_file:
        struct.pack_into(">HB", content, position + 12, *of_file)
    else:
        content[position : position + 4] = b"free"
    monkeypatch.setattr(raster, "LARGE_PIXELS", 20_000)
    images, _, _ = read_heif(bytes(content))
    np.testing.assert_array_equal(images[0], by_libheif(bytes(content)))


def test_the_main_image_of_several_is_decoded():
    file, content = pillow_heif.HeifFile(), io.BytesIO()
    for label, orientation in (("lung", UPRIGHT), ("other", TURNED[0])):
        file.add_from_pillow(picture(label, orientation, SIZE, "RGB"))
    file.save(content, quality=80, chroma="420", tile_size=64, primary_index=1)
    content = content.getvalue()
    assert np.abs(by_ffmpeg(content).astype(int) - by_libheif(content)).mean() < 1


def test_a_transparent_grid_is_decoded_by_libheif():
    content = photo()
    file = pillow_heif.open_heif(content)
    file[0].mode = "RGBA"
    with pytest.raises(ValueError, match="colours"):
        heif_grid.read_grid(content, file, 2)


def test_a_photo_of_one_tile_may_have_fewer_pixels_than_a_grid(monkeypatch):
    monkeypatch.setattr(raster, "LARGE_PIXELS", 20_000)
    monkeypatch.setattr(rare_formats, "MAX_LIBHEIF_PIXELS", 50_000)
    read_heif(photo())
    with pytest.raises(OverflowError):
        read_heif(photo(tile_size=None))
    monkeypatch.setattr(rare_formats, "MAX_PIXELS", 60_000)
    with pytest.raises(OverflowError):
        read_heif(photo())
