"""BMP, TGA and XPM files of which Pillow decodes nothing, or the wrong pixels."""

import io
import struct

import numpy as np
import pytest
from PIL import Image

from model.decoding import raster
from model.decoding.limits import MAX_PIXELS, MAX_SLOW_PIXELS
from model.imaging import read_image
from tests.helpers.bad_files import photograph
from tests.helpers.refusals import refused

PHOTO = np.asarray(photograph())
GREY = np.asarray(photograph().convert("L"))
HEIGHT, WIDTH = GREY.shape


def read(content):
    return np.asarray(read_image(io.BytesIO(content)))


def tga(pixels, kind=2, depth=24, flags=0x20, palette=b"", palette_bits=0):
    """Make a TGA file of the size of the photo, with its first row first."""
    colours = len(palette) * 8 // palette_bits if palette else 0
    map_fields = (bool(palette), kind, 0, colours, palette_bits)
    header = struct.pack("<BBBHHBHHHHBB", 0, *map_fields, 0, 0, WIDTH, HEIGHT, depth, flags)
    return header + palette + bytes(pixels)


def bgr(*others):
    return np.dstack([PHOTO[..., ::-1], *others])


def test_alpha_of_a_tga_counts_if_its_header_declares_it():
    content = bgr(GREY * 0 + 7).tobytes()
    np.testing.assert_array_equal(read(tga(content, depth=32, flags=0x20)), PHOTO)
    assert read(tga(content, depth=32, flags=0x28)).min() > 240


def fives(values):
    """Pack colours (..., 3) of 8 bits in 16 bits, and return what is left of them."""
    red, green, blue = np.moveaxis(values.astype("<u2") >> 3, -1, 0)
    five = values >> 3
    return red << 10 | green << 5 | blue, (five << 3) | (five >> 2)


@pytest.mark.parametrize("flags", [0x20, 0x21])
def test_the_highest_of_16_bits_of_a_tga_is_no_alpha(flags):
    packed, expected = fives(PHOTO)
    packed[:, ::2] |= 0x8000
    content = tga(packed.tobytes(), depth=16, flags=flags)
    np.testing.assert_allclose(read(content), expected, atol=1)


@pytest.mark.parametrize("bits", [16, 24, 32])
def test_a_palette_of_a_tga_has_no_alpha(bits):
    colours = np.dstack([np.arange(256), np.arange(256)[::-1], np.full(256, 90)])[0]
    colours = colours.astype(np.uint8)
    packed, expected = fives(colours)
    stored = {
        16: packed | 0x8000,
        24: colours[:, ::-1],
        32: np.column_stack([colours[:, ::-1], np.full(256, 9)]).astype(np.uint8),
    }[bits]
    expected = expected if bits == 16 else colours
    content = tga(GREY.tobytes(), 1, 8, palette=stored.tobytes(), palette_bits=bits)
    np.testing.assert_allclose(read(content), expected[GREY], atol=1)


@pytest.mark.parametrize("bits", [16, 24])
def test_a_tga_of_colours_may_have_a_palette_too(bits):
    palette = bytes(256 * bits // 8)
    np.testing.assert_array_equal(read(tga(bgr().tobytes(), 2, 24, 0x20, palette, bits)), PHOTO)


def runs(pixels, length):
    """Encode pixels (count, bytes) as runs, which end when the value changes or are long."""
    changes = (pixels[1:] != pixels[:-1]).any(axis=1)
    starts = np.flatnonzero(np.concatenate([[True], changes]))
    content = b""
    for start, end in zip(starts, [*starts[1:], len(pixels)], strict=True):
        for position in range(start, end, length):
            count = min(length, end - position)
            content += bytes([127 + count]) + pixels[start].tobytes()
    return content


@pytest.mark.parametrize("orientation", [0, 0x20])
def test_runs_of_a_tga_may_go_on_in_the_next_row(orientation):
    stripes = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    stripes[: HEIGHT // 3] = 200, 30, 4
    content = tga(runs(stripes.reshape(-1, 3), 100), 10, 24, orientation)
    expected = stripes if orientation else stripes[::-1]
    np.testing.assert_array_equal(read(content)[..., ::-1], expected)
    greys = tga(b"\xff\x09" * (HEIGHT * WIDTH // 128 + 1), 11, 8)
    assert (read(greys) == 9).all()
    assert refused(content[: len(content) // 2]).reason == "damaged"


@pytest.mark.parametrize("format", ["TGA", "BMP"])
def test_a_large_image_whose_alpha_is_all_zero_is_opaque(monkeypatch, format):
    clear = bgr(GREY * 0)
    if format == "TGA":
        content = tga(clear.tobytes(), depth=32, flags=0x28)
    else:
        content = bmp(clear.view("<u4"), (0xFF0000, 0xFF00, 0xFF, 0xFF000000))
    expected = np.asarray(Image.fromarray(PHOTO).reduce(4))
    monkeypatch.setattr(raster, "LARGE_PIXELS", 1000)
    np.testing.assert_array_equal(read(content), expected)


def bmp(pixels, masks):
    """Make a BMP file whose header, of version 3 or 4, tells the bits of colours."""
    height, width = pixels.shape[:2]
    size = 40 if len(masks) == 3 else 108
    fields = (size, width, height, 1, 8 * pixels.itemsize, 3, pixels.nbytes, 0, 0, 0, 0, *masks)
    header = struct.pack(f"<IiiHHIIiiII{len(masks)}I", *fields).ljust(size, b"\0")
    start = 14 + len(header)
    body = pixels[::-1].tobytes()
    return b"BM" + struct.pack("<IHHI", start + len(body), 0, 0, start) + header + body


@pytest.mark.parametrize(
    ("bits", "dtype"), [((4, 4, 4), "<u2"), ((8, 8, 8), "<u4"), ((10, 10, 10), "<u4")]
)
def test_colours_of_a_bmp_may_have_any_bits(bits, dtype):
    shifts = np.cumsum([0, *bits[:2]])
    masks = [(2**count - 1) << int(shift) for count, shift in zip(bits, shifts, strict=True)]
    values = [
        np.rint(PHOTO[..., i] * ((2**count - 1) / 255)).astype(dtype) << int(shifts[i])
        for i, count in enumerate(bits)
    ]
    pixels = (values[0] | values[1] | values[2]).astype(dtype)
    tolerance = 255 // (2 ** min(bits) - 1) // 2 + 1
    np.testing.assert_allclose(read(bmp(pixels, masks)), PHOTO, atol=tolerance)
    np.testing.assert_allclose(read(bmp(pixels, [*masks, 0])), PHOTO, atol=tolerance)
    wide = np.pad(pixels, ((0, 0), (0, 1)))[:, : WIDTH - 1 + WIDTH % 2]
    assert wide.shape[1] % 2
    padded = np.pad(wide, ((0, 0), (0, 1))) if dtype == "<u2" else wide
    content = bytearray(bmp(padded, masks))
    content[18:22] = struct.pack("<i", wide.shape[1])
    np.testing.assert_allclose(read(bytes(content)), PHOTO[:, : wide.shape[1]], atol=tolerance)


def test_alpha_of_a_bmp_of_any_bits_is_composited_onto_white():
    clear = np.indices(GREY.shape)[1] < 40
    pixels = PHOTO.astype("<u4") @ np.array([1, 2**8, 2**16], "<u4")
    pixels |= np.where(clear, 0, 0xFE000000).astype("<u4")
    content = bmp(pixels.astype("<u4"), (0xFF, 0xFF00, 0xFF0000, 0xFE000000))
    np.testing.assert_array_equal(read(content), np.where(clear[..., None], 255, PHOTO))


def test_missing_rows_of_a_bmp_that_tells_its_bits_are_grey():
    pixels = PHOTO.astype("<u4") @ np.array([2**16, 2**8, 1], "<u4")
    content = bmp(pixels.astype("<u4"), (0xFF0000, 0xFF00, 0xFF))
    np.testing.assert_array_equal(read(content), PHOTO)
    np.testing.assert_array_equal(read(content[: len(content) * 9 // 10])[20:], PHOTO[20:])


def test_a_large_bmp_of_any_bits_is_refused():
    content = bytearray(bmp(np.zeros((4, 4), "<u4"), (0x3FF, 0xFFC00, 0x3FF00000)))
    struct.pack_into("<2i", content, 18, 8001, MAX_PIXELS // 8000)
    assert refused(bytes(content)).reason == "too_large"


def rle_bmp(values, compression=1, run=1, body=None):
    """Encode greys (height, width) as a BMP file of runs, or take those of ``body``."""
    height, width = values.shape
    runs = np.dstack([np.full_like(values[:, ::run], run), values[:, ::run]])
    if body is None:
        body = b"".join(row.tobytes() + b"\0\0" for row in runs[::-1]) + b"\0\1"
    palette = b"".join(bytes((255 - i, i, i, 0)) for i in range(256))
    fields = (40, width, height, 1, 8, compression, len(body), 0, 0, 256, 0)
    header = b"".join(
        field.to_bytes(2 if i in (3, 4) else 4, "little") for i, field in enumerate(fields)
    )
    start = 14 + len(header) + len(palette)
    size = (start + len(body)).to_bytes(4, "little") + bytes(4) + start.to_bytes(4, "little")
    return b"BM" + size + header + palette + body


def test_a_compressed_bmp_of_a_megapixel_is_read():
    values = np.repeat(np.resize(GREY, (1024, 256)), 4, axis=1)
    pixels = read(rle_bmp(values, run=4))
    np.testing.assert_array_equal(pixels[..., 0], values)
    np.testing.assert_array_equal(pixels[..., 2], 255 - values)


SINGLE, END_OF_ROW = b"\0", b"\0\0"
"""What begins single pixels, before their number, and what ends a row of a BMP file."""


def even(data):
    return data + bytes(len(data) % 2)


@pytest.mark.parametrize("width", [99, 100])
def test_runs_of_a_bmp_may_leave_their_row(width):
    values = np.repeat(GREY[:, : width // 2 + 1], 2, axis=1)[:, :width]
    flat, rows = values[::-1].reshape(-1), values[::-1]
    single = [SINGLE + bytes([254]) + flat[i : i + 254].tobytes() for i in range(0, len(flat), 254)]
    left = len(flat) % 254
    single[-1] = SINGLE + bytes([left]) + even(flat[-left:].tobytes())
    count = bytes([width + 4])
    for body in (
        b"".join(bytes([1, index]) for index in flat),
        b"".join(single),
        b"".join(SINGLE + count + even(row.tobytes() + b"abcd") + END_OF_ROW for row in rows),
        b"".join(b"\1%c" % index for index in flat[: 9 * width + 7])
        + b"\0\2\3\2"  # Moves by three pixels and two rows.
        + b"".join(b"\1%c" % index for index in flat[11 * width + 10 :]),
    ):
        pixels = read(rle_bmp(values, body=body))[::-1, :, 0].reshape(-1)
        assert (pixels == flat).sum() >= len(flat) - 2 * width - 3
        np.testing.assert_array_equal(pixels[11 * width + 10 :], flat[11 * width + 10 :])
        np.testing.assert_array_equal(pixels[: 9 * width], flat[: 9 * width])


@pytest.mark.parametrize("width", [99, 100])
def test_a_bmp_of_half_bytes_has_two_greys_in_each_run(width):
    values = np.tile(np.array([3, 12], np.uint8), (len(GREY), 50))[:, :width]
    row = bytes([31, 3 << 4 | 12, 0, width - 31]) + bytes(
        values[0, i] << 4 | (values[0, i + 1] if i + 1 < width else 0) for i in range(31, width, 2)
    )
    pixels = read(rle_bmp(values, compression=2, body=len(GREY) * (even(row) + END_OF_ROW)))
    np.testing.assert_array_equal(pixels[..., 0], values)


def test_missing_rows_of_a_compressed_bmp_are_no_accident():
    content = rle_bmp(GREY)
    assert read(content[: len(content) * 9 // 10]).shape == PHOTO.shape


def test_images_that_python_decodes_are_limited():
    side = int(MAX_SLOW_PIXELS**0.5) + 1
    content = b'/* XPM */\nstatic char *x[] = {\n"%d %d 1 1",\n"a c #102030",\n' % (side, side)
    assert refused(content).reason == "too_large"


def test_a_large_bmp_of_runs_is_refused():
    side = int(MAX_PIXELS**0.5) + 1
    content = bytearray(rle_bmp(GREY))
    content[18:26] = side.to_bytes(4, "little") * 2
    assert refused(bytes(content)).reason == "too_large"


def test_an_xpm_image_of_a_megapixel_is_read():
    rows = b",\n".join(b'"%b"' % (b"ab" * 512) for _ in range(1024))
    content = b'/* XPM */\nstatic char *x[] = {\n"1024 1024 2 1",\n"a c #102030",\n"b c #f0e0d0",\n'
    pixels = read(content + rows + b"\n};\n")
    assert pixels[:, ::2].reshape(-1, 3).max(axis=0).tolist() == [16, 32, 48]
    assert pixels[:, 1::2].reshape(-1, 3).min(axis=0).tolist() == [240, 224, 208]
