"""Compressions of DICOM files."""

import io
import struct
import zlib

import imagecodecs
import numpy as np
import pytest
from pydicom import uid
from pydicom.encaps import encapsulate, itemize_frame

from model.decoding import decoder_process
from model.decoding.dicom import codecs, encapsulation
from model.decoding.dicom.file import DicomFile
from model.decoding.limits import GREY
from model.imaging import read_frames
from tests.helpers import decoders
from tests.helpers.dicom_file import dicom
from tests.helpers.refusals import refused
from tests.helpers.scans import (
    BRAIN,
    BRAIN_WINDOW,
    HOUNSFIELD,
    PHOTO,
    assert_close,
    colours,
    shown,
)

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


@pytest.mark.parametrize("kept", [-2, -1])
def test_a_jpeg_frame_may_lack_its_end(kept):
    frame = imagecodecs.jpeg8_encode(BRAIN.astype(np.uint8), level=98)
    header = {"syntax": uid.JPEGBaseline8Bit, "Modality": "MR"}
    grey = BRAIN.astype(np.uint8)
    expected = shown(dicom(grey, PixelData=encapsulate([frame]), **header))
    content = dicom(grey, PixelData=encapsulate([frame[:kept]]), **header)
    assert_close(shown(content), expected, 0)
    cut = dicom(grey, PixelData=encapsulate([frame[: len(frame) // 2]]), **header)
    assert refused(cut).reason == "damaged"


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


def deflated(data):
    deflate = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return deflate.compress(data) + deflate.flush()


RAW = uid.UID("1.2.840.10008.1.2.1.98")


def as_deflated(content):
    """Name the other transfer syntax, which pydicom does not know yet."""
    return content.replace(RAW.encode(), b"1.2.840.10008.1.2.8.1\0")


@pytest.mark.parametrize(("encode", "named"), [(bytes, bytes), (deflated, as_deflated)])
def test_frames_without_an_image_compression_are_read(encode, named):
    """Each is in a fragment of its own, as it is or deflated."""
    frames = [encode(frame.tobytes()) for frame in (STORED * 0, STORED)]
    content = named(compressed(frames, RAW, NumberOfFrames=2))
    scan = DicomFile(io.BytesIO(content))
    assert scan.number_of_frames == 2
    assert_close(scan.read_frame(1).astype(int), REFERENCE, 0)
    bits = BRAIN > 90
    packed = np.packbits(bits.reshape(-1), bitorder="little").tobytes()
    one_bit = {"BitsAllocated": 1, "BitsStored": 1, "HighBit": 0}
    content = dicom(bits, syntax=RAW, PixelData=encapsulate([encode(packed)]), **one_bit)
    assert_close(shown(named(content)), 255 * bits, 0)
    cut = encode(STORED[:80].tobytes())
    grey = shown(named(compressed([cut], RAW)))
    assert_close(grey[:80], REFERENCE[:80], 3)
    assert (grey[80:] == GREY).all()


def test_deflated_frames_are_inflated_to_the_size_that_they_declare():
    frame = deflated(STORED.tobytes() + bytes(2**24))
    assert_close(shown(as_deflated(compressed([frame], RAW))), REFERENCE, 0)
    large = {"Rows": 4000, "Columns": 4000, "BitsAllocated": 64}
    assert refused(as_deflated(compressed([frame], RAW, **large))).reason == "too_large"
    assert refused(as_deflated(compressed([frame], RAW, BitsAllocated=0))).reason == "damaged"
    assert refused(as_deflated(compressed([b"no stream"], RAW))).reason == "damaged"


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


@pytest.mark.parametrize("declared", [2, 3, 4, 5])
def test_each_fragment_of_run_lengths_is_a_frame(declared):
    """Files may be cut, or declare another number of frames."""
    pixels = encapsulate([rle(values) for values in (STORED * 0, STORED, STORED)], has_bot=False)
    content = compressed([], uid.RLELossless, PixelData=pixels, NumberOfFrames=declared)
    scan = DicomFile(io.BytesIO(content))
    assert scan.number_of_frames == 3
    for index in (1, 2):
        assert_close(scan.read_frame(index).astype(int), REFERENCE, 0)


@pytest.mark.parametrize("syntax", [b"1.2.840.10008.1.2\0\0\0", b"1.2.840.113619.5.2\0\0"])
def test_run_lengths_are_read_whatever_the_transfer_syntax(syntax):
    content = compressed([rle(STORED)], uid.RLELossless)
    assert_close(shown(content.replace(b"1.2.840.10008.1.2.5\0", syntax)), REFERENCE, 0)


def test_too_many_fragments_are_refused(monkeypatch):
    monkeypatch.setattr(encapsulation, "MAX_ITEMS", 10)
    frame, _ = ENCODINGS["JPEG-LS"]
    pixels = encapsulate([frame], fragments_per_frame=11)
    assert refused(compressed([], uid.JPEGLSLossless, PixelData=pixels)).reason == "too_large"


def test_run_lengths_that_unpack_to_much_are_refused():
    """Three colours of 32 bits have twelve segments."""
    pixels = encapsulate([struct.pack("<16L", 12, *[64] * 15)])
    header = {"Rows": 2500, "Columns": 2500, "SamplesPerPixel": 3, "BitsAllocated": 32}
    content = compressed([], uid.RLELossless, PixelData=pixels, **header)
    assert refused(content).reason == "too_large"


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
