"""NIfTI volumes: slices of the right plane, upright, by one grey scale."""

import gzip
import struct
import zlib

import nibabel
import numpy as np
import pytest
from PIL import Image

from model.classifier import Classifier
from model.decoding.volumes import MAX_BYTES
from model.imaging import UnreadableImage
from model.release import read_release
from tests.helpers.running_app import EXAMPLES
from tests.helpers.volumes import greys, head, nifti, read, stored


@pytest.mark.parametrize("axes", ["RAS", "LAS", "LPI", "PSR", "AIL", "SRA"])
def test_slices_of_every_orientation_are_axial_and_face_the_viewer(axes):
    values, affine = stored(head(), axes)
    frames = read(nifti(values, affine))
    assert frames.total == 48
    assert frames.images[0].size == (40, 44)
    assert frames.indices == [7, 10, 13, 16, 19, 22, 25, 28, 31, 34, 37, 40]
    first, *_, last = greys(nifti(values, affine))
    assert first.mean() < last.mean()  # From the feet to the head.
    assert first[0].mean() > first[-1].mean()  # The front is at the top.
    assert first[:, 0].mean() > first[:, -1].mean()  # The patient's right is on the left.


def test_thick_slices_are_shown_as_they_were_taken():
    thick = head((10, 44, 48))
    frames = read(nifti(thick, np.diag([5, 1, 1, 1])))
    assert (frames.total, frames.images[0].size) == (10, (44, 48))
    pixels = np.asarray(frames.images[0])[..., 0].astype(float)
    assert pixels[0].mean() > pixels[-1].mean()  # The head is at the top,
    assert pixels[:, 0].mean() > pixels[:, -1].mean()  # and looks to the left.


@pytest.mark.parametrize("dtype", ["u1", "<i2", ">i2", "<u2", "<i4", "<f4", ">f4", "<f8"])
@pytest.mark.parametrize("version", [nibabel.Nifti1Image, nibabel.Nifti2Image])
def test_every_type_of_number_is_read(version, dtype):
    values = np.rint(head()).astype(dtype)
    image = version(values, np.eye(4))
    image.header.set_data_dtype(dtype)
    pixels = greys(image.to_bytes())
    expected = greys(nifti(head()))
    np.testing.assert_allclose(pixels, expected, atol=4)


def test_all_slices_have_one_grey_scale_and_single_bright_values_do_not_darken_it():
    values = head()
    values[20, 22, 20] = 1e6
    np.testing.assert_allclose(greys(nifti(values)), greys(nifti(head())), atol=8)


def test_the_slope_and_intercept_of_ct_are_applied_and_it_is_windowed_like_dicom():
    hounsfield = np.full((40, 44, 48), -1000, np.int16)
    hounsfield[10:30, 10:30] = 40
    hounsfield[15:25, 15:25] = 240
    content = nifti((hounsfield + 1000) // 2, scl_slope=2, scl_inter=-1000)
    pixels = greys(content)[0]
    assert pixels[0, 0] == 0
    assert pixels.max() == 255
    assert pixels[44 - 12, 12] == pytest.approx(127.5, abs=1)


def test_ct_of_air_and_lung_only_is_not_black():
    hounsfield = np.full((20, 22, 1), -1000, np.int16)
    hounsfield[5:15, 5:15] = -700
    pixels = greys(nifti(hounsfield))[0]
    assert (pixels[0, 0], pixels[-10, 10]) == (0, 255)


def test_a_phase_image_is_no_ct():
    phases = np.linspace(-4096, 4095, 40 * 44 * 48).astype(np.int16).reshape(40, 44, 48)
    pixels = greys(nifti(phases))
    assert len(np.unique(pixels)) > 200
    assert pixels.mean() == pytest.approx(127.5, abs=2)


def test_of_a_time_series_one_volume_is_read():
    values = np.stack([np.zeros((40, 44, 48)), head(), head()], axis=-1)
    frames = read(nifti(values))
    assert frames.total == 48
    np.testing.assert_array_equal(greys(nifti(values)), greys(nifti(head())))


@pytest.mark.parametrize("inside", [np.nan, 0])
def test_a_first_volume_without_contrast_between_nan_is_skipped(inside):
    first = np.full((40, 44, 48), np.nan, np.float32)
    first[10:30] = inside
    values = np.stack([first, head(), head()], axis=-1)
    np.testing.assert_array_equal(greys(nifti(values)), greys(nifti(head())))


def test_of_a_series_in_colour_the_first_volume_with_contrast_is_read():
    values = np.zeros((40, 44, 48, 3), [("R", "u1"), ("G", "u1"), ("B", "u1")])
    values["G"][:, :22, :, 1:] = 90
    pixels = np.asarray(read(nifti(values)).images[0])
    assert [pixels[y, 0].tolist() for y in (0, -1)] == [[0, 0, 0], [0, 90, 0]]


@pytest.mark.parametrize("is_vector", [False, True])
def test_colours_are_kept(is_vector):
    values = np.zeros((40, 44, 48), [("R", "u1"), ("G", "u1"), ("B", "u1")])
    values["R"], values["G"][:, :22] = 200, 90
    if is_vector:  # As ITK stores them, in a fifth dimension.
        values = values.view("u1").reshape(40, 44, 48, 1, 3)
    pixels = np.asarray(read(nifti(values)).images[0])
    assert pixels[0, 0].tolist() == [200, 0, 0]
    assert pixels[-1, 0].tolist() == [200, 90, 0]


@pytest.mark.parametrize("shape", [(40, 44), (40, 44, 1), (1, 44, 48), (40, 44, 1, 1)])
def test_a_single_slice_is_one_frame(shape):
    frames = read(
        nifti(np.squeeze(head())[tuple(slice(size) for size in shape[:3])][..., :1])
        if shape == (40, 44, 1)
        else nifti(np.arange(np.prod(shape)).reshape(shape).astype("i2"))
    )
    assert (len(frames.images), frames.total) == (1, 1)


def test_values_that_are_not_finite_and_an_odd_affine_do_not_matter():
    values = head()
    values[0, 0] = np.nan
    values[1, 1] = np.inf
    for affine in (np.zeros((4, 4)), np.full((4, 4), np.nan)):
        image = nibabel.Nifti1Image(values, None)
        image.header["sform_code"] = 1
        for row, name in zip(affine, ("srow_x", "srow_y", "srow_z"), strict=False):
            image.header[name] = row
        assert read(image.to_bytes()).images


@pytest.mark.parametrize(
    ("axes", "position", "kind", "value"),
    [
        ("RAS", 76, "f", 0),  # No flip.
        ("RPI", 80, "f", -1),  # A negative size.
        ("RPI", 48, "h", 0),  # A fourth axis of no size.
        ("RPI", 108, "f", 0),  # The values begin where the header does.
        ("RPI", 112, "f", np.nan),  # The slope.
        ("RPI", 116, "f", np.nan),  # The intercept.
        ("RPI", 268, "f", np.nan),  # An offset in space.
        ("LAS", 256, "f", 2),  # A rotation that is none: then that of Analyze.
    ],
)
def test_odd_headers_of_nifti_are_read_as_other_readers_do(axes, position, kind, value):
    values, affine = stored(head(), axes)
    image = nibabel.Nifti1Image(values, affine)
    image.set_sform(None, 0)
    image.set_qform(affine, 1)
    image.header.set_slope_inter(1, 0)
    content = bytearray(image.to_bytes())
    struct.pack_into("<h", content, 40, 4)
    struct.pack_into(f"<{kind}", content, position, value)
    np.testing.assert_array_equal(greys(bytes(content)), greys(nifti(head())))


@pytest.mark.parametrize("axes", ["LPS", "LIA", "SPL"])
@pytest.mark.parametrize("length", [1, 1.0000002, 1.00001])
@pytest.mark.parametrize("version", [nibabel.Nifti1Image, nibabel.Nifti2Image])
def test_a_quaternion_may_be_longer_than_1_by_rounding(version, length, axes):
    values, affine = stored(head(), axes)
    image = version(values, None)
    image.header.set_qform(affine, 1)
    for name in ("quatern_b", "quatern_c", "quatern_d"):
        image.header[name] *= length
    np.testing.assert_array_equal(greys(image.to_bytes()), greys(nifti(head())))


@pytest.mark.parametrize("broken", [False, True])
def test_extensions_of_nifti_are_skipped(broken):
    image = nibabel.Nifti1Image(head(), np.eye(4))
    image.header.extensions.append(nibabel.nifti1.Nifti1Extension("afni", b"<AFNI>" * 1000))
    content = bytearray(image.to_bytes())
    if broken:
        struct.pack_into("<i", content, 352, 2**30)
    np.testing.assert_array_equal(greys(bytes(content)), greys(nifti(head())))


def test_blank_slices_are_not_looked_at():
    values = head()
    values[:, :, :24] = 0
    frames = read(nifti(values))
    assert frames.total == 48
    assert min(frames.indices) >= 24
    assert read(nifti(np.zeros((40, 44, 48), np.uint8))).indices == [7]


def test_slices_of_nan_are_skipped():
    values = head()
    values[:, :, 4:44] = np.nan
    frames = read(nifti(values))
    assert frames.total == 48
    assert frames.indices == [0, 47]
    first, last = greys(nifti(values))
    assert first.mean() < last.mean()


def test_a_packed_volume_is_that_volume():
    content = nifti(head())
    np.testing.assert_array_equal(greys(gzip.compress(content)), greys(content))
    members = gzip.compress(content[:2000]) + gzip.compress(content[2000:]) + bytes(100)
    np.testing.assert_array_equal(greys(members), greys(content))


def test_a_packed_volume_that_unpacks_to_gigabytes_is_refused():
    # A megabyte of zeros, again and again.
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    start = packer.compress(nifti(head())) + packer.flush(zlib.Z_FULL_FLUSH)
    megabyte = packer.compress(bytes(2**20)) + packer.flush(zlib.Z_FULL_FLUSH)
    content = start + megabyte * (MAX_BYTES // 2**20 + 1)
    assert len(content) < 500_000
    with pytest.raises(UnreadableImage) as caught:
        read(content)
    assert caught.value.reason == "too_large"


@pytest.mark.parametrize("share", [0.2, 0.9])
def test_a_volume_that_is_cut_is_damaged(share):
    content = nifti(head())
    for part in (content[: int(len(content) * share)], gzip.compress(content)[:-5000]):
        with pytest.raises(UnreadableImage) as caught:
            read(part)
        assert caught.value.reason == "damaged"


def test_a_volume_gets_the_prediction_of_its_slices():
    with Image.open(EXAMPLES["brain"]) as image:
        grey = np.asarray(image.convert("L").resize((120, 120)))
    slices = np.repeat(grey[::-1, ::-1].T[..., None], 60, axis=2).astype(np.int16)
    slices[..., :5] = 0
    release = read_release()
    classifier = Classifier(release.weights_file, release.labels, release.temperature)
    confidences, _ = classifier.classify_frames(read(gzip.compress(nifti(slices))).images)
    assert confidences["brain"] > 0.9
