"""Greys of more than 8 bits are scaled to 0 to 255."""

import io

import imagecodecs
import numpy as np
import pytest
from PIL import Image

from tests.helpers.bad_files import encode, grey_tiff
from tests.helpers.pixels import ORIENTATION, TURNS, grey, read, scaled, to_i16
from tests.helpers.refusals import refused


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("format", ["TIFF", "PNG"])
def test_16_bit_grey_is_scaled_from_its_own_range(photo, format, order):
    values = np.asarray(photo.convert("L")).astype(np.uint16) * 150 + 3000
    content = grey_tiff(values, order) if format == "TIFF" else encode(to_i16(values), "PNG")
    np.testing.assert_allclose(grey(read(content)), scaled(values), atol=1)


@pytest.mark.parametrize("orientation", TURNS)
@pytest.mark.parametrize("order", ["<", ">"])
def test_the_orientation_of_16_bit_grey_is_applied(photo, order, orientation):
    values = np.asarray(photo.convert("L")).astype(np.uint16) * 200
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    stored = np.ascontiguousarray(TURNS[orientation](values))
    image = to_i16(stored) if order == "<" else big_endian(stored)
    pixels = read(encode(image, "TIFF", exif=exif))
    np.testing.assert_allclose(grey(pixels), scaled(values), atol=1)


def big_endian(values):
    image = Image.open(io.BytesIO(grey_tiff(values, ">")))
    assert image.mode == "I;16B"
    return image


@pytest.mark.parametrize("format", ["TIFF", "PNG", "JPEG2000"])
def test_a_12_bit_ramp_is_scaled_to_all_grey_values(format):
    ramp = np.tile(np.arange(4096, dtype=np.uint16), (8, 1))
    pixels = grey(read(encode(to_i16(ramp), format)))
    assert (pixels.min(), pixels.max()) == (0, 255)
    assert pixels.mean() == pytest.approx(127.5, abs=0.5)
    assert (np.diff(pixels[0].astype(int)) >= 0).all()


def test_a_12_bit_png_with_alpha_is_not_dark():
    ramp = np.tile(np.arange(4096, dtype=np.uint16), (8, 1))
    alpha = np.full_like(ramp, 65_535)
    alpha[0] = 0
    pixels = grey(read(imagecodecs.png_encode(np.dstack([ramp, alpha]))))
    assert (pixels[0] == 255).all()
    np.testing.assert_allclose(pixels[1:], scaled(ramp[1:].astype(float)), atol=1)


def test_a_12_bit_pgm_is_scaled_to_all_grey_values():
    ramp = np.tile(np.arange(0, 4096, dtype=">u2"), (8, 1))
    pixels = grey(read(b"P5 4096 8 4095\n" + ramp.tobytes()))
    np.testing.assert_allclose(pixels, scaled(ramp.astype(float)), atol=1)


@pytest.mark.parametrize("dtype", [np.int16, np.int32])
def test_signed_grey_keeps_the_order_of_its_values(dtype):
    hounsfield = np.linspace(-1024, 3071, 96 * 128).reshape(96, 128).astype(dtype)
    pixels = grey(read(grey_tiff(hounsfield, "<", sample_format=2)))
    np.testing.assert_allclose(pixels, scaled(hounsfield.astype(float)), atol=1)


@pytest.mark.parametrize("order", ["<", ">"])
def test_float_grey_is_scaled_and_values_that_are_not_finite_are_black(order):
    values = np.linspace(-2.5, 7.5, 64 * 64, dtype=np.float32).reshape(64, 64)
    values[10, 10:13] = np.nan, np.inf, -np.inf
    pixels = grey(read(grey_tiff(values, order, sample_format=3)))
    assert pixels[10, 10:13].tolist() == [0, 0, 0]
    finite = np.isfinite(values)
    np.testing.assert_allclose(pixels[finite], scaled(values[finite]), atol=1)


def test_floats_with_a_huge_or_tiny_range_are_scaled():
    for values in ([[-3e38, 0, 3e38]], [[1e-40, 0, 2e-40]]):
        pixels = grey(read(grey_tiff(np.array(values, np.float32), "<", sample_format=3)))
        assert sorted(pixels[0]) == pytest.approx([0, 127.5, 255], abs=1)


def test_floats_without_any_finite_value_are_damaged():
    assert refused(grey_tiff(np.full((8, 8), np.nan, np.float32), "<", 3)).reason == "damaged"


@pytest.mark.parametrize("value", [0, 1000, 65535])
def test_a_uniform_16_bit_image_is_black(value):
    assert not read(encode(to_i16(np.full((8, 8), value, np.uint16)), "PNG")).any()
