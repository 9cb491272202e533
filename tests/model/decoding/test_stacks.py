"""Of animations, stacks and series several frames are read; of a picture that one."""

import gzip
import io
import struct
import time
import tracemalloc
import zipfile
import zlib

import numpy as np
import pytest
from PIL import Image

from model.batch_predict import error_message
from model.decoding import archives
from model.decoding.dicom import header
from model.decoding.frames import MAX_FRAMES, choose
from model.imaging import read_frames
from page.open_image import refusal
from tests.helpers.bad_files import encode, photograph
from tests.helpers.dicom_file import dicom
from tests.helpers.refusals import refused

SIZE = (48, 36)


def numbered(number):
    """Make a frame that tells its number by its grey, between black and white stripes."""
    pixels = np.full((SIZE[1], SIZE[0], 3), 50 + 2 * number, np.uint8)
    pixels[:6], pixels[-6:] = 0, 255
    return Image.fromarray(pixels)


def number_of(image):
    return round((np.asarray(image)[SIZE[1] // 2, SIZE[0] // 2].mean() - 50) / 2)


def animated(frames, format):
    exact = {"lossless": True} if format == "WEBP" else {}
    return encode(frames[0], format, save_all=True, append_images=frames[1:], **exact)


def read(content):
    return read_frames(io.BytesIO(content))


def archive(files, compression=zipfile.ZIP_DEFLATED):
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", compression) as opened:
        for name, data in files.items():
            opened.writestr(name, data)
    return content.getvalue()


@pytest.mark.parametrize("total", [1, 2, 3, 12, 13, 50, 1000])
def test_up_to_twelve_frames_are_spread_over_the_middle(total):
    frames = choose(lambda index: numbered(0), total)
    assert frames.total == total
    assert len(frames.indices) == min(total, len(frames.indices), MAX_FRAMES)
    assert frames.indices == sorted(set(frames.indices))
    if total > 20:
        assert len(frames.indices) == MAX_FRAMES
        assert frames.indices[0] == pytest.approx(0.15 * total, abs=2)
        assert frames.indices[-1] == pytest.approx(0.85 * total, abs=2)
    if total <= 3:
        assert len(frames.indices) == total


def test_blank_and_broken_frames_are_left_out():
    def read(index):
        if index % 3 == 0:
            raise ValueError("broken")
        return Image.new("RGB", SIZE, (9, 9, 250)) if index % 3 == 1 else numbered(index)

    frames = choose(read, 60)
    assert frames.indices
    assert all(index % 3 == 2 for index in frames.indices)
    # If the middle is blank, the ends are looked at.
    frames = choose(lambda index: numbered(0) if index == 59 else Image.new("RGB", SIZE), 60)
    assert frames.indices == [59]
    assert len(choose(lambda index: Image.new("RGB", SIZE), 60).images) == 1
    with pytest.raises(ZeroDivisionError):
        choose(lambda index: 1 // 0, 60)


@pytest.mark.parametrize("format", ["GIF", "PNG", "WEBP", "TIFF", "AVIF"])
def test_frames_of_animations_and_pages_are_read(format):
    blank = [Image.new("RGB", SIZE)] * 4
    content = animated([*blank, *map(numbered, range(4, 40))], format)
    frames = read(content)
    assert (len(frames.images), frames.total) == (12, 40 - 3 * (format in ("GIF", "WEBP")))
    shift = 40 - frames.total  # Pillow writes equal frames as one that is shown for longer.
    for index, image in zip(frames.indices, frames.images, strict=True):
        assert number_of(image) == pytest.approx(index + shift, abs=format in ("GIF", "AVIF"))


def test_smaller_pages_of_a_tiff_are_no_frames():
    page, preview = numbered(7), numbered(9).resize((12, 9))
    frames = read(animated([page, preview, preview], "TIFF"))
    assert (frames.total, number_of(frames.images[0])) == (1, 7)


@pytest.mark.parametrize("format", ["MPO", "ICO"])
def test_other_images_of_a_photo_or_icon_are_no_frames(format):
    frames = read(
        encode(
            photograph(),
            format,
            **({"save_all": True, "append_images": [photograph()]} if format == "MPO" else {}),
        )
    )
    assert frames.total == 1


def test_an_animation_that_is_cut_has_the_frames_before_the_cut():
    content = animated(list(map(numbered, range(40))), "GIF")
    frames = read(content[: len(content) // 2])
    assert 5 < frames.total < 40
    assert number_of(frames.images[0]) == frames.indices[0]


def test_an_endless_animation_costs_little():
    whole = animated([numbered(1), numbered(2)], "GIF")
    frame = b"," + struct.pack("<4HBB", 0, 0, 1, 1, 0, 2) + b"\x02\x4c\x01\0"
    start = time.process_time()
    assert read(whole[:-1] + 1_000_000 * frame + b";").total < 500_000
    # Blocks of one byte, of which Pillow would read ten million.
    assert read(whole[:-1] + frame[:-1] + 9_000_000 * b"\x01\x4c" + b"\0;").total == 3
    assert time.process_time() - start < 5


def test_a_number_of_frames_that_is_invented_takes_no_memory():
    content = bytearray(animated([numbered(1), numbered(2)], "PNG"))
    start = content.index(b"acTL")
    struct.pack_into(">I", content, start + 4, 2**22)
    struct.pack_into(">I", content, start + 12, zlib.crc32(content[start : start + 12]))
    tracemalloc.start()
    frames = read(bytes(content))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert frames.images
    assert peak < 50_000_000


def test_a_frame_that_leaves_the_picture_does_not_enlarge_it():
    whole = animated([numbered(1), numbered(2)], "GIF")
    frame = b"," + struct.pack("<4HBB", 0, 0, 8000, 8000, 0, 2) + b"\x02\x4c\x01\0"
    frames = read(whole[:-1] + 3 * frame + b";")
    assert (frames.total, frames.images[0].size) == (2, SIZE)


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


def locked(content):
    """Mark the file in an archive as one with a password."""
    content = bytearray(content)
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(signature) + offset] |= 1
    return bytes(content)


@pytest.mark.parametrize(
    ("content", "reason", "words"),
    [
        (archive({"a": encode(photograph(), "PNG")}), "zip_without_scans", "one by one"),
        (archive({"notes.txt": b"Seen on Monday."}), "zip_without_scans", "one by one"),
        (locked(archive({"a.dcm": SCAN})), "zip_locked", "password"),
        (archive({"a.dcm": SCAN}, zipfile.ZIP_LZMA), "zip_locked", "compression"),
        (archive({"a.dcm": SCAN, "b.dcm": SCAN})[:-40], "zip_damaged", "incomplete"),
        (archive({"a.dcm": SCAN}).replace(b"PK\1\2", b"PK\1\0"), "zip_damaged", "incomplete"),
        (b"PK\x03\x04" + bytes(100), "zip_damaged", "incomplete"),
    ],
    ids=["image", "text", "password", "LZMA", "cut", "broken list", "broken"],
)
def test_the_reason_why_a_zip_file_is_not_read_is_told(content, reason, words):
    error = refused(content)
    assert error.reason == reason
    assert "ZIP" in error_message(error)
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
    long_list = bytearray(archive({}))
    struct.pack_into("<I", long_list, 12, 2**20 + 1)
    assert refused(bytes(long_list)).reason == "not_an_image"
    assert refused(b"PK\x03\x04" + bytes(2**20) + long_list).reason == "too_large"


def test_what_is_not_locked_is_read():
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as opened:
        opened.writestr("a.dcm", SCAN, zipfile.ZIP_LZMA)
        opened.writestr("b.dcm", SCAN)
    assert read(content.getvalue()).total == 1
