"""Damaged files that a browser shows are read; rows that are missing are grey."""

import io
import struct
import zlib

import imagecodecs
import numpy as np
import pytest
from PIL import Image

from model.decoding.limits import GREY, MAX_MISSING_ROWS
from model.imaging import UnreadableImage, read_image
from tests.helpers.bad_files import ORIENTATION, encode, photograph

PHOTO = photograph()


def read(content):
    return np.asarray(read_image(io.BytesIO(content)))


def difference(pixels, expected):
    return np.abs(pixels.astype(int) - expected).mean()


def png_chunk(name, content, checksum=None):
    checksum = zlib.crc32(name + content) if checksum is None else checksum
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", checksum)


def with_chunk(png, chunk):
    """Insert a chunk after the header of a PNG file."""
    return png[:33] + chunk + png[33:]


def test_missing_rows_of_16_bits_do_not_change_the_others():
    values = np.asarray(PHOTO.convert("L")).astype(np.uint16) * 100 + 3000
    values[0, 0], values[0, 1] = 0, 30_000
    content = encode(Image.fromarray(values), "PNG")
    whole, pixels = read(content), read(content[: len(content) * 9 // 10])
    missing = (pixels == GREY).all(axis=(1, 2))
    assert 0 < missing.mean() < MAX_MISSING_ROWS
    assert missing[-1]
    np.testing.assert_array_equal(pixels[~missing][:-1], whole[~missing][:-1])


@pytest.mark.parametrize("format", ["BMP", "GIF", "JPEG", "PNG", "TIFF"])
def test_missing_rows_are_grey_and_the_others_as_they_were(format):
    content = encode(PHOTO.resize((256, 192)), format)
    whole = read(content)
    pixels = read(content[: len(content) * 9 // 10])
    missing = (pixels == GREY).all(axis=(1, 2))
    assert 0 < missing.mean() < MAX_MISSING_ROWS
    # A JPEG lacks part of the last row of blocks that it has.
    assert difference(pixels[~missing], whole[~missing]) < 4


@pytest.mark.parametrize("format", ["BMP", "GIF", "JPEG", "PNG", "TIFF"])
def test_a_file_that_lacks_half_of_its_rows_is_damaged(format):
    content = encode(PHOTO, format)
    with pytest.raises(UnreadableImage) as caught:
        read(content[: len(content) // 2])
    assert caught.value.reason == "damaged"


@pytest.mark.parametrize("format", ["AVIF", "WEBP"])
def test_a_cut_file_of_which_browsers_show_nothing_is_damaged(format):
    content = encode(PHOTO, format)
    with pytest.raises(UnreadableImage) as caught:
        read(content[: len(content) * 19 // 20])
    assert caught.value.reason == "damaged"


@pytest.mark.parametrize("progressive", [False, True])
def test_a_jpeg_without_its_last_bytes_is_whole(progressive):
    content = encode(PHOTO, "JPEG", progressive=progressive)
    np.testing.assert_array_equal(read(content[:-2]), read(content))


@pytest.mark.parametrize("mode", ["RGB", "L"])
@pytest.mark.parametrize("end", [lambda size: b"\xff\xd9", bytes], ids=["end marker", "zeros"])
def test_a_jpeg_that_lacks_rows_before_its_end_lacks_them(mode, end):
    content = encode(PHOTO.convert(mode).resize((256, 192)), "JPEG")
    whole, size = read(content), len(content) // 10
    pixels = read(content[:-size] + end(size))
    missing = (np.abs(pixels.astype(int) - GREY) <= 1).all(axis=(1, 2))
    assert 0 < missing.mean() < MAX_MISSING_ROWS
    assert difference(pixels[~missing], whole[~missing]) < 4
    with pytest.raises(UnreadableImage) as caught:
        read(content[: -5 * size] + end(5 * size))
    assert caught.value.reason == "damaged"


@pytest.mark.parametrize("mode", ["RGB", "L"])
@pytest.mark.parametrize("progressive", [False, True])
def test_a_jpeg_that_is_grey_below_is_whole(mode, progressive):
    image = PHOTO.convert(mode)
    image.paste((128,) * len(mode), (0, image.height // 2, *image.size))
    content = encode(image, "JPEG", progressive=progressive)
    with Image.open(io.BytesIO(content)) as opened:
        expected = np.asarray(opened.convert("RGB"))
    assert (expected[-image.height // 3 :] == 128).all()
    np.testing.assert_array_equal(read(content), expected)


def test_a_progressive_jpeg_that_ends_early_is_coarser():
    content = encode(PHOTO, "JPEG", progressive=True)
    assert difference(read(content[: len(content) * 2 // 3]), np.asarray(PHOTO)) < 8


@pytest.mark.parametrize(
    "chunk",
    [
        png_chunk(b"tEXt", b"Comment\0" + b"a" * 3_000_000),
        png_chunk(b"zTXt", b"Comment\0\0" + zlib.compress(bytes(3_000_000))),
        png_chunk(b"tEXt", b"Comment\0text", checksum=0),
        png_chunk(b"iCCP", b"profile\0\0" + zlib.compress(bytes(3_000_000))),
    ],
    ids=["large text", "large compressed text", "wrong checksum", "large profile"],
)
def test_chunks_that_pixels_do_not_need_may_be_large_or_wrong(chunk):
    np.testing.assert_array_equal(read(with_chunk(encode(PHOTO, "PNG"), chunk)), np.asarray(PHOTO))


WRONG_CHECKSUM = png_chunk(b"tEXt", b"Comment\0text", checksum=0)


def test_a_png_with_a_wrong_chunk_is_upright():
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    content = encode(PHOTO, "PNG", exif=exif)
    upright = read(content)
    assert upright.shape == (128, 96, 3)
    np.testing.assert_array_equal(read(with_chunk(content, WRONG_CHECKSUM)), upright)


def test_a_png_with_a_wrong_chunk_has_its_range():
    content = imagecodecs.png_encode(np.asarray(PHOTO).astype(np.uint16) * 16)
    np.testing.assert_array_equal(read(with_chunk(content, WRONG_CHECKSUM)), np.asarray(PHOTO))


@pytest.mark.parametrize("mode", ["L", "RGB"])
@pytest.mark.parametrize("size", [0, 1])
def test_a_transparent_value_of_a_png_of_the_wrong_size_is_ignored(mode, size):
    content = encode(PHOTO.convert(mode), "PNG")
    wrong = with_chunk(content, png_chunk(b"tRNS", bytes(size)))
    np.testing.assert_array_equal(read(wrong), read(content))


def test_an_interlaced_png_that_is_cut_is_damaged():
    # Its rows are spread over seven passes, so that none is known to be whole.
    interlaced = encode(PHOTO, "PNG")
    header = bytearray(interlaced[16:29])
    header[12] = 1
    content = interlaced[:8] + png_chunk(b"IHDR", bytes(header)) + interlaced[33:-100]
    with pytest.raises(UnreadableImage):
        read(content)


def test_a_bmp_whose_alpha_is_all_zero_is_opaque():
    # A header of version 4, which has a mask of the alpha channel.
    width, height = PHOTO.size
    masks = (0xFF0000, 0xFF00, 0xFF, 0xFF000000)
    header = struct.pack("<IiiHHIIiiII4I", 108, width, -height, 1, 32, 3, 0, 0, 0, 0, 0, *masks)
    pixels = np.dstack([np.asarray(PHOTO)[..., ::-1], np.zeros((height, width), np.uint8)])
    body = header.ljust(108, b"\0") + pixels.tobytes()
    content = b"BM" + struct.pack("<IHHI", 14 + len(body), 0, 0, 14 + 108) + body
    with Image.open(io.BytesIO(content)) as image:
        assert image.mode == "RGBA"
    np.testing.assert_array_equal(read(content), np.asarray(PHOTO))


@pytest.mark.parametrize("format", ["DDS", "TGA", "ICO"])
def test_other_formats_whose_alpha_is_all_zero_are_opaque(format):
    clear = np.dstack([np.asarray(PHOTO), np.zeros((PHOTO.height, PHOTO.width), np.uint8)])
    if format == "ICO":
        size = struct.pack("<IiiHH", 40, PHOTO.width, 2 * PHOTO.height, 1, 32).ljust(40, b"\0")
        mask = bytes(PHOTO.width * PHOTO.height // 8)
        pixels = size + clear[::-1, :, [2, 1, 0, 3]].tobytes() + mask
        entry = struct.pack("<4B2H2I", PHOTO.width, PHOTO.height, 0, 0, 1, 32, len(pixels), 22)
        content = struct.pack("<3H", 0, 1, 1) + entry + pixels
    else:
        content = encode(Image.fromarray(clear), format)
    np.testing.assert_array_equal(read(content), np.asarray(PHOTO))
