"""DICOM files of every kind that archives contain: each is shown as viewers show it."""

import io
import struct
import zlib

import imagecodecs
import numpy as np
import pydicom
import pytest
from PIL import Image
from pydicom import uid
from pydicom.encaps import encapsulate, itemize_frame

from model.batch_predict import error_message
from model.decoding import decoder_process
from model.decoding.dicom import codecs
from model.decoding.dicom.file import DicomFile
from model.imaging import UnreadableImage, read_frames, read_image
from page.i18n import LANGUAGES
from page.open_image import refusal
from tests.helpers import decoders
from tests.helpers.bad_files import encode, photograph
from tests.helpers.dicom_file import dicom
from tests.helpers.running_app import EXAMPLES

with Image.open(EXAMPLES["brain"]) as opened:
    BRAIN = np.asarray(opened.convert("L").resize((120, 100))).astype(np.int16)
"""Grey levels, 0 to 255."""

HOUNSFIELD = np.where(BRAIN < 8, -1000, BRAIN * 80 // 255).astype(np.int16)
"""Air at -1000, tissue at 0 to 80."""

BRAIN_WINDOW = {"WindowCenter": 40, "WindowWidth": 80}

WITHOUT_WINDOW = np.clip((HOUNSFIELD + 160.0) * 255 / 400, 0, 255)
"""The greys of soft tissue, centre 40 and width 400."""


def shown(content, mode="L"):
    return np.asarray(read_image(io.BytesIO(content)).convert(mode)).astype(int)


def item(**values):
    dataset = pydicom.Dataset()
    for name, value in values.items():
        setattr(dataset, name, value)
    return dataset


def assert_close(grey, expected, tolerance=3):
    assert grey.shape == expected.shape
    assert np.abs(grey - expected).max() <= tolerance


# Windows


@pytest.mark.parametrize(
    "window",
    [
        {},
        {"WindowCenter": None, "WindowWidth": None},
        {"WindowCenter": 0, "WindowWidth": 0},
        {"WindowCenter": 40, "WindowWidth": -80},
        {"WindowCenter": 9000, "WindowWidth": 80},
        {"WindowCenter": -5000, "WindowWidth": 400},
        {"WindowCenter": 40, "WindowWidth": 1e6},
    ],
    ids=str,
)
def test_ct_without_a_usable_window_shows_soft_tissue(window):
    assert_close(shown(dicom(HOUNSFIELD, Modality="CT", **window)), WITHOUT_WINDOW)


def test_the_first_usable_window_of_several_is_applied():
    windows = {"WindowCenter": [9000, 40, 300], "WindowWidth": [10, 80, 2000]}
    expected = shown(dicom(HOUNSFIELD, **BRAIN_WINDOW))
    assert_close(shown(dicom(HOUNSFIELD, **windows)), expected, 0)


def test_few_bright_pixels_take_no_contrast():
    values = BRAIN.astype(np.uint16) * 4
    bright = values.copy()
    bright[:2, :5] = 40_000
    grey = shown(dicom(bright, Modality="MR"))
    assert_close(grey[2:], shown(dicom(values, Modality="MR"))[2:], 8)


@pytest.mark.parametrize("function", ["SIGMOID", "LINEAR_EXACT", "", "unknown", "linear"])
def test_functions_of_windows(function):
    grey = shown(dicom(HOUNSFIELD, VOILUTFunction=function, **BRAIN_WINDOW))
    values = {"SIGMOID": 255 / (1 + np.exp(-4 * (HOUNSFIELD.astype(float) - 40) / 80))}
    assert_close(grey, values.get(function, np.clip(HOUNSFIELD * 255.0 / 80, 0, 255)), 5)


def functional_groups(center, width, intercept):
    voi = item(WindowCenter=center, WindowWidth=width)
    rescale = item(RescaleIntercept=intercept, RescaleSlope=1, RescaleType="HU")
    return item(FrameVOILUTSequence=[voi], PixelValueTransformationSequence=[rescale])


def test_enhanced_files_have_window_and_rescale_in_functional_groups():
    frames = np.stack([HOUNSFIELD + 1024, HOUNSFIELD + 500])
    shared, second = functional_groups(40, 80, -1024), functional_groups(40, 80, -500)
    content = dicom(
        frames[0],
        NumberOfFrames=2,
        PixelData=frames.tobytes(),
        SharedFunctionalGroupsSequence=[shared],
        PerFrameFunctionalGroupsSequence=[item(), second],
    )
    expected = shown(dicom(HOUNSFIELD, **BRAIN_WINDOW))
    scan = DicomFile(io.BytesIO(content))
    assert scan.number_of_frames == 2
    for index in range(2):
        assert_close(scan.read_frame(index).astype(int), expected, 0)


# Greys


@pytest.mark.parametrize("padding", [{"PixelPaddingValue": 4000}, {"PixelPaddingRangeLimit": 4095}])
def test_padding_of_an_inverted_image_is_black_and_takes_no_contrast(padding):
    values = (1000 - 3 * BRAIN).astype(np.uint16)
    padded = np.full((140, 160), 4000, np.uint16)
    padded[20:120, 20:140] = values
    inverted = {"PhotometricInterpretation": "MONOCHROME1", "Modality": "CR"}
    grey = shown(dicom(padded, **inverted, **({"PixelPaddingValue": 4000} | padding)))
    assert_close(grey[20:120, 20:140], shown(dicom(values, **inverted)), 0)
    assert grey[:20].max() == 0


def test_negative_padding_of_unsigned_values_is_padding():
    values = BRAIN.astype(np.uint16)
    values[:3] = 2**16 - 2000
    values = dicom(values, Modality="MR").replace(b"US\x02\0\x30\xf8", b"SS\x02\0\x30\xf8")
    padded = dicom(np.frombuffer(b"\x30\xf8" * 12_000, "u2").reshape(100, 120))
    assert shown(padded).max() == shown(padded).min()


def test_a_negative_slope_is_not_a_negative_image():
    rescale = {"RescaleSlope": -1, "RescaleIntercept": 3000}
    content = dicom((3000 - HOUNSFIELD).astype(np.int16), **rescale, **BRAIN_WINDOW)
    assert_close(shown(content), shown(dicom(HOUNSFIELD, **BRAIN_WINDOW)), 0)
    without = dicom((3000 - BRAIN).astype(np.int16), Modality="MR", **rescale)
    assert_close(shown(without), shown(dicom(BRAIN, Modality="MR")), 0)


@pytest.mark.parametrize("signed", [0, 1])
def test_values_aligned_to_the_left_or_without_extended_sign(signed):
    values = (HOUNSFIELD if signed else HOUNSFIELD + 1024).astype(np.int16)
    intercept = {"RescaleIntercept": 0 if signed else -1024, "RescaleSlope": 1}
    header = {"BitsStored": 12, "PixelRepresentation": signed, **intercept, **BRAIN_WINDOW}
    expected = shown(dicom(HOUNSFIELD, **BRAIN_WINDOW))
    assert_close(shown(dicom((values << 4).view("u2"), HighBit=15, **header)), expected, 0)
    assert_close(shown(dicom((values & 0xFFF).view("u2"), HighBit=11, **header)), expected, 0)
    partly = np.where(BRAIN % 2, values & 0xFFF, values).astype(np.int16)
    assert_close(shown(dicom(partly.view("u2"), HighBit=11, **header)), expected, 0)


def test_graphics_in_unused_bits_are_left_out():
    values = (BRAIN * 16).astype(np.uint16)
    marked = values.copy()
    marked[40:50] |= 0x8000
    header = {"BitsStored": 12, "HighBit": 11, "Modality": "MR"}
    content = io.BytesIO(dicom(marked, **header))
    dataset = pydicom.dcmread(content)
    dataset.add_new(0x60000102, "US", 15)
    written = io.BytesIO()
    dataset.save_as(written)
    assert_close(shown(written.getvalue()), shown(dicom(values, **header)), 0)


def floats(values, **header):
    name = "FloatPixelData" if values.dtype == np.float32 else "DoubleFloatPixelData"
    dataset = pydicom.dcmread(io.BytesIO(dicom(values, **header, **{name: values.tobytes()})))
    del dataset.PixelData
    written = io.BytesIO()
    dataset.save_as(written)
    return written.getvalue()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_floats_are_windowed(dtype):
    values = HOUNSFIELD.astype(dtype) / 10 + dtype(0.01)
    values[0, 0] = np.nan
    grey = shown(floats(values, WindowCenter=4, WindowWidth=8))
    assert grey[0, 0] == 0
    assert_close(grey, np.clip(HOUNSFIELD / 10 * 255 / 7, 0, 255), 2)


@pytest.mark.parametrize(("dtype", "prefix"), [(np.float32, ""), (np.float64, "Double")])
def test_padding_of_floats_is_black_and_takes_no_contrast(dtype, prefix):
    values = BRAIN.astype(dtype)
    padded = np.full((140, 160), -np.finfo(np.float32).max, dtype)
    padded[20:120, 20:140] = values
    padding = {f"{prefix}FloatPixelPaddingValue": float(padded[0, 0])}
    grey = shown(floats(padded, Modality="MR", **padding))
    assert_close(grey[20:120, 20:140], shown(floats(values, Modality="MR")), 0)
    assert grey[:20].max() == 0


@pytest.mark.parametrize("dtype", [np.uint32, np.int32])
def test_wide_integers_are_shown(dtype):
    grey = shown(dicom(BRAIN.astype(dtype) * 1000, Modality="PT"))
    assert_close(grey, shown(dicom(BRAIN, Modality="MR")), 1)


# Colours

PHOTO = np.asarray(photograph())

RGB = {"SamplesPerPixel": 3, "PhotometricInterpretation": "RGB", "PlanarConfiguration": 0}


def colours(values, **header):
    grey = np.zeros(values.shape[:2], values.dtype)
    return dicom(grey, **{**RGB, "PixelData": values.tobytes(), **header})


def test_colours_in_any_arrangement_are_the_same():
    wide = PHOTO.astype(np.uint16)
    ybr = np.asarray(photograph().convert("YCbCr"))
    pairs = np.concatenate([ybr[:, ::2, :1], ybr[:, 1::2, :1], ybr[:, ::2, 1:]], axis=-1)
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
    half = colours(pairs, PhotometricInterpretation="YBR_FULL_422", Columns=PHOTO.shape[1])
    half = half.replace(struct.pack("<HHHH", 0x28, 0x11, 0x5355, 2), b"(\0\x11\0US\2\0")
    assert shown(half, "RGB").shape == PHOTO.shape
    assert np.abs(shown(half, "RGB") - PHOTO).mean() < 4


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


def test_a_segmented_palette_that_repeats_segments_is_limited():
    repeated = np.array([0, 1, 5, *([1, 65535, 9] * 5000)], "<u2").tobytes()
    content = palette_file(16, [repeated] * 3, segmented=True)
    assert shown(content, "RGB").shape == (*BRAIN.shape, 3)


# Header oddities


def without(content, group, element, type_):
    """Replace the tag of an element by one that means nothing."""
    tag = struct.pack("<HH", group, element) + type_
    assert content.count(tag) == 1
    return content.replace(tag, struct.pack("<HH", group, element + 1) + type_)


EMPTY_TABLE = item()
EMPTY_TABLE.add_new(0x283002, "US", None)
EMPTY_TABLE.add_new(0x283006, "OW", None)

ODDITIES = {
    "empty function": {"VOILUTFunction": ""},
    "empty rescale": {"RescaleSlope": None, "RescaleIntercept": None},
    "slope of zero": {"RescaleSlope": 0, "RescaleIntercept": 0},
    "empty number of frames": {"NumberOfFrames": None},
    "no frame": {"NumberOfFrames": 0},
    "more frames than pixels": {"NumberOfFrames": 7},
    "empty items": {"ModalityLUTSequence": [EMPTY_TABLE], "VOILUTSequence": [item(), EMPTY_TABLE]},
    "empty sequences": {"ModalityLUTSequence": [], "SharedFunctionalGroupsSequence": []},
    "empty photometric interpretation": {"PhotometricInterpretation": ""},
    "no high bit": {"HighBit": None, "BitsStored": None},
    "odd length": {"PixelData": HOUNSFIELD.tobytes() + b"\0\0"},
}


@pytest.mark.parametrize("name", ODDITIES)
def test_odd_headers_are_read(name):
    expected = shown(dicom(HOUNSFIELD, **BRAIN_WINDOW))
    assert_close(shown(dicom(HOUNSFIELD, **BRAIN_WINDOW, **ODDITIES[name])), expected, 0)


def without_meta(content):
    return content[144 + struct.unpack_from("<L", content, 140)[0] :]


def test_files_without_preamble_meta_or_transfer_syntax_are_read():
    content = dicom(HOUNSFIELD, **BRAIN_WINDOW)
    expected = shown(content)
    implicit = dicom(HOUNSFIELD, syntax=uid.ImplicitVRLittleEndian, **BRAIN_WINDOW)
    no_syntax = without(content, 2, 0x10, b"UI")
    for odd in (content[132:], without_meta(content), without_meta(implicit), no_syntax):
        assert_close(shown(odd), expected, 0)
    assert_close(shown(content + b"rubbish after the pixels"), expected, 0)


def test_numbers_that_are_none_are_ignored():
    content = dicom(HOUNSFIELD, WindowCenter="40", WindowWidth="80")
    odd = content.replace(b"DS\x02\x0080", b"DS\x02\x00??")
    assert_close(shown(odd), WITHOUT_WINDOW)


# Compressions

STORED = (HOUNSFIELD + 1024).astype(np.uint16)

REFERENCE = shown(dicom(HOUNSFIELD, **BRAIN_WINDOW))


def compressed(frames, syntax, **header):
    """Make a CT file of 12 bits from encoded frames."""
    values = {"BitsStored": 12, "HighBit": 11, "RescaleIntercept": -1024, "RescaleSlope": 1}
    values |= BRAIN_WINDOW | {"PixelData": encapsulate(frames)} | header
    return dicom(STORED, syntax=syntax, **values)


def rle(values):
    """Encode little-endian samples as DICOM's run lengths."""
    planes = values.reshape(-1).view(np.uint8).reshape(-1, values.dtype.itemsize).T[::-1]
    segments = [imagecodecs.packbits_encode(plane.tobytes()) for plane in planes]
    segments = [segment + b"\0" * (len(segment) % 2) for segment in segments]
    offsets = 64 + np.cumsum([0, *map(len, segments[:-1])])
    header = struct.pack("<16L", len(segments), *offsets, *[0] * (15 - len(segments)))
    return header + b"".join(segments)


ENCODINGS = {
    "lossless JPEG": (imagecodecs.jpeg8_encode(STORED, lossless=True, bitspersample=12), ".57"),
    "lossless JPEG, first-order": (
        imagecodecs.jpeg8_encode(STORED, lossless=True, predictor=1, bitspersample=12),
        ".70",
    ),
    "lossless JPEG, 16 bits": (
        imagecodecs.jpeg8_encode(STORED, lossless=True, bitspersample=16),
        ".70",
    ),
    "JPEG-LS": (imagecodecs.jpegls_encode(STORED), ".80"),
    "JPEG 2000": (imagecodecs.jpeg2k_encode(STORED, codecformat="J2K", reversible=True), ".90"),
    "JP2": (imagecodecs.jpeg2k_encode(STORED, codecformat="JP2", reversible=True), ".90"),
    "HTJ2K": (imagecodecs.htj2k_encode(STORED, reversible=True), ".201"),
    "JPEG XL": (imagecodecs.jpegxl_encode(STORED, lossless=True), ".110"),
    "run lengths": (rle(STORED), None),
}


@pytest.mark.parametrize("name", ENCODINGS)
def test_lossless_compressions_give_the_uncompressed_image(name):
    frame, number = ENCODINGS[name]
    syntax = uid.UID(f"1.2.840.10008.1.2.4{number}") if number else uid.RLELossless
    if syntax.name != syntax:  # pydicom does not know JPEG XL yet.
        assert_close(shown(compressed([frame], syntax)), REFERENCE, 0)
    if number:  # The first bytes of the frame tell more than the header.
        assert_close(shown(compressed([frame], uid.JPEGBaseline8Bit)), REFERENCE, 0)


def test_lossy_jpeg_of_12_bits_is_read():
    values = (BRAIN * 16).astype(np.uint16)
    frame = imagecodecs.jpeg8_encode(values, level=98, bitspersample=12)
    content = compressed([frame], uid.JPEGExtended12Bit, WindowCenter=2048, WindowWidth=4096)
    content = content.replace(b"-1024", b"00000")
    assert np.abs(shown(content) - BRAIN).mean() < 2


@pytest.mark.parametrize("bits", [8, 10, 14, 16])
def test_lossless_jpeg_of_all_precisions_is_read(bits):
    values = (BRAIN.astype(np.uint16) << (bits - 8)).astype("u1" if bits == 8 else "u2")
    frame = imagecodecs.jpeg8_encode(values, lossless=True, bitspersample=bits)
    header = {"BitsStored": bits, "HighBit": bits - 1, "Modality": "MR"}
    content = dicom(values, syntax=uid.JPEGLossless, PixelData=encapsulate([frame]), **header)
    assert_close(shown(content), shown(dicom(values, **header)), 0)


def test_lossless_colours_are_read():
    for encoder, syntax in (
        (lambda v: imagecodecs.jpeg8_encode(v, lossless=True, colorspace="RGB"), "57"),
        (imagecodecs.jpegls_encode, "80"),
        (lambda v: imagecodecs.jpeg2k_encode(v, codecformat="J2K", reversible=True), "90"),
        (lambda v: imagecodecs.htj2k_encode(v, reversible=True), "201"),
    ):
        pixels = encapsulate([encoder(PHOTO)])
        content = colours(PHOTO, syntax=uid.UID(f"1.2.840.10008.1.2.4.{syntax}"), PixelData=pixels)
        assert_close(shown(content, "RGB"), PHOTO, 0)


def test_deflated_files_are_read():
    content = dicom(HOUNSFIELD, syntax=uid.DeflatedExplicitVRLittleEndian, **BRAIN_WINDOW)
    assert_close(shown(content), REFERENCE, 0)
    start = 144 + int.from_bytes(content[140:144], "little")
    data = zlib.decompress(content[start:], -zlib.MAX_WBITS)
    assert_close(shown(content[:start] + zlib.compress(data)), REFERENCE, 0)


@pytest.mark.parametrize("encoder", [imagecodecs.jpeg2k_encode, imagecodecs.htj2k_encode])
def test_the_sign_of_jpeg_2000_and_header_may_differ(encoder):
    signed = encoder(HOUNSFIELD, reversible=True)
    unsigned = encoder(HOUNSFIELD.view(np.uint16), reversible=True)
    header = {"BitsStored": 16, "HighBit": 15, "RescaleIntercept": 0}
    for frame, sign in ((signed, 0), (signed, 1), (unsigned, 1)):
        content = compressed([frame], uid.JPEG2000Lossless, PixelRepresentation=sign, **header)
        assert_close(shown(content), REFERENCE, 0)


def test_a_large_frame_of_run_lengths_is_read():
    grey = np.resize(np.arange(251 * 4, dtype=np.uint16), (2050, 1800))
    pixels = encapsulate([rle(grey)])
    assert len(pixels) > 3_500_000
    content = dicom(grey, syntax=uid.RLELossless, PixelData=pixels, Modality="CR")
    assert_close(shown(content), shown(dicom(grey, Modality="CR")), 0)


def test_frames_in_several_fragments_are_read():
    frame, _ = ENCODINGS["JPEG-LS"]
    blank = imagecodecs.jpegls_encode(np.zeros_like(STORED))
    one = b"\xfe\xff\0\xe0\0\0\0\0" + b"".join(itemize_frame(frame, 3))
    for pixels in (one, one[8:]):  # Some files lack the offset table.
        content = compressed([frame], uid.JPEGLSLossless, PixelData=pixels)
        assert_close(shown(content), REFERENCE, 0)
    # Others have no items at all, here with a private transfer syntax.
    content = compressed([], uid.ExplicitVRLittleEndian, PixelData=frame + bytes(len(frame) % 2))
    content = content.replace(b"1.2.840.10008.1.2.1\0", b"1.2.840.113619.5.2\0\0")
    assert_close(shown(content), REFERENCE, 0)
    two = b"\xfe\xff\0\xe0\0\0\0\0" + b"".join(
        part for each in (blank, frame) for part in itemize_frame(each, 3)
    )
    table = encapsulate([blank, frame], fragments_per_frame=3)
    for pixels in (two, table, encapsulate([blank, frame], has_bot=False)):
        content = compressed([frame], uid.JPEGLSLossless, PixelData=pixels, NumberOfFrames=2)
        scan = DicomFile(io.BytesIO(content))
        assert scan.number_of_frames == 2
        assert_close(scan.read_frame(1).astype(int), REFERENCE, 0)
        assert scan.read_frame(0).max() == scan.read_frame(0).min()


def test_frames_that_are_not_blank_are_read():
    frames = np.stack([np.full_like(HOUNSFIELD, -1000), HOUNSFIELD, HOUNSFIELD.T.reshape(100, 120)])
    content = dicom(HOUNSFIELD, NumberOfFrames=3, PixelData=frames.tobytes(), **BRAIN_WINDOW)
    frames = read_frames(io.BytesIO(content))
    assert (frames.indices, frames.total) == ([1, 2], 3)
    assert_close(np.asarray(frames.images[0])[..., 0].astype(int), REFERENCE, 0)


def test_what_takes_too_long_to_decode_is_refused_in_its_own_words(monkeypatch):
    monkeypatch.setattr(decoder_process, "WALL_SECONDS", 0.2)
    monkeypatch.setattr(codecs, "decode_jpeg_2000", decoders.sleep)
    frame, _ = ENCODINGS["JPEG 2000"]
    assert refused(compressed([frame], uid.JPEG2000Lossless)).reason == "too_slow"


# Files without an image


def refused(content):
    with pytest.raises(UnreadableImage) as caught:
        read_image(io.BytesIO(content))
    return caught.value


@pytest.mark.parametrize(
    ("number", "kind"),
    [
        ("5.1.4.1.1.88.11", "dicom_report"),
        ("5.1.4.1.1.88.59", "dicom_report"),
        ("5.1.4.1.1.104.1", "dicom_document"),
        ("5.1.4.1.1.11.1", "dicom_presentation"),
        ("5.1.4.1.1.9.1.1", "dicom_waveform"),
        ("5.1.4.1.1.481.3", "dicom_plan"),
        ("1.3.10", "dicom_directory"),
        ("5.1.4.1.1.66", "dicom_empty"),
    ],
)
def test_files_without_an_image_are_named(number, kind):
    dataset = pydicom.dcmread(io.BytesIO(dicom(BRAIN, SOPClassUID=f"1.2.840.10008.{number}")))
    for name in ("PixelData", "Rows", "Columns"):
        delattr(dataset, name)
    dataset.file_meta.MediaStorageSOPClassUID = dataset.SOPClassUID
    written = io.BytesIO()
    dataset.save_as(written)
    error = refused(written.getvalue())
    assert (error.reason, error.kind) == ("not_an_image", kind)
    assert "DICOM" in error_message(error)
    assert all("DICOM" in refusal(error, language) for language in LANGUAGES)


def test_a_video_is_named():
    pixels = encapsulate([b"\0\0\1\xb3" + bytes(100)])
    content = dicom(BRAIN, syntax=uid.MPEG4HP41, PixelData=pixels)
    assert refused(content).kind == "video"


@pytest.mark.parametrize("syntax", [uid.JPIPHTJ2KReferenced, uid.UID("1.2.999.99999.9.9.9.999")])
def test_unsupported_compressions_are_named(syntax):
    content = dicom(BRAIN, syntax=uid.JPIPHTJ2KReferenced, PixelData=encapsulate([b"anything" * 9]))
    error = refused(content.replace(uid.JPIPHTJ2KReferenced.encode(), syntax.encode()))
    assert error.reason == "unsupported_compression"
    assert syntax.name in error_message(error)
    assert all(syntax.name in refusal(error, language) for language in LANGUAGES)


def test_a_frame_that_is_cut_or_not_what_it_says_is_damaged():
    grey = BRAIN.astype(np.uint8)
    for frame in (encode(Image.fromarray(grey), "JPEG")[:400], b"anything" * 9):
        content = dicom(grey, syntax=uid.JPEGBaseline8Bit, PixelData=encapsulate([frame]))
        assert refused(content).reason == "damaged"
