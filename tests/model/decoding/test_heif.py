"""HEIC photos are upright and in colour, also if they are turned after they are shrunk."""

import io
import struct

import numpy as np
import pillow_heif
import pytest
from PIL import Image

from model.decoding import raster
from model.decoding.heif_rotation import without_rotation
from model.decoding.rare_formats import read_heif
from model.imaging import read_image
from tests.helpers.heic import HEIC, SHARED_IN_ROWS, TRANSPARENT


def pixels(content):
    file = pillow_heif.open_heif(content)
    return np.array(file)  # A copy, which outlives the file.


@pytest.mark.parametrize("quarters", range(4))
def test_a_photo_is_what_it_was_when_it_is_turned(quarters):
    angle = HEIC.index(b"irot") + 4
    content = HEIC[:angle] + bytes([quarters]) + HEIC[angle + 1 :]
    unturned, found = without_rotation(content)
    assert found == quarters
    assert pixels(unturned).shape == (48, 64, 3)
    np.testing.assert_array_equal(np.rot90(pixels(unturned), quarters), pixels(content))


@pytest.mark.parametrize(
    "content",
    [
        without_rotation(HEIC)[0],
        HEIC.replace(b"\x84\x86", b"\x86\x84"),  # Cropped after it is turned.
        HEIC.replace(b"irot", b"imir"),
        HEIC.replace(b"\x84\x86", b"\x84\xff"),  # There is no such property.
        HEIC.replace(b"pitm\0\0\0\0\0\1", b"pitm\0\0\0\0\0\3"),  # Nor such an image.
        HEIC.replace(b"meta", b"free"),
    ],
)
def test_other_files_are_not_changed(content):
    assert without_rotation(content) == (content, 0)


def test_a_file_that_is_cut_anywhere_is_not_changed_or_loses_its_rotation():
    for length in range(len(HEIC)):
        content, quarters = without_rotation(HEIC[:length])
        assert len(content) == length
        assert quarters in (0, 3)


def test_a_heic_photo_is_upright_and_in_colour():
    pixels = np.asarray(read_image(io.BytesIO(HEIC)))
    assert pixels.shape == (64, 48, 3)
    for (row, column), colour in {(16, 24): 0, (48, 12): 2, (48, 36): 1}.items():
        assert pixels[row, column].argmax() == colour


@pytest.mark.parametrize("large_pixels", [raster.LARGE_PIXELS, 10_000])
def test_the_tiles_of_a_photo_are_in_their_places(monkeypatch, large_pixels):
    monkeypatch.setattr(raster, "LARGE_PIXELS", large_pixels)
    tiles = np.random.default_rng(0).integers(0, 256, (2, 3, 3), np.uint8)
    pixels = tiles.repeat(64, axis=0).repeat(64, axis=1)[:96, :160]
    photo = io.BytesIO()
    pillow_heif.from_pillow(Image.fromarray(pixels)).save(photo, chroma="420", tile_size=64)
    assert pillow_heif.open_heif(photo.getvalue()).info["tiling"]["num_columns"] == 3
    image = read_heif(photo.getvalue())[0][0]
    expected = raster.shrink(Image.fromarray(pixels), 160 // image.shape[1])
    np.testing.assert_allclose(image.astype(int), expected, atol=12)


def test_a_large_heic_photo_is_shrunk_without_a_copy(monkeypatch):
    expected = np.asarray(Image.fromarray(np.asarray(read_image(io.BytesIO(HEIC)))).reduce(2))
    monkeypatch.setattr(raster, "LARGE_PIXELS", 1000)
    monkeypatch.delattr(pillow_heif.HeifFile, "to_pillow")
    images, _, _ = read_heif(HEIC)
    np.testing.assert_array_equal(images[0], expected)


def test_a_heic_photo_that_takes_too_much_memory_is_too_large(monkeypatch):
    def load(file):
        raise RuntimeError("Memory allocation error: Unspecified: Allocating 65482767 bytes failed")

    monkeypatch.setattr(pillow_heif.HeifFile, "to_pillow", load)
    with pytest.raises(OverflowError):
        read_heif(HEIC)


def test_a_large_heic_photo_is_turned_after_it_is_shrunk(monkeypatch):
    opened, open_heif = [], pillow_heif.open_heif

    def record(data):
        opened.append(data)
        return open_heif(data)

    monkeypatch.setattr(raster, "LARGE_PIXELS", 1000)
    monkeypatch.setattr(pillow_heif, "open_heif", record)
    assert read_heif(HEIC)[0].shape[1:] == (32, 24, 3)
    assert open_heif(opened[-1]).size == (64, 48)


@pytest.mark.parametrize("content", [HEIC, SHARED_IN_ROWS, TRANSPARENT])
@pytest.mark.parametrize("sides", [(24, 16), (23, 16), (24, 15), (22, 14)])
def test_a_large_heic_photo_has_the_pixels_that_libheif_turns(monkeypatch, content, sides):
    content = bytearray(content)
    struct.pack_into(">4I", content, content.index(b"clap") + 4, sides[0], 1, sides[1], 1)
    file = pillow_heif.open_heif(bytes(content))
    assert file.size == sides[::-1]
    expected = raster.shrink(file.to_pillow(), 2)
    monkeypatch.setattr(raster, "LARGE_PIXELS", 100)
    if expected.mode == "RGBA":
        expected = Image.alpha_composite(Image.new("RGBA", expected.size, "white"), expected)
    np.testing.assert_array_equal(read_heif(content)[0][0], expected.convert("RGB"))
