"""JPEG XL, JPEG 2000 and TIFF files that Pillow misreads have the right greys and colours."""

import io
import struct

import imagecodecs
import numpy as np
import pytest
import tifffile
from PIL import Image, ImageCms

from model.imaging import UnreadableImage, read_frames, read_image
from tests.helpers.bad_files import ORIENTATION, photograph
from tests.helpers.heic import HEIC

PHOTO = photograph()
GREY = np.asarray(PHOTO.convert("L"))


def read(content):
    return np.asarray(read_image(io.BytesIO(content)))


def tiff(values, **options):
    content = io.BytesIO()
    tifffile.imwrite(content, values, **options)
    return content.getvalue()


def stretched(grey):
    """Scale greys to 0..255, as values of more than 8 bits are."""
    low, high = float(grey.min()), float(grey.max())
    return np.rint((grey.astype(float) - low) * 255 / (high - low))


def assert_grey(content, expected):
    np.testing.assert_allclose(read(content)[..., 0], expected, atol=1)


def test_jpeg_ls_outside_of_dicom_is_read():
    np.testing.assert_array_equal(read(imagecodecs.jpegls_encode(np.asarray(PHOTO))), PHOTO)
    assert_grey(imagecodecs.jpegls_encode(GREY), GREY)


@pytest.mark.parametrize("lossless", [False, True])
def test_jpeg_of_12_bits_outside_of_dicom_is_read(lossless):
    values = GREY.astype(np.uint16) * 16
    options = {"lossless": True} if lossless else {"level": 99}
    content = imagecodecs.jpeg8_encode(values, bitspersample=12, **options)
    np.testing.assert_allclose(read(content)[..., 0], stretched(GREY), atol=4)


def test_jpeg_xl_has_its_colours_greys_and_transparency():
    exact = {"lossless": True}
    content = imagecodecs.jpegxl_encode(np.asarray(PHOTO), **exact)
    np.testing.assert_array_equal(read(content), np.asarray(PHOTO))
    assert_grey(imagecodecs.jpegxl_encode(GREY, **exact), GREY)
    assert_grey(imagecodecs.jpegxl_encode(GREY.astype(np.uint16) * 16, **exact), stretched(GREY))
    clear = np.zeros_like(GREY)
    for values in (
        np.dstack([np.asarray(PHOTO), clear]),
        np.dstack([np.asarray(PHOTO), clear]).astype(np.uint16) * 257,
        np.dstack([GREY, clear]),
    ):
        assert (read(imagecodecs.jpegxl_encode(values, **exact)) == 255).all()


@pytest.mark.parametrize("values", [np.asarray(PHOTO), GREY], ids=["colours", "grey"])
def test_frames_of_jpeg_xl_are_read(values):
    content = imagecodecs.jpegxl_encode(np.stack([values * 0, *[values] * 4]), lossless=True)
    frames = read_frames(io.BytesIO(content))
    assert (frames.indices, frames.total) == ([1, 2, 3], 5)
    expected = values if values.ndim == 3 else np.dstack([values] * 3)
    np.testing.assert_array_equal(np.asarray(frames.images[0]), expected)


@pytest.mark.parametrize("bits", [2, 3, 4, 6])
def test_white_of_few_bits_of_tiff_is_white(bits):
    values = GREY >> (8 - bits)
    content = tiff(values, photometric="minisblack", bitspersample=bits, rowsperstrip=8)
    expected = values * (255 / (2**bits - 1))
    for part in (content, content[:-1]):  # A cut file is read by another decoder.
        np.testing.assert_allclose(read(part)[:80, :, 0], expected[:80], atol=1)


@pytest.mark.parametrize("dtype", ["i1", "u4", "u8", "i8", "f2", "f8", "<i2", ">u4"])
def test_greys_of_every_type_of_number_are_scaled_from_their_range(dtype):
    values = GREY // 2 if dtype in ("i1", "f2") else GREY.astype(np.int64) * 100
    values = (values - values.mean()).astype(dtype) if dtype[-2] != "u" else values.astype(dtype)
    assert_grey(tiff(values), stretched(values))


def test_large_unsigned_values_keep_their_order():
    values = GREY.astype(np.uint32) * 2**24
    assert values.max() > 2**31
    assert_grey(tiff(values), stretched(GREY))


@pytest.mark.parametrize("options", [{}, {"tile": (16, 16), "predictor": True}])
@pytest.mark.parametrize("compression", ["zlib", "lzw", "zstd", "packbits"])
@pytest.mark.parametrize("dtype", ["i2", "u2", "i4", "f4"])
def test_compressed_greys_of_both_byte_orders_are_the_same(dtype, compression, options):
    if compression == "packbits":
        options = options | {"predictor": None}
    for order in "<>":
        content = tiff(GREY.astype(dtype), byteorder=order, compression=compression, **options)
        assert_grey(content, stretched(GREY))


@pytest.mark.parametrize("dtype", ["u1", "u2", "u4", "f4"])
def test_min_is_white_is_no_negative(dtype):
    stored = (255 - GREY).astype(dtype)
    expected = GREY if dtype == "u1" else stretched(GREY)
    assert_grey(tiff(stored, photometric="miniswhite"), expected)


@pytest.mark.parametrize("plane", ["contig", "separate"])
def test_of_two_channels_the_first_is_shown(plane):
    values = [GREY, 255 - GREY]
    values = np.dstack(values) if plane == "contig" else np.stack(values)
    assert_grey(tiff(values, photometric="minisblack", planarconfig=plane), GREY)


def test_colours_of_12_bits_in_16_are_not_dark():
    values = np.asarray(PHOTO).astype(np.uint16) * 16
    for content in (
        tiff(values, photometric="rgb"),
        imagecodecs.png_encode(values),
        imagecodecs.jpeg2k_encode(values),
    ):
        np.testing.assert_allclose(read(content), np.asarray(PHOTO), atol=1)
    clear = (np.arange(GREY.size).reshape(GREY.shape) % 2 * 65_535).astype(np.uint16)
    content = imagecodecs.png_encode(np.dstack([values, clear]))
    expected = np.where(clear[..., None] > 0, np.asarray(PHOTO), 255)
    np.testing.assert_allclose(read(content), expected, atol=1)


def test_colours_of_16_bits_keep_white():
    values = np.asarray(PHOTO).astype(np.uint16) * 257
    values[:8] = 65_535
    for encode in (imagecodecs.png_encode, imagecodecs.jpeg2k_encode):
        np.testing.assert_array_equal(read(encode(values)), values // 257)


@pytest.mark.parametrize("factor", [16, 257])
def test_jpeg_2000_of_grey_with_alpha_of_more_than_8_bits_is_scaled(factor):
    opaque = np.indices(GREY.shape)[1] < 100
    values = np.dstack([GREY.astype(np.uint16) * factor, opaque * np.uint16(65_535)])
    content = imagecodecs.jpeg2k_encode(values, codecformat="jp2", level=0)
    assert_grey(content, np.where(opaque, stretched(GREY), 255))


@pytest.mark.parametrize("factor", [1, 257])
@pytest.mark.parametrize("compression", [None, "lzw"])
def test_colours_of_a_tiff_palette_have_8_or_16_bits(compression, factor):
    palette = np.stack([np.arange(256), np.arange(256)[::-1], np.full(256, 90)]).astype(np.uint16)
    options = {"photometric": "palette", "compression": compression}
    content = tiff(GREY, colormap=palette * factor, **options)
    np.testing.assert_array_equal(read(content), np.moveaxis(palette[:, GREY], 0, -1))


@pytest.mark.parametrize("compression", [None, "zlib"])
@pytest.mark.parametrize(
    ("dtype", "text", "number"),
    [
        ("f4", "-9999", -9999),
        ("f4", "-3.4028234663852886e+38", np.finfo("f4").min),
        ("i2", "-32768", -32_768),
        ("u2", "65535", 65_535),
        ("f4", "nan", np.nan),
    ],
)
def test_missing_values_of_a_map_are_black_and_leave_the_contrast(dtype, text, number, compression):
    values = GREY.astype(dtype)
    values[:40] = number
    content = tiff(values, compression=compression, extratags=[(42113, 2, 0, text, True)])
    expected = stretched(GREY[40:])
    pixels = read(content)[..., 0]
    np.testing.assert_allclose(pixels[40:], expected, atol=1)
    assert (pixels[:40] == 0).all()


def test_a_map_without_any_value_is_black():
    content = tiff(np.full((8, 8), -9999, "f4"), extratags=[(42113, 2, 0, "-9999", True)])
    assert not read(content).any()


def test_lossless_jpeg_of_colours_in_tiff_is_read():
    options = {"compression": "jpeg", "compressionargs": {"lossless": True}}
    content = tiff(np.asarray(PHOTO), photometric="rgb", **options)
    np.testing.assert_array_equal(read(content), np.asarray(PHOTO))


def test_lab_of_16_bits_is_that_of_8():
    profiles = ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB")
    lab = ImageCms.profileToProfile(PHOTO, *profiles, outputMode="LAB")
    content = tiff(np.asarray(lab).astype(np.uint16) * 256, photometric="cielab")
    np.testing.assert_array_equal(read(content), np.asarray(lab.convert("RGB")))


@pytest.mark.parametrize("side", [1, 2])
def test_ycbcr_without_compression_is_read(side):
    """The colour differences are those of blocks of ``side`` x ``side`` pixels."""
    photo = PHOTO.reduce(2).resize(PHOTO.size, Image.Resampling.NEAREST).convert("YCbCr")
    rows, columns = GREY.shape[0] // side, GREY.shape[1] // side
    blocks = np.asarray(photo).reshape(rows, side, columns, side, 3).swapaxes(1, 2)
    luminance = blocks[..., 0].reshape(rows, columns, side * side)
    stored = np.dstack([luminance, blocks[:, :, 0, 0, 1:]])
    content = io.BytesIO()
    image = Image.fromarray(stored.reshape(-1, photo.width, 3), "YCbCr")
    image.save(content, "TIFF", tiffinfo={530: (side, side), 278: photo.height})
    content.seek(0)
    with tifffile.TiffFile(content) as file:
        file.pages[0].tags["ImageLength"].overwrite(photo.height)
    np.testing.assert_allclose(read(content.getvalue()), np.asarray(photo.convert("RGB")), atol=2)


def test_transparency_and_ink_of_16_bits_are_those_of_8():
    alpha = np.where(np.indices(GREY.shape)[1] < 40, 0, 255).astype(np.uint8)
    clear = np.dstack([np.asarray(PHOTO), alpha])
    ink = np.asarray(PHOTO.convert("CMYK"))
    for values, options in (
        (clear, {"photometric": "rgb", "extrasamples": "unassalpha"}),
        (ink, {"photometric": "separated"}),
    ):
        wide = tiff(values.astype(np.uint16) * 257, **options)
        np.testing.assert_allclose(read(wide), read(tiff(values, **options)), atol=1)
    further = {"photometric": "rgb", "extrasamples": ["unspecified"]}
    wide = tiff(np.dstack([np.asarray(PHOTO), alpha * 0]).astype(np.uint16) * 257, **further)
    np.testing.assert_array_equal(read(wide), np.asarray(PHOTO))


def test_webp_in_tiff_is_read():
    content = tiff(np.asarray(PHOTO), photometric="rgb", compression="webp")
    np.testing.assert_allclose(read(content), np.asarray(PHOTO), atol=1)


def test_the_orientation_of_such_a_file_is_applied():
    stored = np.rot90(GREY).astype(np.float64)
    content = tiff(stored, extratags=[(ORIENTATION, 3, 1, 6, True)])
    assert_grey(content, stretched(GREY))


def test_the_stack_of_a_page_that_imagej_describes_is_read():
    stack = np.stack([np.zeros_like(GREY), *[GREY] * 5]).astype(np.uint16)
    content = tiff(stack, imagej=True)
    frames = read_frames(io.BytesIO(content))
    assert (len(frames.images), frames.total) == (4, 6)
    # ImageJ itself writes only the first of the page descriptions of a large stack.
    with tifffile.TiffFile(io.BytesIO(content)) as file:
        first = file.pages[0]
        next_page = first.offset + 2 + 12 * len(first.tags)
    single = content[:next_page] + bytes(4) + content[next_page + 4 :]
    with Image.open(io.BytesIO(single)) as image:
        assert image.n_frames == 1
    frames = read_frames(io.BytesIO(single))
    assert (len(frames.images), frames.total) == (4, 6)
    assert np.asarray(frames.images[0])[..., 0] == pytest.approx(stretched(GREY), abs=1)


@pytest.mark.parametrize(
    "content", [HEIC, imagecodecs.jpegxl_encode(GREY), tiff(GREY.astype("f8"))]
)
def test_a_file_that_is_cut_is_damaged(content):
    with pytest.raises(UnreadableImage) as caught:
        read(content[: len(content) // 2])
    assert caught.value.reason == "damaged"


def test_nothing_is_printed_about_a_broken_tiff(capfd):
    content = bytearray(tiff(GREY, compression="zlib"))
    start = content.index(b"\x78\x9c")  # Of a zlib stream.
    content[start + 2 : start + 200] = b"\xff" * 198
    with pytest.raises(UnreadableImage):
        read(bytes(content))
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("side", [7_500, 10_000])
def test_too_many_pixels_are_refused(side):
    content = bytearray(HEIC)
    struct.pack_into(">2I", content, content.index(b"ispe") + 8, side, side)
    struct.pack_into(">4I", content, content.index(b"clap") + 4, side, 1, side, 1)
    with pytest.raises(UnreadableImage) as caught:
        read(bytes(content))
    assert caught.value.reason == "too_large"
