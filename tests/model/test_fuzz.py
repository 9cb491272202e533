"""Broken files that nobody thought of: each is a picture or a reason, never another exception."""

import io

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from model.imaging import FORMATS, UnreadableImage, network_input, read_image
from tests.helpers.bad_files import encode, grey_tiff, photograph
from tests.helpers.dicom_file import dicom

PHOTO = photograph().resize((24, 18))

GREY = np.asarray(PHOTO.convert("L")).astype(np.uint16)


def seeds():
    """A small file of each format that is read."""
    for format in FORMATS:
        image = PHOTO.convert("1") if format == "XBM" else PHOTO
        try:
            yield format, encode(image, format)
        except KeyError:
            continue  # Pillow reads it without writing it.
    yield "palette", encode(PHOTO.quantize(16), "PNG", transparency=3)
    yield "16 bits", grey_tiff(GREY, ">")
    yield "compressed", encode(PHOTO, "TIFF", compression="tiff_lzw")
    yield "progressive", encode(PHOTO, "JPEG", progressive=True)
    yield "DICOM", dicom(GREY, WindowCenter=40, WindowWidth=80, RescaleSlope=1, RescaleIntercept=0)


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
    """A file with some bytes changed, cut out, doubled or put in, mostly near its beginning."""
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


# The same files each time, so that a failure is the code's.
@settings(max_examples=250, derandomize=True, deadline=None, database=None)
@given(broken())
def test_a_file_with_changed_bytes_is_a_picture_or_a_reason(content):
    read(content)


@settings(max_examples=250, derandomize=True, deadline=None, database=None)
@given(st.sampled_from(sorted({seed[:16] for seed in SEEDS.values()})), st.binary(max_size=200))
@example(b"DDS |\0\0\0", bytes(200))
def test_a_beginning_followed_by_noise_is_a_picture_or_a_reason(beginning, noise):
    read(beginning + noise)


@pytest.mark.parametrize("name", SEEDS)
def test_what_is_to_be_broken_is_read_while_it_is_whole(name):
    assert read_image(io.BytesIO(SEEDS[name])).mode == "RGB"
