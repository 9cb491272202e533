"""HEIC photos are upright and in colour, also if they are large."""

import io

import numpy as np
import pillow_heif
import pytest
from PIL import Image

from model.decoding import raster
from model.decoding.rare_formats import read_heif
from model.imaging import read_image
from tests.helpers.heic import HEIC, TRANSPARENT


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


@pytest.mark.parametrize("content", [HEIC, TRANSPARENT])
def test_a_large_heic_photo_that_is_cropped_has_the_pixels_of_libheif(monkeypatch, content):
    expected = raster.shrink(pillow_heif.open_heif(content).to_pillow(), 2)
    monkeypatch.setattr(raster, "LARGE_PIXELS", expected.width * expected.height)
    if expected.mode == "RGBA":
        expected = Image.alpha_composite(Image.new("RGBA", expected.size, "white"), expected)
    np.testing.assert_array_equal(read_heif(content)[0][0], expected.convert("RGB"))
