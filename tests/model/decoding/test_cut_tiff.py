"""TIFF files whose strips or tiles are missing, sparse or declared with a wrong size."""

import io

import numpy as np
import pytest
import tifffile

from model.decoding.limits import GREY, MAX_MISSING_ROWS
from model.imaging import UnreadableImage, read_image
from tests.helpers.bad_files import photograph

PHOTO = photograph()


def read(content):
    return np.asarray(read_image(io.BytesIO(content)))


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
