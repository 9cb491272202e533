"""DICOM files as scanners write them, and the test files of pydicom."""

import io
import struct
import subprocess
import sys
import zlib
from pathlib import Path

import numpy as np
import pydicom
import pytest
from PIL import Image
from pydicom import uid
from pydicom.data import get_testdata_file

from model.classifier import Classifier
from model.decoding.limits import GREY, MAX_DICOM_PIXELS
from model.imaging import UnreadableImage, read_image
from model.release import read_release
from tests.helpers.bad_files import encode
from tests.helpers.decode_probe import read_all
from tests.helpers.dicom_file import dicom
from tests.helpers.refusals import refused

ROOT = Path(__file__).parents[3]
EXAMPLES = ROOT / "examples"

FILES = sorted((Path(pydicom.__file__).parent / "data" / "test_files").rglob("*.dcm"))


def grey_of(content):
    return np.asarray(read_image(io.BytesIO(content)).convert("L"), dtype=float)


@pytest.fixture(scope="module")
def classifier():
    release = read_release()
    return Classifier(release.weights_file, release.labels, release.temperature)


@pytest.fixture(scope="module")
def hounsfield():
    """The brain example in Hounsfield units: air at -1000, tissue at 0 to 80."""
    with Image.open(EXAMPLES / "brain-mri.png") as image:
        grey = np.asarray(image.convert("L"), dtype=np.float64)
    return np.where(grey < 8, -1000, grey / 255 * 80).astype(np.int16)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_real_files_are_read_or_refused(file):
    try:
        image = read_image(file)
    except UnreadableImage as error:
        assert error.reason in UnreadableImage.REASONS
    else:
        assert image.mode == "RGB"


def test_most_real_files_with_pixels_are_read():
    read = 0
    for file in FILES:
        try:
            read_image(file)
        except UnreadableImage:
            continue
        read += 1
    assert read >= 50


def test_all_encodings_of_a_scan_give_the_same_image():
    names = ("small", "small_RLE", "small_bigendian", "small_implicit", "small_jp2klossless")
    first, *others = (
        grey_of(Path(get_testdata_file(f"MR_{name}.dcm")).read_bytes()) for name in names
    )
    for other in others:
        np.testing.assert_array_equal(first, other)


def test_the_window_of_the_file_is_applied():
    ramp = np.arange(-1000, 1000, 2, dtype=np.int16).reshape(20, 50)
    window = {"WindowCenter": 40, "WindowWidth": 80, "RescaleSlope": 1, "RescaleIntercept": 0}
    shown = grey_of(dicom(ramp, **window))
    assert (shown[ramp < -1] == 0).all()
    assert (shown[ramp > 81] == 255).all()
    assert 120 <= shown[np.abs(ramp - 40) < 2].mean() <= 135


def test_a_scan_gets_the_same_prediction_as_dicom_and_as_png(classifier, hounsfield):
    window = {"WindowCenter": 40, "WindowWidth": 80, "RescaleSlope": 1, "RescaleIntercept": -1024}
    scan = dicom((hounsfield + 1024).astype(np.uint16), **window)
    as_dicom = classifier.classify(read_image(io.BytesIO(scan)))
    as_png = classifier.classify(read_image(EXAMPLES / "brain-mri.png"))
    assert as_dicom == pytest.approx(as_png, abs=0.02)


def test_monochrome1_is_inverted():
    ramp = np.arange(0, 1000, dtype=np.uint16).reshape(20, 50)
    shown = grey_of(dicom(ramp, PhotometricInterpretation="MONOCHROME1"))
    assert shown[0, 0] == 255
    assert shown[-1, -1] == 0


def test_padding_is_black_and_takes_no_contrast():
    ramp = np.arange(0, 1000, dtype=np.int16).reshape(20, 50)
    padded = ramp.copy()
    padded[:2] = -2000
    shown = grey_of(dicom(padded, PixelPaddingValue=-2000))
    assert (shown[:2] == 0).all()
    assert shown[2, 0] < 3
    assert shown[-1, -1] == 255


def test_a_report_is_not_an_image():
    with pytest.raises(UnreadableImage) as caught:
        read_image(get_testdata_file("reportsi.dcm"))
    assert caught.value.reason == "not_an_image"


def test_a_scan_that_declares_too_many_pixels_is_refused_before_decoding():
    file = dicom(np.zeros((4, 4), np.uint16), Rows=60_000, Columns=60_000)
    assert MAX_DICOM_PIXELS < 60_000**2
    with pytest.raises(UnreadableImage) as caught:
        read_image(io.BytesIO(file))
    assert caught.value.reason == "too_large"


@pytest.mark.parametrize("share", [0.1, 0.3, 0.5, 0.65])
def test_a_truncated_scan_is_refused(hounsfield, share):
    content = dicom(hounsfield)
    with pytest.raises(UnreadableImage):
        read_image(io.BytesIO(content[: int(len(content) * share)]))


def test_few_missing_rows_are_grey(hounsfield):
    content = dicom(hounsfield)
    cut = grey_of(content[: len(content) - hounsfield.nbytes // 5])
    whole, rows = grey_of(content), len(hounsfield)
    assert cut.shape == whole.shape
    assert (cut[-(rows // 5) :] == GREY).all()
    assert np.abs(cut[: rows * 3 // 4] - whole[: rows * 3 // 4]).max() < 3


def encapsulated(frame, syntax, side=10, **values):
    """Make a file with one compressed frame that declares a square 8-bit image."""
    data = pydicom.encaps.encapsulate([frame])
    return dicom(np.zeros((side, side), np.uint8), syntax=syntax, PixelData=data, **values)


def test_lossless_jpeg_of_eight_bits_is_read_exactly():
    lossless, other = (get_testdata_file(f"SC_rgb_{name}.dcm") for name in ("jpeg_gdcm", "rle"))
    assert pydicom.dcmread(lossless).file_meta.TransferSyntaxUID == uid.JPEGLosslessSV1
    np.testing.assert_array_equal(read_image(lossless), read_image(other))


@pytest.mark.parametrize(
    ("format", "syntax", "size"),
    [
        ("JPEG", uid.JPEGBaseline8Bit, struct.Struct(">HH")),
        ("JPEG2000", uid.JPEG2000Lossless, struct.Struct(">LL")),
    ],
)
def test_a_frame_has_the_size_that_it_declares_itself(format, syntax, size):
    content = encapsulated(encode(Image.new("L", (20, 10), 9), format), syntax)
    assert read_image(io.BytesIO(content)).size == (20, 10)
    frame = encode(Image.new("L", (20, 20), 9), format)
    large = frame.replace(size.pack(20, 20), size.pack(5000, 5000))
    assert large != frame
    assert refused(encapsulated(large, syntax)).reason == "too_large"


def bombs():
    """Make small files that decoders would inflate, with the reason of their refusal."""
    runs = struct.pack("<16L", 1, 64, *[0] * 14) + b"\x81\0" * 4_000_000
    yield "damaged", encapsulated(runs, uid.RLELossless)
    yield "too_large", deflated_zeros(2**27)


def deflated_zeros(count):
    """Make a deflated file of a small image and an element of zeros."""
    content = dicom(np.zeros((8, 8), np.uint8), syntax=uid.DeflatedExplicitVRLittleEndian)
    # The first element has the length of the file meta information, which is not deflated.
    start = 144 + struct.unpack_from("<L", content, 140)[0]
    inflated = zlib.decompress(content[start:], -zlib.MAX_WBITS)
    deflate = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    element = struct.pack("<HH2sHL", 0x7FE1, 0x1000, b"OB", 0, count)
    zeros = (deflate.compress(bytes(2**20)) for _ in range(count // 2**20))
    return content[:start] + b"".join(
        (deflate.compress(inflated + element), *zeros, deflate.flush())
    )


def test_decompression_bombs_are_refused_at_little_cost(tmp_path):
    reasons = {}
    for reason, content in bombs():
        file = tmp_path / f"{len(reasons)}.dcm"
        file.write_bytes(content)
        reasons[file] = reason
    for file, result in read_all(reasons).items():
        assert result["outcome"] == reasons[file], file
        assert result["seconds"] < 1
        assert result["megabytes"] < 100


def test_nothing_from_a_file_is_printed_or_logged(hounsfield, tmp_path):
    odd = tmp_path / "odd.dcm"
    odd.write_bytes(dicom(hounsfield).replace(b"Doe^Jane", b"Doe\x00Jan\xff"))
    program = """
import sys
from model.imaging import UnreadableImage, read_image
for file in sys.argv[1:]:
    try:
        read_image(file)
    except UnreadableImage as error:
        assert str(error) in UnreadableImage.REASONS
"""
    ended = subprocess.run(
        [sys.executable, "-c", program, odd, *FILES], capture_output=True, text=True, cwd=ROOT
    )
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "")
