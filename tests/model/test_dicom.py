"""DICOM files as scanners write them, and those that pydicom carries for its own tests."""

import io
import subprocess
import sys
from pathlib import Path

import numpy as np
import pydicom
import pytest
from dicom_file import dicom
from PIL import Image
from pydicom.data import get_testdata_file

from model.classifier import Classifier
from model.imaging import UnreadablePicture, read_picture
from model.limits import MAX_DICOM_PIXELS
from model.release import read_release

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"

FILES = sorted((Path(pydicom.__file__).parent / "data" / "test_files").rglob("*.dcm"))


def grey_of(content):
    return np.asarray(read_picture(io.BytesIO(content)).convert("L"), dtype=float)


@pytest.fixture(scope="module")
def classifier():
    release = read_release()
    return Classifier(release, release.weights_file)


@pytest.fixture(scope="module")
def hounsfield():
    """The brain example as if measured: air at -1000, the rest around water."""
    with Image.open(EXAMPLES / "brain-mri.png") as image:
        grey = np.asarray(image.convert("L"), dtype=np.float64)
    return np.where(grey < 8, -1000, grey / 255 * 80).astype(np.int16)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_each_of_many_real_files_is_a_picture_or_a_reason(file):
    try:
        picture = read_picture(file)
    except UnreadablePicture as error:
        assert error.reason in ("not_a_picture", "damaged")
    else:
        assert picture.mode == "RGB"


def test_most_real_files_with_pixels_are_read():
    read = 0
    for file in FILES:
        try:
            read_picture(file)
        except UnreadablePicture:
            continue
        read += 1
    assert read >= 50


def test_one_scan_in_several_encodings_is_one_picture():
    names = ("small", "small_RLE", "small_bigendian", "small_implicit", "small_jp2klossless")
    first, *others = (
        grey_of(Path(get_testdata_file(f"MR_{name}.dcm")).read_bytes()) for name in names
    )
    for other in others:
        np.testing.assert_array_equal(first, other)


def test_the_window_of_the_file_decides_what_is_black_and_white():
    ramp = np.arange(-1000, 1000, 2, dtype=np.int16).reshape(20, 50)
    seen = grey_of(dicom(ramp, WindowCenter=40, WindowWidth=80, RescaleSlope=1, RescaleIntercept=0))
    assert (seen[ramp < -1] == 0).all()
    assert (seen[ramp > 81] == 255).all()
    assert 120 <= seen[np.abs(ramp - 40) < 2].mean() <= 135


def test_a_scan_is_answered_alike_as_dicom_and_as_png(classifier, hounsfield):
    window = {"WindowCenter": 40, "WindowWidth": 80, "RescaleSlope": 1, "RescaleIntercept": -1024}
    scan = dicom((hounsfield + 1024).astype(np.uint16), **window)
    as_dicom = classifier.classify(read_picture(io.BytesIO(scan)))
    as_png = classifier.classify(read_picture(EXAMPLES / "brain-mri.png"))
    assert as_dicom == pytest.approx(as_png, abs=0.02)


def test_a_negative_by_definition_is_shown_upright():
    ramp = np.arange(0, 1000, dtype=np.uint16).reshape(20, 50)
    seen = grey_of(dicom(ramp, PhotometricInterpretation="MONOCHROME1"))
    assert seen[0, 0] == 255
    assert seen[-1, -1] == 0


def test_what_the_scanner_did_not_see_is_black_and_takes_no_contrast():
    ramp = np.arange(0, 1000, dtype=np.int16).reshape(20, 50)
    padded = ramp.copy()
    padded[:2] = -2000
    seen = grey_of(dicom(padded, PixelPaddingValue=-2000))
    assert (seen[:2] == 0).all()
    assert seen[2, 0] < 3
    assert seen[-1, -1] == 255


def test_a_report_is_no_picture():
    with pytest.raises(UnreadablePicture) as caught:
        read_picture(get_testdata_file("reportsi.dcm"))
    assert caught.value.reason == "not_a_picture"


def test_a_scan_that_declares_too_many_pixels_is_refused_before_it_is_decoded():
    file = dicom(np.zeros((4, 4), np.uint16), Rows=60_000, Columns=60_000)
    assert MAX_DICOM_PIXELS < 60_000**2
    with pytest.raises(UnreadablePicture) as caught:
        read_picture(io.BytesIO(file))
    assert caught.value.reason == "too_large"


@pytest.mark.parametrize("share", [0.1, 0.3, 0.5, 0.7, 0.9])
def test_a_truncated_scan_is_refused(hounsfield, share):
    content = dicom(hounsfield)
    with pytest.raises(UnreadablePicture):
        read_picture(io.BytesIO(content[: int(len(content) * share)]))


def test_nothing_of_a_file_is_printed_or_logged(hounsfield, tmp_path):
    odd = tmp_path / "odd.dcm"
    odd.write_bytes(dicom(hounsfield).replace(b"Doe^Jane", b"Doe\x00Jan\xff"))
    program = """
import sys
from model.imaging import UnreadablePicture, read_picture
for file in sys.argv[1:]:
    try:
        read_picture(file)
    except UnreadablePicture as error:
        assert str(error) in UnreadablePicture.REASONS
"""
    ended = subprocess.run(
        [sys.executable, "-c", program, odd, *FILES], capture_output=True, text=True, cwd=ROOT
    )
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "")
