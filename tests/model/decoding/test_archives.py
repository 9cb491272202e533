"""What is packed is read: a series in a ZIP file, and gzip."""

import gzip
import io
import struct
import zipfile

import numpy as np
import pytest

from model.decoding import archives
from model.decoding.dicom import header
from tests.helpers.bad_files import encode, photograph
from tests.helpers.dicom_file import dicom
from tests.helpers.frames import number_of, numbered, read
from tests.helpers.refusals import refusal, refused


def archive(files, compression=zipfile.ZIP_DEFLATED):
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", compression) as opened:
        for name, data in files.items():
            opened.writestr(name, data)
    return content.getvalue()


def test_an_archive_has_the_slices_of_its_longest_series_in_their_order():
    def scan(number, series, **values):
        grey = np.asarray(numbered(number).convert("L"))
        return dicom(grey, InstanceNumber=number, SeriesInstanceUID=series, **values)

    files = {f"CD/{97 * i % 40}": scan(i, "1.2") for i in range(40)}
    files |= {"CD/scout": scan(99, "1.3"), "CD/README.txt": b"Open the viewer.", "run.exe": b"MZ"}
    report = scan(0, "1.2")
    files["CD/report"] = report.replace(b"\x28\0\x10\0US", b"\x28\0\x0f\0US")
    frames = read(archive(files))
    assert (len(frames.images), frames.total) == (12, 40)
    # Grey values of 8 bits are windowed as they are.
    shown = [np.asarray(image).mean() for image in frames.images]
    assert shown == sorted(shown)


def test_frames_and_not_files_make_a_series_long():
    grey = np.asarray(numbered(7).convert("L"))
    files = {f"scout {i}": dicom(grey, SeriesInstanceUID="1.1", InstanceNumber=i) for i in range(3)}
    stack = np.stack([grey + i for i in range(9)]).tobytes()
    long = {"ICCProfile": bytes(100_000)}  # Longer than the part that is looked at.
    files["volume"] = dicom(
        grey, SeriesInstanceUID="1.2", NumberOfFrames=9, PixelData=stack, **long
    )
    assert read(archive(files)).total == 9


@pytest.mark.parametrize("declared", [50, 80])
def test_frames_are_spread_over_the_files_of_a_series(declared):
    greys = np.stack([numbered(number).convert("L") for number in range(100)])
    files = {
        f"part {start}": dicom(
            greys[start],
            **{"InstanceNumber": start, "SeriesInstanceUID": "1.2", "NumberOfFrames": declared},
            **{"PixelData": greys[start : start + 50].tobytes(), "Modality": "OT"},
            **{"WindowCenter": 128, "WindowWidth": 256},
        )
        for start in (50, 0)
    }
    frames = read(archive(files))
    assert (frames.total, frames.unit) == (2 * declared, "slices")
    shown = [number_of(image) for image in frames.images]
    if declared == 50:
        assert shown == pytest.approx(frames.indices, abs=1)
    assert {number // 50 for number in shown} == {0, 1}


def test_a_series_with_long_headers_is_read():
    grey = np.asarray(numbered(7).convert("L"))
    texts = dict.fromkeys(("AdditionalPatientHistory", "PatientComments"), "a" * 60_000)
    files = {f"IM{i}": dicom(grey, InstanceNumber=i, **texts) for i in range(3)}
    assert read(archive(files)).total == 3


def test_an_archive_with_headers_of_too_many_elements_is_refused(monkeypatch):
    """All its headers together have the limit of one."""
    files = {f"IM{i}": dicom(np.zeros((8, 8), np.uint16)) for i in range(100)}
    assert read(archive(files)).total == 100
    monkeypatch.setattr(header, "MAX_ELEMENTS", 1000)
    assert refused(archive(files)).reason == "too_slow"


def test_an_archive_of_zip64_is_read():
    assert read(zip64(archive({"a.dcm": SCAN, "b.dcm": SCAN}))).total == 2


@pytest.mark.parametrize("compression", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_an_archive_compressed_by_another_method_is_read(compression):
    greys = [np.asarray(numbered(number).convert("L")) for number in range(3)]
    scans = {f"{i}": dicom(grey, InstanceNumber=i) for i, grey in enumerate(greys)}
    expected, frames = read(archive(scans)), read(archive({"README": b"", **scans}, compression))
    assert (frames.total, frames.unit) == (3, "slices")
    for image, other in zip(frames.images, expected.images, strict=True):
        np.testing.assert_array_equal(image, other)


def test_a_packed_scan_is_that_scan():
    content = dicom(np.asarray(photograph().convert("L")).astype(np.uint16))
    expected = np.asarray(read(content).images[0])
    for scan in (content, content[132:]):  # With a preamble and without.
        packed_scan = gzip.compress(scan)
        for packed in (
            packed_scan,
            archive({"IM0001": scan}),
            archive({"1.dcm.gz": packed_scan, "2.dcm.gz": packed_scan[: len(packed_scan) // 9]}),
        ):
            np.testing.assert_array_equal(np.asarray(read(packed).images[0]), expected)


@pytest.mark.parametrize(
    "content",
    [archive({}), gzip.compress(encode(photograph(), "PNG")), b"\x1f\x8b\x08" + bytes(100)],
    ids=["empty", "gzip of an image", "broken gzip"],
)
def test_other_archives_are_not_images(content):
    assert refused(content).reason == "not_an_image"


SCAN = dicom(np.zeros((8, 8), np.uint16))


def zip64(content, list_bytes=None):
    """Tell where the list of files of an archive is in the way of ZIP64 only, as OneDrive does."""
    end = content.rindex(b"PK\5\6")
    (count, size, start) = struct.unpack_from("<HII", content, end + 10)
    record = struct.pack("<4sQ2H2I", b"PK\6\6", 44, 45, 45, 0, 0)
    record += struct.pack("<4Q", count, count, list_bytes or size, start)
    locator = struct.pack("<4sIQI", b"PK\6\7", 0, end, 1)
    return content[:end] + record + locator + b"PK\5\6" + bytes(4) + b"\xff" * 12 + bytes(2)


def locked(content):
    """Mark the file in an archive as one with a password."""
    content = bytearray(content)
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(signature) + offset] |= 1
    return bytes(content)


def of_method(number, content):
    """Mark the file in an archive as one that is compressed by another method."""
    content = bytearray(content)
    for signature, offset in ((b"PK\x03\x04", 8), (b"PK\x01\x02", 10)):
        content[content.index(signature) + offset] = number
    return bytes(content)


@pytest.mark.parametrize(
    ("content", "reason", "words"),
    [
        (archive({"a": encode(photograph(), "PNG")}), "zip_without_scans", "one by one"),
        (archive({"notes.txt": b"Seen on Monday."}), "zip_without_scans", "one by one"),
        (locked(archive({"a.dcm": SCAN})), "zip_locked", "password"),
        (of_method(9, archive({"a.dcm": SCAN})), "zip_locked", "compression"),
        (archive({"a.dcm": SCAN, "b.dcm": SCAN})[:-40], "zip_damaged", "incomplete"),
        (archive({"a.dcm": SCAN}).replace(b"PK\1\2", b"PK\1\0"), "zip_damaged", "incomplete"),
        (b"PK\x03\x04" + bytes(100), "zip_damaged", "incomplete"),
    ],
    ids=["image", "text", "password", "Deflate64", "cut", "broken list", "broken"],
)
def test_the_reason_why_a_zip_file_is_not_read_is_told(content, reason, words):
    error = refused(content)
    assert error.reason == reason
    assert "ZIP" in error.message()
    assert words in refusal(error, "en")
    assert "ZIP" in refusal(error, "fr")


def test_a_document_that_is_a_zip_file_is_named():
    assert refused(archive({"word/document.xml": b"<w/>"})).kind == "word"


def test_archives_that_unpack_to_too_much_are_refused(monkeypatch):
    monkeypatch.setattr(archives, "MAX_MEMBER_BYTES", 2**20)
    scan = dicom(np.zeros((8, 8), np.uint16)) + bytes(2**20)
    assert refused(archive({"bomb.dcm": scan})).reason == "too_large"
    assert refused(gzip.compress(scan)).reason == "too_large"
    assert refused(archive({"bomb.dcm.gz": gzip.compress(scan)})).reason == "too_large"
    content = archive({"a.dcm": bytes(2**20)}, zipfile.ZIP_STORED)
    long = zip64(content, 2**20 + 1)
    for content in (long, long.replace(b"\xff" * 12, bytes(12))):  # Told once, or twice.
        assert refused(content).reason == "too_large"
    large = archive({"a.dcm": bytes(2**23), "b.dcm": SCAN}, zipfile.ZIP_BZIP2)
    sizes = [struct.pack("<I", size) for size in (2**23, 2**26 + 1)]
    assert refused(large.replace(*sizes)).reason == "too_large"
    long_list = bytearray(archive({}))
    struct.pack_into("<I", long_list, 12, 2**20 + 1)
    assert refused(bytes(long_list)).reason == "not_an_image"
    assert refused(b"PK\x03\x04" + bytes(2**20) + long_list).reason == "too_large"


def test_what_is_not_locked_is_read():
    assert read(locked(archive({"a.dcm": SCAN, "b.dcm": SCAN}))).total == 1
