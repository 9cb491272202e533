"""Damaged files that a browser shows are read; rows that are missing are grey."""

import io
import re
import struct
import zlib

import imagecodecs
import numpy as np
import pytest
import tifffile
from PIL import Image
from pydicom.encaps import encapsulate
from pydicom.uid import JPEG2000Lossless

from model.decoding.limits import GREY, MAX_MISSING_ROWS
from model.imaging import UnreadableImage, read_image
from tests.helpers.bad_files import ORIENTATION, encode, photograph
from tests.helpers.dicom_file import dicom

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


@pytest.mark.parametrize(
    ("dtype", "options"),
    [
        ("u1", {"compression": "lzw", "rowsperstrip": 8}),
        ("u1", {"compression": "zlib", "rowsperstrip": 8, "predictor": True}),
        ("u1", {"compression": "jpeg", "rowsperstrip": 8}),
        ("u1", {"compression": "jpeg", "tile": (16, 16)}),
        ("u1", {"compression": "jpeg", "tile": (64, 48)}),
        ("u2", {"tile": (64, 48)}),
        ("u1", {"compression": "packbits", "rowsperstrip": 8, "planarconfig": "separate"}),
        ("u2", {"compression": "zlib", "rowsperstrip": 8}),
        ("u2", {}),
        ("f4", {"compression": "lzw", "rowsperstrip": 8}),
    ],
)
def test_missing_strips_and_tiles_of_a_tiff_are_grey(dtype, options):
    values = np.asarray(PHOTO).astype(dtype)
    values[0, 0], values[0, 1] = 0, 255  # The range of what is there.
    if options.get("planarconfig"):
        values = np.moveaxis(values, -1, 0)
    file = io.BytesIO()
    tifffile.imwrite(file, values, photometric="rgb", **options)
    content = file.getvalue()
    whole, pixels = read(content), read(content[: len(content) * 19 // 20])
    missing = (pixels == GREY).all(axis=2)
    assert 0 < missing.mean() < MAX_MISSING_ROWS
    assert missing[-1].mean() > 0.2
    np.testing.assert_array_equal(pixels[~missing], whole[~missing])
    with pytest.raises(UnreadableImage) as caught:
        read(content[: len(content) // 2])
    assert caught.value.reason == "damaged"


@pytest.mark.parametrize("options", [{}, {"compression": "lzw"}, {"tile": (16, 16)}])
def test_strips_and_tiles_of_a_tiff_that_were_not_written_are_grey(options):
    """Programs write the header first, and what is where at the end."""
    file = io.BytesIO()
    rows = {} if "tile" in options else {"rowsperstrip": 8}
    tifffile.imwrite(file, np.asarray(PHOTO), photometric="rgb", **options, **rows)
    content = bytearray(file.getvalue())
    with tifffile.TiffFile(io.BytesIO(content)) as opened:
        tags = opened.pages[0].tags
        sizes = tags[325 if "tile" in options else 279]
    whole, size = read(content), sizes.valuebytecount // sizes.count
    end = sizes.valueoffset + sizes.valuebytecount
    content[end - size : end] = bytes(size)
    pixels = read(content)
    missing = (pixels == GREY).all(axis=2)
    assert missing[-1, -1]
    np.testing.assert_array_equal(pixels[~missing], whole[~missing])
    content[sizes.valueoffset : end] = bytes(sizes.valuebytecount)
    with pytest.raises(UnreadableImage) as caught:
        read(content)
    assert caught.value.reason == "damaged"


@pytest.mark.parametrize(
    ("dtype", "no_data", "options"),
    [
        ("u1", 0, {"tile": (32, 32)}),
        ("u1", 255, {"tile": (32, 32), "compression": "zlib"}),
        ("u2", 0, {"rowsperstrip": 8}),
        ("f4", -9999, {"tile": (32, 32), "compression": "lzw"}),
    ],
)
def test_sparse_strips_and_tiles_of_a_tiff_are_without_values(dtype, no_data, options):
    """GDAL does not store those that only have 0, or its number for missing values."""
    values = np.asarray(PHOTO.convert("L")).astype(dtype)
    values[:64] = no_data
    extra = [(42113, "s", 0, str(no_data), True)] if no_data else []
    file = io.BytesIO()
    tifffile.imwrite(file, values, photometric="minisblack", extratags=extra, **options)
    content = bytearray(file.getvalue())
    whole = read(content)
    with tifffile.TiffFile(io.BytesIO(content)) as opened:
        tags = opened.pages[0].tags
        for tag in (tags[number] for number in (273, 279, 324, 325) if number in tags):
            size = tag.valuebytecount * 64 // len(values)
            content[tag.valueoffset : tag.valueoffset + size] = bytes(size)
    np.testing.assert_array_equal(read(content), whole)


@pytest.mark.parametrize(
    ("dtype", "compression", "size"),
    [
        ("u1", None, 0),
        ("u1", None, 1_000_000),
        ("u2", None, 0),
        ("u2", None, 1_000_000),
        ("u1", "lzw", 0),
        ("u1", "zlib", 0),
        ("u1", "packbits", 0),
    ],
)
def test_a_tiff_of_one_strip_is_whole_despite_a_wrong_size_of_it(dtype, compression, size):
    values = np.asarray(PHOTO.convert("L")).astype(dtype)
    file = io.BytesIO()
    tifffile.imwrite(file, values, rowsperstrip=len(values), compression=compression)
    content = bytearray(file.getvalue())
    whole = read(content)
    with tifffile.TiffFile(io.BytesIO(content)) as opened:
        sizes = opened.pages[0].tags["StripByteCounts"]
    content[sizes.valueoffset : sizes.valueoffset + 4] = size.to_bytes(4, "little")
    np.testing.assert_array_equal(read(content), whole)
    with pytest.raises(UnreadableImage) as caught:
        read(content[: len(content) // 2])
    assert caught.value.reason == "damaged"


@pytest.mark.parametrize("kind", ["JP2", "codestream", "DICOM"])
def test_a_jpeg_2000_image_that_is_cut_is_coarser(kind):
    grey = np.asarray(PHOTO.convert("L"))
    if kind == "JP2":
        content = encode(PHOTO, "JPEG2000")
    else:
        content = imagecodecs.jpeg2k_encode(grey, codecformat="J2K", level=0)

    def first(share):
        part = content[: int(len(content) * share)]
        if kind != "DICOM":
            return part
        window = {"WindowCenter": 127.5, "WindowWidth": 255, "VOILUTFunction": "LINEAR_EXACT"}
        return dicom(grey, syntax=JPEG2000Lossless, PixelData=encapsulate([part]), **window)

    assert 0 < difference(read(first(0.8)), read(first(1))) < 12
    assert (read(first(1 - 1 / len(content))) == read(first(1))).all()
    with pytest.raises(UnreadableImage) as caught:
        read(first(0.5))
    assert caught.value.reason == "damaged"


def test_missing_tiles_of_a_jpeg_2000_image_are_grey():
    content = encode(PHOTO, "JPEG2000", tile_size=(32, 32))
    tiles = [match.start() for match in re.finditer(rb"\xff\x90\0\x0a", content)]
    assert len(tiles) == 12
    whole, pixels = read(content), read(content[: tiles[9]])
    np.testing.assert_array_equal(pixels[:64], whole[:64])
    np.testing.assert_array_equal(pixels[64:, :32], whole[64:, :32])
    np.testing.assert_allclose(pixels[64:, 32:], GREY, atol=1)
    assert difference(read(content[: tiles[10] - 20]), pixels) > 1  # A cut tile has less detail.
    with pytest.raises(UnreadableImage) as caught:
        read(content[: tiles[8]])
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
