"""Randomly broken files: each is read or refused with a reason, never another exception."""

import gzip
import io
import zipfile

import imagecodecs
import nibabel
import nrrd
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pydicom import uid
from pydicom.encaps import encapsulate

from model.decoding.raster import FORMATS
from model.imaging import UnreadableImage, network_input, read_image
from tests.helpers.bad_files import encode, grey_tiff, photograph
from tests.helpers.dicom_file import dicom
from tests.helpers.heic import HEIC

PHOTO = photograph().resize((24, 18))

GREY = np.asarray(PHOTO.convert("L")).astype(np.uint16)


def seeds():
    """Make a small file of each format."""
    for format in FORMATS:
        image = PHOTO.convert("1") if format == "XBM" else PHOTO
        try:
            yield format, encode(image, format)
        except KeyError:
            continue  # Pillow can read this format but not write it.
    yield "palette", encode(PHOTO.quantize(16), "PNG", transparency=3)
    yield "16 bits", grey_tiff(GREY, ">")
    yield "compressed", encode(PHOTO, "TIFF", compression="tiff_lzw")
    for mode in ("1", "L", "RGB", "F"):
        yield f"Netpbm {mode}", encode(PHOTO.convert("L").convert(mode), "PPM")
    yield "numbers of Netpbm", b"P2 9 9 99\n" + b"12 " * 81
    yield "progressive", encode(PHOTO, "JPEG", progressive=True)
    yield "DICOM", dicom(GREY, WindowCenter=40, WindowWidth=80, RescaleSlope=1, RescaleIntercept=0)
    for syntax, frame in (
        (uid.JPEG2000Lossless, imagecodecs.jpeg2k_encode(GREY, codecformat="J2K")),
        (uid.JPEGLSLossless, imagecodecs.jpegls_encode(GREY)),
        (uid.JPEGLosslessSV1, imagecodecs.jpeg8_encode(GREY, lossless=True, bitspersample=12)),
    ):
        yield syntax.name, dicom(GREY, syntax=syntax, PixelData=encapsulate([frame]))
    yield "JPEG of 12 bits", imagecodecs.jpeg8_encode(GREY, bitspersample=12)
    yield "tiles", encode(PHOTO, "JPEG2000", tile_size=(16, 16), no_jp2=True)
    yield "JPEG XL", imagecodecs.jpegxl_encode(np.asarray(PHOTO))
    yield "HEIC", HEIC
    yield "float64", grey_tiff(GREY.astype("f8"), "<", sample_format=3)
    volume = np.stack([GREY, GREY + 1000], axis=-1).astype(np.int16)
    yield "NIfTI", nibabel.Nifti1Image(volume, np.eye(4)).to_bytes()
    yield "MGH", nibabel.MGHImage(volume, np.eye(4)).to_bytes()
    content = io.BytesIO()
    nrrd.write(content, volume, {"encoding": "gzip", "spacings": [1, 1, 3]})
    yield "NRRD", content.getvalue()
    header = b"ObjectType = Image\nNDims = 3\nDimSize = 24 18 2\nElementType = MET_SHORT\n"
    yield "MetaImage", header + b"ElementDataFile = LOCAL\n" + volume.tobytes("F")
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as opened:
        opened.writestr("scan", dicom(GREY))
    yield "ZIP", archive.getvalue()
    yield "gzip", gzip.compress(dicom(GREY))


SEEDS = dict(seeds())


def read(content):
    try:
        pixels = network_input(read_image(io.BytesIO(content)), 32)
    except UnreadableImage as error:
        assert error.reason in UnreadableImage.REASONS
    else:
        assert (pixels.shape, pixels.dtype) == ((32, 32, 3), np.uint8)


@st.composite
def broken(draw):
    """Draw a file with bytes replaced, removed, doubled or inserted, mostly near its header."""
    content = bytearray(SEEDS[draw(st.sampled_from(sorted(SEEDS)))])
    for _ in range(draw(st.integers(1, 6))):
        near = draw(st.sampled_from((32, 400, len(content))))
        start = draw(st.integers(0, min(near, len(content))))
        length = draw(st.integers(0, 8))
        content[start : start + length] = draw(
            st.one_of(
                st.binary(max_size=8),
                st.sampled_from((b"\0\0\0\0", b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff", b"\x80")),
                st.just(bytes(content[start : start + 64])),
            )
        )
    return bytes(content)


# The same files in every run, so that a failure is due to a change of the code.
@settings(max_examples=250, derandomize=True, deadline=None, database=None)
@given(broken())
def test_files_with_changed_bytes_are_read_or_refused(content):
    read(content)


@settings(max_examples=250, derandomize=True, deadline=None, database=None)
@given(st.sampled_from(sorted({seed[:16] for seed in SEEDS.values()})), st.binary(max_size=200))
@example(b"DDS |\0\0\0", bytes(200))
def test_a_header_followed_by_noise_is_read_or_refused(header, noise):
    read(header + noise)


@pytest.mark.parametrize("name", SEEDS)
def test_the_unbroken_files_are_read(name):
    assert read_image(io.BytesIO(SEEDS[name])).mode == "RGB"
