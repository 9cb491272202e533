"""Netpbm images have their greys and colours, whatever their maximum and their notation."""

import io

import numpy as np
import pytest
from PIL import Image

from model.decoding.limits import GREY as MISSING
from model.decoding.limits import MAX_PIXELS
from model.imaging import read_image
from tests.helpers.bad_files import encode, photograph
from tests.helpers.pixels import grey, scaled
from tests.helpers.refusals import refused

PHOTO = np.asarray(photograph())
GREY = np.asarray(photograph().convert("L"))
SIZE = b"128 96"


def read(content):
    return np.asarray(read_image(io.BytesIO(content)))


def text(values):
    return " ".join(map(str, values.ravel().tolist())).encode()


@pytest.mark.parametrize("side", [96, 1024])
def test_grey_of_12_bits_is_read_in_the_size_of_a_scan(side):
    values = np.asarray(Image.fromarray(GREY).resize((side, side))).astype(">u2") * 16
    content = b"P5 %d %d 4095\n" % (side, side) + values.astype(">u2").tobytes()
    np.testing.assert_allclose(grey(read(content)), scaled(values.astype(float)), atol=1)


def test_colours_of_more_than_8_bits_are_scaled_by_their_maximum():
    for maximum, factor in ((65_535, 257), (4095, 4095 / 255), (1000, 1000 / 255)):
        values = np.rint(PHOTO.astype(float) * factor).astype(">u2")
        values[0, 0] = maximum
        content = b"P6 %b %d\n" % (SIZE, maximum) + values.tobytes()
        np.testing.assert_allclose(read(content)[1:], PHOTO[1:], atol=1)


@pytest.mark.parametrize("maximum", [1, 100, 254, 255])
def test_8_bits_are_scaled_by_their_maximum_and_not_by_their_range(maximum):
    values = (GREY // 2 * (maximum / 255)).astype(np.uint8)
    expected = np.rint(values * (255 / maximum))
    for content in (
        b"P5 %b %d\n" % (SIZE, maximum) + values.tobytes(),
        b"P2 %b %d\n" % (SIZE, maximum) + text(values),
    ):
        np.testing.assert_allclose(grey(read(content)), expected, atol=1)


def test_decimal_numbers_are_those_of_bytes():
    bits = GREY > 100
    stored = (~bits).astype(np.uint8)
    rows = b"\n".join(bytes(row) for row in stored + ord("0"))
    for content, expected in (
        (b"P1\n" + SIZE + b"\n" + rows, bits * 255),
        (b"P1\n" + SIZE + b"\n" + text(stored), bits * 255),
        (b"P4\n" + SIZE + b"\n" + np.packbits(stored, axis=1).tobytes(), bits * 255),
        (b"P2\n" + SIZE + b"\n255\n" + text(GREY), GREY),
        (b"P2\n" + SIZE + b"\n4095\n" + text(GREY.astype(int) * 16), scaled(GREY.astype(float))),
    ):
        np.testing.assert_allclose(grey(read(content)), expected, atol=1)
    np.testing.assert_array_equal(read(b"P3\n" + SIZE + b"\n255\n" + text(PHOTO)), PHOTO)


def test_rows_of_bits_end_with_a_byte():
    bits = GREY[:, :61] > 100
    content = b"P4 61 96\n" + np.packbits(~bits, axis=1).tobytes()
    np.testing.assert_array_equal(grey(read(content)), bits * 255)


def test_comments_in_headers_and_between_numbers_are_skipped():
    header = b"P5# made by\n#nobody\r\n 128 #columns\n96\t255"
    for end in (b"\n", b" ", b"# 16 levels\n"):
        np.testing.assert_array_equal(grey(read(header + end + GREY.tobytes())), GREY)
    numbers = text(GREY).replace(b" ", b"\n#1 2 3\n", 50)
    np.testing.assert_array_equal(grey(read(b"P2 128 96 255\n" + numbers)), GREY)


def pam(values, kind, maximum=255):
    header = f"P7\n# a comment\nWIDTH 128\nHEIGHT 96\nDEPTH {values.shape[2]}\nMAXVAL {maximum}\n"
    return header.encode() + b"TUPLTYPE " + kind + b"\nENDHDR\n" + values.tobytes()


def test_pam_has_its_greys_colours_and_transparency():
    alpha = np.where(np.indices(GREY.shape)[1] < 40, 0, 255).astype(np.uint8)
    clear = alpha[..., None] == 0
    np.testing.assert_array_equal(grey(read(pam(GREY[..., None], b"GRAYSCALE"))), GREY)
    np.testing.assert_array_equal(read(pam(PHOTO, b"RGB")), PHOTO)
    colours = np.dstack([PHOTO, alpha])
    np.testing.assert_array_equal(read(pam(colours, b"RGB_ALPHA")), np.where(clear, 255, PHOTO))
    greys = np.dstack([GREY, alpha])
    expected = np.where(clear, 255, GREY[..., None])
    np.testing.assert_array_equal(read(pam(greys, b"GRAYSCALE_ALPHA"))[..., :1], expected)
    wide = pam(colours.astype(">u2") * 257, b"RGB_ALPHA", 65_535)
    np.testing.assert_array_equal(read(wide), np.where(clear, 255, PHOTO))
    bits = (GREY > 100).astype(np.uint8)[..., None]
    np.testing.assert_array_equal(read(pam(bits, b"BLACKANDWHITE", 1))[..., :1], bits * 255)


@pytest.mark.parametrize("order", "<>")
def test_floats_are_scaled_from_their_range(order):
    scale = b"-1.0" if order == "<" else b"1.0"
    values = (GREY[::-1] / 7 - 3).astype(order + "f4")
    content = b"Pf\n" + SIZE + b"\n" + scale + b"\n" + values.tobytes()
    np.testing.assert_allclose(grey(read(content)), scaled(GREY.astype(float)), atol=1)
    colours = (PHOTO[::-1] / 7).astype(order + "f4")
    content = b"PF\n" + SIZE + b"\n" + scale + b"\n" + colours.tobytes()
    np.testing.assert_allclose(read(content), scaled(PHOTO.astype(float)), atol=1)


@pytest.mark.parametrize("magic", [b"P5", b"P6", b"P2", b"P4"])
def test_missing_rows_are_grey(magic):
    values = PHOTO if magic == b"P6" else GREY
    maximum = b"" if magic == b"P4" else b" 255"
    stored = {b"P2": text(values), b"P4": np.packbits(values > 100, axis=1).tobytes()}
    body = stored.get(magic, values.tobytes())
    header = magic + b" " + SIZE + maximum + b"\n"
    whole, pixels = read(header + body), read(header + body[: len(body) * 4 // 5])
    missing = (pixels == MISSING).all(axis=(1, 2))
    assert 0.15 < missing.mean() < 0.25
    np.testing.assert_array_equal(pixels[~missing], whole[~missing])
    assert refused(header + body[: len(body) // 2]).reason == "damaged"


def test_too_many_pixels_are_refused():
    for magic in (b"P1", b"P4", b"Pf"):
        content = magic + b" 8001 %d 1\n" % (MAX_PIXELS // 8000)
        assert refused(content).reason == "too_large"
        assert refused(magic + b" 70000 1 1\n" + bytes(300_000)).reason == "too_large"


@pytest.mark.parametrize(
    "content", [b"P2 128 96 50\n" + text(GREY), b"P5 0 0 255\n", b"P7\nWIDTH 128\n", b"P1 9 9 2"]
)
def test_wrong_numbers_are_damaged(content):
    assert refused(content).reason == "damaged"


@pytest.mark.parametrize("content", [b"P5 is the last patient.", b"P2, P3 and P4", b"P7\nSeen."])
def test_text_is_no_image(content):
    assert refused(content).reason == "not_an_image"


def test_what_pillow_writes_is_read():
    for mode in ("1", "L", "RGB"):
        image = photograph().convert(mode)
        np.testing.assert_array_equal(read(encode(image, "PPM")), np.asarray(image.convert("RGB")))
