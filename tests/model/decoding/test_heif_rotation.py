"""HEIC photos lose their rotation only where it is known what it does."""

import numpy as np
import pi_heif
import pytest

from model.decoding.heif_rotation import without_rotation
from tests.helpers.heic import HEIC


def pixels(content):
    file = pi_heif.open_heif(content)
    return np.array(file)  # A copy, which outlives the file.


@pytest.mark.parametrize("quarters", range(4))
def test_a_photo_is_what_it_was_when_it_is_turned(quarters):
    angle = HEIC.index(b"irot") + 4
    content = HEIC[:angle] + bytes([quarters]) + HEIC[angle + 1 :]
    unturned, found = without_rotation(content)
    assert found == quarters
    assert pixels(unturned).shape == (48, 64, 3)
    np.testing.assert_array_equal(np.rot90(pixels(unturned), quarters), pixels(content))


@pytest.mark.parametrize(
    "content",
    [
        without_rotation(HEIC)[0],
        HEIC.replace(b"\x84\x86", b"\x86\x84"),  # Cropped after it is turned.
        HEIC.replace(b"irot", b"imir"),
        HEIC.replace(b"\x84\x86", b"\x84\xff"),  # There is no such property.
        HEIC.replace(b"pitm\0\0\0\0\0\1", b"pitm\0\0\0\0\0\3"),  # Nor such an image.
        HEIC.replace(b"meta", b"free"),
    ],
)
def test_other_files_are_not_changed(content):
    assert without_rotation(content) == (content, 0)


def test_a_file_that_is_cut_anywhere_is_not_changed_or_loses_its_rotation():
    for length in range(len(HEIC)):
        content, quarters = without_rotation(HEIC[:length])
        assert len(content) == length
        assert quarters in (0, 3)
