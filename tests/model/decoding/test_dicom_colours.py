"""Colours and palettes of DICOM files."""

import io
import struct

import imagecodecs
import numpy as np
import pydicom
from pydicom.encaps import encapsulate
from pydicom.uid import ExplicitVRBigEndian, JPEGBaseline8Bit, JPEGLossless

from model.imaging import read_frames
from tests.helpers.bad_files import encode, photograph
from tests.helpers.dicom_file import dicom
from tests.helpers.scans import (
    BRAIN,
    PHOTO,
    assert_close,
    colours,
    shown,
)


def test_colours_in_any_arrangement_are_the_same():
    wide = PHOTO.astype(np.uint16)
    ybr = np.asarray(photograph().convert("YCbCr"))
    pairs = in_pairs(ybr)
    planes = np.ascontiguousarray(PHOTO.transpose(2, 0, 1))
    assert_close(shown(colours(PHOTO), "RGB"), PHOTO, 0)
    assert_close(shown(colours(wide * 16, BitsStored=12, HighBit=11), "RGB"), PHOTO, 0)
    assert_close(shown(colours(wide * 16), "RGB"), PHOTO, 0)
    assert_close(shown(colours(wide * 256, BitsStored=12, HighBit=15), "RGB"), PHOTO, 0)
    assert_close(shown(colours(wide * 256), "RGB"), PHOTO, 0)
    assert_close(shown(colours(wide), "RGB"), PHOTO, 0)
    planar = colours(PHOTO, PlanarConfiguration=1, PixelData=planes.tobytes())
    assert_close(shown(planar, "RGB"), PHOTO, 0)
    full = colours(ybr, PhotometricInterpretation="YBR_FULL")
    assert_close(shown(full, "RGB"), PHOTO, 3)
    for frames in (1, 3):
        header = {"PhotometricInterpretation": "YBR_FULL_422", "Columns": PHOTO.shape[1]}
        header |= {"NumberOfFrames": frames, "PixelData": pairs.tobytes() * frames}
        half = colours(pairs, **header)
        half = half.replace(struct.pack("<HHHH", 0x28, 0x11, 0x5355, 2), b"(\0\x11\0US\2\0")
        decoded = read_frames(io.BytesIO(half))
        assert decoded.total == frames
        for image in decoded.images:
            assert np.abs(np.asarray(image, int) - PHOTO).mean() < 4


def in_pairs(ybr):
    """Arrange colours so that two pixels of a row share their chrominance."""
    return np.concatenate([ybr[:, ::2, :1], ybr[:, 1::2, :1], ybr[:, ::2, 1:]], axis=-1)


def test_the_last_of_an_odd_number_of_columns_shares_its_colour_with_none():
    ybr = np.asarray(photograph().convert("YCbCr"))
    header = {"PhotometricInterpretation": "YBR_FULL_422", "PixelData": in_pairs(ybr).tobytes()}
    odd = np.ascontiguousarray(PHOTO[:, :-1])
    assert np.abs(shown(colours(odd, **header), "RGB").astype(int) - odd).mean() < 4


def test_partial_luminance_and_chrominance_fill_the_range():
    ybr = np.asarray(photograph().convert("YCbCr"), float)
    partial = ybr * (219, 224, 224) / 255 + (16, 128 * (1 - 224 / 255), 128 * (1 - 224 / 255))
    pairs = in_pairs(partial.round().astype(np.uint8)).tobytes()
    content = colours(PHOTO, PhotometricInterpretation="YBR_PARTIAL_422", PixelData=pairs)
    assert np.abs(shown(content, "RGB").astype(int) - PHOTO).mean() < 4


def test_a_jpeg_frame_with_shared_colours_is_not_rgb_although_it_says_so():
    jpeg = encode(photograph(), "JPEG", quality=95, subsampling="4:2:0")
    length = 2 + int.from_bytes(jpeg[4:6], "big")
    frame = jpeg[:2] + jpeg[2 + length :]  # Without the marker that says how colours are stored.
    content = colours(PHOTO, syntax=JPEGBaseline8Bit, PixelData=encapsulate([frame]))
    assert np.abs(shown(content, "RGB").astype(int) - PHOTO).mean() < 4


PALETTE = np.stack([np.arange(256), 255 - np.arange(256), np.full(256, 7)]).astype(np.uint16)

NAMES = ("Red", "Green", "Blue")


def palette_file(bits, entries, segmented=False):
    prefix = "Segmented" if segmented else ""
    tables = {}
    for name, data in zip(NAMES, entries, strict=True):
        tables[f"{name}PaletteColorLookupTableDescriptor"] = [256, 0, bits]
        tables[f"{prefix}{name}PaletteColorLookupTableData"] = data
    grey = BRAIN.astype(np.uint8)
    return dicom(grey, PhotometricInterpretation="PALETTE COLOR", **tables)


def test_palettes_of_every_kind_give_the_same_colours():
    words = lambda *values: np.array(values, "<u2").tobytes()  # noqa: E731
    red = words(0, 1, 0, 1, 255, 255 * 257)
    green = words(0, 1, 255 * 257, 1, 255, 0)
    blue = words(0, 2, 7 * 257, 7 * 257, 2, 1, 0, 0, 1, 252, 7 * 257)
    blue = words(0, 2, 7 * 257, 7 * 257, 1, 254, 7 * 257)
    expected = PALETTE[:, BRAIN].transpose(1, 2, 0)
    for content in (
        palette_file(8, [table.astype(np.uint8).tobytes() for table in PALETTE]),
        palette_file(16, [(table * 257).tobytes() for table in PALETTE]),
        palette_file(16, [table.tobytes() for table in PALETTE]),
        palette_file(8, [table.tobytes() for table in PALETTE]),
        palette_file(16, [red, green, blue], segmented=True),
    ):
        assert_close(shown(content, "RGB"), expected, 1)


def test_entries_of_8_bits_are_swapped_in_pairs_in_a_big_endian_file():
    """They are words, of which the low byte comes first."""
    dataset = pydicom.dcmread(
        io.BytesIO(palette_file(8, [table.astype(np.uint8).tobytes() for table in PALETTE]))
    )
    for name in NAMES:
        data = dataset[f"{name}PaletteColorLookupTableData"]
        data.value = np.frombuffer(data.value, "<u2").astype(">u2").tobytes()
    list(dataset)  # pydicom must know the values before it encodes them otherwise.
    dataset.file_meta.TransferSyntaxUID = ExplicitVRBigEndian
    content, big = io.BytesIO(), {"implicit_vr": False, "little_endian": False}
    pydicom.dcmwrite(content, dataset, force_encoding=True, **big)
    expected = PALETTE[:, BRAIN].transpose(1, 2, 0)
    assert_close(shown(content.getvalue(), "RGB"), expected, 0)


def test_signed_values_of_a_palette_may_be_compressed():
    """Lossless JPEG has no sign, which only the header tells."""
    stored = (BRAIN - 128).astype(np.int8)
    header = {"PhotometricInterpretation": "PALETTE COLOR"}
    for name, table in zip(NAMES, PALETTE, strict=True):
        header[f"{name}PaletteColorLookupTableDescriptor"] = [256, -128, 16]
        header[f"{name}PaletteColorLookupTableData"] = (table * 257).tobytes()
    frame = imagecodecs.jpeg8_encode(stored.view(np.uint8), lossless=True)
    packed = dicom(stored, syntax=JPEGLossless, **header | {"PixelData": encapsulate([frame])})
    expected = PALETTE[:, BRAIN].transpose(1, 2, 0)
    assert_close(shown(dicom(stored, **header), "RGB"), expected, 0)
    assert_close(shown(packed, "RGB"), expected, 0)


def test_a_segmented_palette_that_repeats_segments_is_limited():
    repeated = np.array([0, 1, 5, *([1, 65535, 9] * 5000)], "<u2").tobytes()
    content = palette_file(16, [repeated] * 3, segmented=True)
    assert shown(content, "RGB").shape == (*BRAIN.shape, 3)
