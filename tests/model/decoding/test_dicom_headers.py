"""DICOM files with odd headers, and those without an image."""

import io
import struct

import numpy as np
import pydicom
import pytest
from PIL import Image
from pydicom import uid
from pydicom.encaps import encapsulate

from model.batch_predict import error_message
from page.i18n import LANGUAGES
from page.open_image import refusal
from tests.helpers.bad_files import encode
from tests.helpers.dicom_file import dicom
from tests.helpers.refusals import refused
from tests.helpers.scans import (
    BRAIN,
    BRAIN_WINDOW,
    HOUNSFIELD,
    WITHOUT_WINDOW,
    assert_close,
    item,
    shown,
)


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


def test_a_length_of_two_letters_is_no_type():
    grey = np.resize(np.arange(256, dtype=np.uint16) * 16, (410, 420))
    assert grey.nbytes.to_bytes(4, "little").startswith(b"PA")
    implicit = dicom(grey, syntax=uid.ImplicitVRLittleEndian)
    assert_close(shown(implicit), shown(dicom(grey)), 0)


def test_numbers_that_are_none_are_ignored():
    content = dicom(HOUNSFIELD, WindowCenter="40", WindowWidth="80")
    odd = content.replace(b"DS\x02\x0080", b"DS\x02\x00??")
    assert_close(shown(odd), WITHOUT_WINDOW)


# Files without an image


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
