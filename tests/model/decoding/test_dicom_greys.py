"""Greys of DICOM files: windows, padding, signs and widths, as viewers show them."""

import io

import numpy as np
import pydicom
import pytest
from pydicom.uid import XRayAngiographicImageStorage

from model.decoding.dicom.file import DicomFile
from model.decoding.limits import GREY
from tests.helpers.dicom_file import dicom
from tests.helpers.scans import (
    BRAIN,
    BRAIN_WINDOW,
    HOUNSFIELD,
    WITHOUT_WINDOW,
    assert_close,
    item,
    shown,
)

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


def test_a_window_that_makes_nearly_everything_white_is_not_applied():
    values = BRAIN.astype(np.uint16) * 16
    expected = shown(dicom(values, Modality="MR"))
    eight_bits = {"WindowCenter": 128, "WindowWidth": 256}
    assert_close(shown(dicom(values, Modality="MR", **eight_bits)), expected, 0)


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


def table(values, bits=12, count=None):
    return item(
        LUTDescriptor=[len(values) if count is None else count, 0, bits], LUTData=values.tobytes()
    )


CURVE = (np.arange(4096, dtype=np.uint16) ** 2.0 / 4095).astype(np.uint16)


def test_a_table_in_functional_groups_is_applied_like_one_of_the_file():
    stored = BRAIN.astype(np.uint16) * 16
    header = {"BitsStored": 12, "HighBit": 11, "Modality": "MR"}
    expected = shown(dicom(stored, VOILUTSequence=[table(CURVE)], **header))
    assert_close(expected, CURVE[stored] // 16, 1)
    groups = [item(FrameVOILUTSequence=[item(VOILUTSequence=[table(CURVE)])])]
    for name in ("SharedFunctionalGroupsSequence", "PerFrameFunctionalGroupsSequence"):
        assert_close(shown(dicom(stored, **header, **{name: groups})), expected, 0)


@pytest.mark.parametrize("count", [4095, 2**16])
def test_a_table_may_have_fewer_entries_than_it_declares(count):
    stored = BRAIN.astype(np.uint16) * 15
    short = table(CURVE[:4090], 12, count % 2**16)
    header = {"BitsStored": 12, "HighBit": 11, "Modality": "MR"}
    assert_close(shown(dicom(stored, VOILUTSequence=[short], **header)), CURVE[stored] // 16, 1)


def test_a_table_of_logarithmic_angiography_is_not_for_display():
    """It leads back to intensities of X-rays."""
    stored = BRAIN.astype(np.uint16) * 16
    header = {"BitsStored": 12, "HighBit": 11, "ModalityLUTSequence": [table(CURVE)]}
    window = {"WindowCenter": 2048, "WindowWidth": 4096}
    angiography = {"SOPClassUID": XRayAngiographicImageStorage, "Modality": "XA"}
    for relationship, expected in (("LOG", stored), ("DISP", CURVE[stored])):
        content = dicom(
            stored, PixelIntensityRelationship=relationship, **header, **window, **angiography
        )
        assert_close(shown(content), expected // 16, 1)


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


@pytest.mark.parametrize("labels", [1, 2])
def test_labels_of_a_segmentation_differ_from_its_background(labels):
    values = (BRAIN > 90).astype(int) + (labels == 2) * (BRAIN > 120)
    header = {"SOPClassUID": "1.2.840.10008.5.1.4.1.1.66.7", "PixelPaddingValue": 0}
    assert_close(shown(dicom(values.astype(np.uint8), **header)), values * 255 // labels, 1)


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


@pytest.mark.parametrize("element", [0x60000102, 0x60020102, None])
def test_graphics_in_unused_bits_are_left_out(element):
    values = (BRAIN * 16).astype(np.uint16)
    marked = values.copy()
    marked[40:50] |= 0x8000
    header = {"BitsStored": 12, "HighBit": 11, "Modality": "MR"}
    content = io.BytesIO(dicom(marked, **header))
    dataset = pydicom.dcmread(content)
    if element:  # Anonymisers remove it.
        dataset.add_new(element, "US", 15)
    written = io.BytesIO()
    dataset.save_as(written)
    assert_close(shown(written.getvalue()), shown(dicom(values, **header)), 0)


def test_values_may_use_more_bits_than_they_declare():
    values = BRAIN.astype(np.uint16) * 40
    declared = {"BitsStored": 12, "HighBit": 11, "Modality": "MR"}
    assert_close(shown(dicom(values, **declared)), shown(dicom(values, Modality="MR")), 0)


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


def packed(values):
    """Pack values of 12 bits: each pair takes three bytes, of which the second has a half each."""
    first, second = np.append(values, [0] * (values.size % 2)).reshape(-1, 2).T.astype(np.uint16)
    triples = np.stack([first & 255, first >> 8 | (second & 15) << 4, second >> 4], axis=-1)
    return triples.astype(np.uint8).tobytes()


@pytest.mark.parametrize("signed", [0, 1])
def test_packed_values_of_12_bits_are_read(signed):
    """Old files store them so. Frames of an odd size start in the middle of a byte."""
    values = HOUNSFIELD[:99, :119] if signed else HOUNSFIELD[:99, :119] + 1024
    rescale = {"RescaleIntercept": 0 if signed else -1024, "RescaleSlope": 1}
    header = {"PixelRepresentation": signed, **rescale, **BRAIN_WINDOW}
    twelve = {"BitsAllocated": 12, "BitsStored": 12, "HighBit": 11, **header}
    expected = shown(dicom(np.ascontiguousarray(values.astype(np.uint16)), **header))
    frames = np.stack([values[::-1], values, values[::-1]]) & 0xFFF
    pixels = {"PixelData": packed(frames), "NumberOfFrames": 3}
    scan = DicomFile(io.BytesIO(dicom(values.astype(np.uint16), **twelve, **pixels)))
    assert scan.number_of_frames == 3
    for index, frame in enumerate((expected[::-1], expected, expected[::-1])):
        assert_close(scan.read_frame(index).astype(int), frame, 0)
    cut = dicom(values.astype(np.uint16), **twelve, PixelData=packed(frames[1, :80]))
    assert_close(shown(cut)[:79], expected[:79], 0)
    assert (shown(cut)[80:] == GREY).all()
