"""DICOM files with odd headers, and those without an image."""

import gzip
import io
import struct

import numpy as np
import pydicom
import pytest
from PIL import Image
from pydicom import uid
from pydicom.encaps import encapsulate

from model.decoding.dicom import header
from page.i18n import LANGUAGES
from tests.helpers.bad_files import encode
from tests.helpers.dicom_file import dicom
from tests.helpers.refusals import refusal, refused
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


def test_only_the_pixels_of_old_ge_scanners_are_big_endian():
    header = {"syntax": uid.ImplicitVRLittleEndian, **BRAIN_WINDOW}
    content = dicom(HOUNSFIELD, PixelData=HOUNSFIELD.astype(">i2").tobytes(), **header)
    syntax = b"UI\x12\x001.2.840.10008.1.2\0", b"UI\x14\x001.2.840.113619.5.2\0\0"
    expected = shown(dicom(HOUNSFIELD, **header))
    assert_close(shown(content.replace(*syntax)), expected, 0)


def test_a_length_of_two_letters_is_no_type():
    grey = np.resize(np.arange(256, dtype=np.uint16) * 16, (410, 420))
    assert grey.nbytes.to_bytes(4, "little").startswith(b"PA")
    implicit = dicom(grey, syntax=uid.ImplicitVRLittleEndian)
    assert_close(shown(implicit), shown(dicom(grey)), 0)


def test_numbers_that_are_none_are_ignored():
    content = dicom(HOUNSFIELD, WindowCenter="40", WindowWidth="80")
    odd = content.replace(b"DS\x02\x0080", b"DS\x02\x00??")
    assert_close(shown(odd), WITHOUT_WINDOW)


# Headers with many elements

ROWS = struct.pack("<HH", 0x28, 0x10)

EMPTY = struct.pack("<HH2sH", 0x27, 1, b"LO", 0)

ITEM, OPEN_ITEM = (struct.pack("<HHL", 0xFFFE, 0xE000, length) for length in (0, 0xFFFFFFFF))

ITEM_END, SEQUENCE_END = (struct.pack("<HHL", 0xFFFE, number, 0) for number in (0xE00D, 0xE0DD))


def sequence(group, element, items, length=0xFFFFFFFF, type_=b"SQ"):
    """Make a sequence, of undefined length if none is given."""
    end = SEQUENCE_END if length == 0xFFFFFFFF else b""
    return struct.pack("<HH2sHL", group, element, type_, 0, length) + items + end


def before_rows(elements, content=None):
    """Insert elements before the size of the image."""
    content = dicom(HOUNSFIELD, **BRAIN_WINDOW) if content is None else content
    start = content.index(ROWS)
    return content[:start] + elements + content[start:]


@pytest.mark.parametrize(
    "elements",
    [
        EMPTY * 2000,
        sequence(0x27, 0x1001, ITEM * 2000),
        sequence(0x27, 0x1001, (OPEN_ITEM + ITEM_END) * 1000),
        sequence(0x27, 0x1001, OPEN_ITEM + EMPTY * 2000 + ITEM_END),
        sequence(0x28, 0x3010, ITEM * 200),
        sequence(0x28, 0x3010, ITEM * 200, length=8 * 200),
        sequence(0x28, 0x3010, OPEN_ITEM + EMPTY * 2000 + ITEM_END),
    ],
    ids=["elements", "items", "open items", "in an item", "kept", "kept, closed", "in a kept item"],
)
def test_headers_with_too_many_elements_are_refused(monkeypatch, elements):
    content = before_rows(elements)
    assert_close(shown(content), shown(dicom(HOUNSFIELD, **BRAIN_WINDOW)), 0)
    monkeypatch.setattr(header, "MAX_ELEMENTS", 2000)
    assert refused(content).reason == "too_slow"
    assert refused(gzip.compress(content)).reason == "too_slow"


def test_file_meta_information_counts_like_the_rest(monkeypatch):
    content = dicom(HOUNSFIELD, **BRAIN_WINDOW)
    content = content[:132] + sequence(2, 0, ITEM * 2000) + content[132:]
    assert_close(shown(content), shown(dicom(HOUNSFIELD, **BRAIN_WINDOW)), 0)
    monkeypatch.setattr(header, "MAX_ELEMENTS", 2000)
    assert refused(content).reason == "too_slow"


def test_enhanced_scans_have_fewer_elements_than_the_limit():
    """Two thousand frames, each with twenty sequences of undefined length."""
    code = sequence(8, 0x100, OPEN_ITEM + 3 * EMPTY + ITEM_END)
    group = sequence(0x18, 0x9119, OPEN_ITEM + 3 * EMPTY + code + ITEM_END)
    voi = sequence(0x28, 0x9132, OPEN_ITEM + 2 * EMPTY + ITEM_END)
    frame = OPEN_ITEM + 9 * group + 2 * voi + ITEM_END
    reader = header.HeaderReader(("PerFrameFunctionalGroupsSequence", "FrameVOILUTSequence"), 2**32)
    reader.read(io.BytesIO(before_rows(sequence(0x5200, 0x9230, frame * 20))))
    assert 100 * (header.MAX_ELEMENTS - reader._left) < 0.6 * header.MAX_ELEMENTS


def test_sequences_are_skipped_however_they_are_encoded():
    expected = shown(dicom(HOUNSFIELD, **BRAIN_WINDOW))
    # The length of the second element reads like the type "CD".
    implicit = b"".join(
        struct.pack("<HHL", 0x27, number, length) + bytes(length)
        for number, length in ((1, 2), (2, 0x4443))
    )
    size = struct.pack("<HH2sHH", 0x28, 0x10, b"US", 2, 7)  # Not that of the image.
    for items in (
        OPEN_ITEM + size + ITEM_END,
        OPEN_ITEM + sequence(0x27, 2, OPEN_ITEM + size + ITEM_END + ITEM) + ITEM_END,
        OPEN_ITEM + implicit + ITEM_END,
        struct.pack("<HHL", 0xFFFE, 0xE000, 0x4443) + bytes(0x4443),
    ):
        for type_ in (b"SQ", b"UN"):
            content = before_rows(sequence(0x27, 0x1001, items, type_=type_))
            assert_close(shown(content), expected, 0)


@pytest.mark.parametrize("number", [0x1001, 0x3010])
@pytest.mark.parametrize("type_", [b"SQ", b"UN"])
def test_the_end_of_a_sequence_also_ends_an_item(number, type_):
    group = 0x28 if number == 0x3010 else 0x27  # Elements that are read, or skipped.
    nested = sequence(0x27, 2, OPEN_ITEM + EMPTY)
    for items in (OPEN_ITEM + EMPTY, OPEN_ITEM + ITEM_END + OPEN_ITEM, OPEN_ITEM + nested):
        content = before_rows(sequence(group, number, items, type_=type_))
        assert_close(shown(content), shown(dicom(HOUNSFIELD, **BRAIN_WINDOW)), 0)


@pytest.mark.parametrize("end", [ITEM_END, SEQUENCE_END])
def test_ends_of_what_is_not_open_are_ignored(end):
    for elements in (end, sequence(0x27, 0x1001, b"", length=0) + end):
        content = before_rows(elements)
        assert_close(shown(content), shown(dicom(HOUNSFIELD, **BRAIN_WINDOW)), 0)


def test_long_texts_of_numbers_are_skipped():
    many = [40] * 2000
    content = dicom(HOUNSFIELD, Modality="CT", WindowCenter=many, WindowWidth=many)
    assert_close(shown(content), WITHOUT_WINDOW)


def test_only_some_windows_are_tried():
    windows = {"WindowCenter": [9000] * 60 + [40], "WindowWidth": [10] * 60 + [80]}
    assert_close(shown(dicom(HOUNSFIELD, Modality="CT", **windows)), WITHOUT_WINDOW)


@pytest.mark.parametrize(
    "opened", [b"", sequence(0x27, 1, b"")[:12], sequence(0x27, 1, OPEN_ITEM)[:20]]
)
def test_a_download_that_ends_in_zeros_is_damaged(monkeypatch, opened):
    monkeypatch.setattr(header, "MAX_ELEMENTS", 1000)
    content = dicom(HOUNSFIELD, **BRAIN_WINDOW)
    for start in (132, content.index(ROWS), content.index(b"\xe0\x7f\x10\0")):
        assert refused(content[:start] + opened + bytes(100_000)).reason == "damaged"


# The group of pixels


@pytest.mark.parametrize(
    "type_", ["OB", "OF", "OL", "OV", "SV", "UC", "UL", "UN", "UR", "UT", "UV"]
)
def test_further_elements_before_the_pixels_are_skipped(type_):
    number = struct.pack("<HH2s", 0x7FE0, 3, type_.encode())
    number += struct.pack("<H", 8) if type_ == "UL" else struct.pack("<HL", 0, 8)
    content = dicom(HOUNSFIELD, **BRAIN_WINDOW)
    start = content.index(b"\xe0\x7f\x10\0")
    expected = shown(content)
    assert_close(shown(content[:start] + number + bytes(8) + content[start:]), expected, 0)


def test_only_some_elements_before_the_pixels_are_looked_at():
    content = dicom(HOUNSFIELD)
    start = content.index(b"\xe0\x7f\x10\0")
    others = struct.pack("<HH2sHL", 0x7FE0, 3, b"UV", 0, 0) * 200
    assert refused(content[:start] + others + content[start:]).kind == "dicom_empty"


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
    if kind != "dicom_empty":
        assert refused(written.getvalue() + bytes(512)).kind == kind
    assert "DICOM" in error.message()
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
    assert syntax.name in error.message()
    assert all(syntax.name in refusal(error, language) for language in LANGUAGES)


def test_a_frame_that_is_cut_or_not_what_it_says_is_damaged():
    grey = BRAIN.astype(np.uint8)
    for frame in (encode(Image.fromarray(grey), "JPEG")[:400], b"anything" * 9):
        content = dicom(grey, syntax=uid.JPEGBaseline8Bit, PixelData=encapsulate([frame]))
        assert refused(content).reason == "damaged"
