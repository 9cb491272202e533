"""JPEG 2000 files that are cut or that Pillow misreads."""

import io
import re
import struct

import imagecodecs
import numpy as np
import pytest
from pydicom.encaps import encapsulate
from pydicom.uid import JPEG2000Lossless

from model.decoding.limits import GREY as MISSING
from model.imaging import UnreadableImage, read_image
from tests.helpers.bad_files import encode, photograph
from tests.helpers.dicom_file import dicom

PHOTO = photograph()
GREY = np.asarray(PHOTO.convert("L"))


def read(content):
    return np.asarray(read_image(io.BytesIO(content)))


def difference(pixels, expected):
    return np.abs(pixels.astype(int) - expected).mean()


def with_channels(content, order):
    """Say in a JP2 file that its channels are those named, such as "BGRA"."""
    entries = [(0, "RGB".index(name) + 1) if name != "A" else (1, 0) for name in order]
    definition = [struct.pack(">3H", number, *entry) for number, entry in enumerate(entries)]
    body = struct.pack(">4sH", b"cdef", len(order)) + b"".join(definition)
    start = content.index(b"jp2h") - 4
    size = int.from_bytes(content[start : start + 4], "big")
    box = struct.pack(">I", 4 + len(body)) + body
    header = struct.pack(">I", size + len(box)) + content[start + 4 : start + size] + box
    return content[:start] + header + content[start + size :]


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("order", ["RGB", "BGR", "RGBA", "BGRA", "ARGB"])
def test_channels_may_have_any_order(order, dtype):
    channels = np.dstack([PHOTO, np.full_like(GREY, 255)])
    values = channels[..., ["RGBA".index(name) for name in order]].astype(dtype)
    values *= np.iinfo(dtype).max // 255
    content = imagecodecs.jpeg2k_encode(values, level=0, codecformat="jp2")
    np.testing.assert_array_equal(read(with_channels(content, order)), np.asarray(PHOTO))


@pytest.mark.parametrize("bits", [1, 2, 4])
def test_white_of_few_bits_of_jpeg_2000_is_white(bits):
    top = 2**bits - 1
    for values in (GREY, np.asarray(PHOTO)):
        stored = values >> (8 - bits)
        content = imagecodecs.jpeg2k_encode(stored, level=0, reversible=True, bitspersample=bits)
        expected = np.broadcast_to(np.atleast_3d(stored), (*GREY.shape, 3)).astype(int) * 255 // top
        assert expected.max() == 255
        np.testing.assert_array_equal(read(content), expected)


@pytest.mark.parametrize("kind", ["JP2", "codestream", "DICOM"])
def test_a_jpeg_2000_image_that_is_cut_is_coarser(kind):
    if kind == "JP2":
        content = encode(PHOTO, "JPEG2000")
    else:
        content = imagecodecs.jpeg2k_encode(GREY, codecformat="J2K", level=0)

    def first(share):
        part = content[: int(len(content) * share)]
        if kind != "DICOM":
            return part
        window = {"WindowCenter": 127.5, "WindowWidth": 255, "VOILUTFunction": "LINEAR_EXACT"}
        return dicom(GREY, syntax=JPEG2000Lossless, PixelData=encapsulate([part]), **window)

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
    np.testing.assert_allclose(pixels[64:, 32:], MISSING, atol=1)
    assert difference(read(content[: tiles[10] - 20]), pixels) > 1  # A cut tile has less detail.
    with pytest.raises(UnreadableImage) as caught:
        read(content[: tiles[8]])
    assert caught.value.reason == "damaged"
