"""NIfTI, NRRD and MetaImage volumes: slices of the right plane, upright, by one grey scale."""

import gzip
import io
import struct
import zlib

import nibabel
import nrrd
import numpy as np
import pytest
from PIL import Image

from model.classifier import Classifier
from model.decoding.volumes import MAX_BYTES
from model.imaging import UnreadableImage, read_frames
from model.release import read_release
from tests.helpers.running_app import EXAMPLES

TOWARDS = {"R": (0, 1), "L": (0, -1), "A": (1, 1), "P": (1, -1), "S": (2, 1), "I": (2, -1)}


def head(shape=(40, 44, 48)):
    """Make a volume whose axes point to the right, forward and up.

    It is bright, but brighter at the front, brighter still on the right and brightest at the top.
    """
    right, forward, up = (np.linspace(0, 1, size) for size in shape)
    values = 20 + 10 * forward[:, None] + 20 * right[:, None, None] + 40 * up
    return values.astype(np.float32)


def stored(values, axes):
    """Store a volume with axes in these directions, such as "LAS"; return it with its affine."""
    order = [TOWARDS[axis][0] for axis in axes]
    affine = np.zeros((4, 4))
    affine[3, 3] = 1
    values = values.transpose(order)
    for i, axis in enumerate(axes):
        towards, sign = TOWARDS[axis]
        affine[towards, i] = sign
        values = values if sign > 0 else np.flip(values, i)
    return values, affine


def nifti(values, affine=None, version=nibabel.Nifti1Image, **header):
    image = version(np.asarray(values), np.eye(4) if affine is None else affine)
    for name, value in header.items():
        image.header[name] = value
    return image.to_bytes()


def read(content):
    return read_frames(io.BytesIO(content))


def greys(content):
    return np.stack([np.asarray(image)[..., 0] for image in read(content).images]).astype(float)


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


def test_of_a_time_series_one_volume_is_read():
    values = np.stack([np.zeros((40, 44, 48)), head(), head()], axis=-1)
    frames = read(nifti(values))
    assert frames.total == 48
    np.testing.assert_array_equal(greys(nifti(values)), greys(nifti(head())))


def test_colours_are_kept():
    values = np.zeros((40, 44, 48), [("R", "u1"), ("G", "u1"), ("B", "u1")])
    values["R"], values["G"][:, :22] = 200, 90
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


def nrrd_file(values, **header):
    content = io.BytesIO()
    nrrd.write(content, values, header)
    return content.getvalue()


@pytest.mark.parametrize("encoding", ["raw", "gzip", "ascii"])
@pytest.mark.parametrize(
    ("space", "signs"),
    [
        ("left-posterior-superior", (-1, -1, 1)),
        ("left-anterior-superior", (-1, 1, 1)),
        ("RAS", (1, 1, 1)),
    ],
)
def test_nrrd_has_the_slices_of_nifti(encoding, space, signs):
    values, affine = stored(head((10, 12, 14)), "LPS")
    options = {"space": space, "space directions": affine[:3, :3].T * signs}
    content = nrrd_file(values, encoding=encoding, **options)
    np.testing.assert_array_equal(greys(content), greys(nifti(head((10, 12, 14)))))


def test_nrrd_without_directions_has_spacings():
    content = nrrd_file(head((10, 44, 48)), spacings=[5, 1, 1])
    frames = read(content)
    assert (frames.total, frames.images[0].size) == (10, (44, 48))


def test_nrrd_may_be_an_image_or_have_colours():
    grey = np.tile(np.arange(0, 250, 10, np.uint8), (20, 1)).T
    colours = np.stack([grey, 255 - grey, grey // 2])
    kinds = ["RGB-color", "domain", "domain"]
    np.testing.assert_array_equal(greys(nrrd_file(grey))[0], np.round((grey.T / 240) * 255))
    (image,) = read(nrrd_file(colours, kinds=kinds)).images
    np.testing.assert_array_equal(np.asarray(image), colours.T)


def metaimage(values, affine, element="MET_FLOAT", file=b"LOCAL", **header):
    """Make a MetaImage file as ITK writes it: axes of space point to the left and backward."""
    affine = np.diag([-1, -1, 1]) @ affine[:3, :3]
    spacing = np.linalg.norm(affine, axis=0)
    fields = {
        "ObjectType": "Image",
        "NDims": 3,
        "BinaryData": True,
        "BinaryDataByteOrderMSB": False,
        "TransformMatrix": " ".join(map(str, (affine / spacing).T.ravel())),
        "ElementSpacing": " ".join(map(str, spacing)),
        "DimSize": " ".join(map(str, values.shape)),
        "ElementType": element,
    }
    text = "".join(f"{name} = {value}\n" for name, value in (fields | header).items())
    data = values.tobytes("F")
    data = zlib.compress(data) if header.get("CompressedData") else data
    return text.encode() + b"ElementDataFile = " + file + b"\n" + data


@pytest.mark.parametrize("axes", ["LPS", "RAS", "ASL"])
@pytest.mark.parametrize("compressed", [False, True])
def test_metaimage_has_the_slices_of_nifti(axes, compressed):
    content = metaimage(*stored(head(), axes), CompressedData=compressed)
    np.testing.assert_array_equal(greys(content), greys(nifti(head())))


def test_metaimage_is_read_in_thick_slices_big_endian_and_in_colour():
    thick, affine = head((10, 44, 48)).astype(">i2"), np.diag([5, 1, 1])
    content = metaimage(thick, affine, "MET_SHORT", BinaryDataByteOrderMSB=True)
    np.testing.assert_array_equal(greys(content), greys(nifti(thick, np.diag([5, 1, 1, 1]))))
    colours = np.zeros((40, 44, 48), [("R", "u1"), ("G", "u1"), ("B", "u1")])
    colours["R"], colours["G"][:, :22] = 200, 90
    content = metaimage(colours, np.eye(3), "MET_UCHAR_ARRAY", ElementNumberOfChannels=3)
    assert np.asarray(read(content).images[0])[-1, 0].tolist() == [200, 90, 0]


def test_metaimage_of_text_is_read():
    values = (100 * head()).astype(np.int16)
    content = metaimage(values, np.eye(3), "MET_SHORT", BinaryData=False)
    text = " ".join(map(str, values.ravel("F").tolist())).encode()
    content = content[: -values.nbytes] + text
    np.testing.assert_array_equal(greys(content), greys(nifti(values)))


def test_metaimage_is_unpacked_to_a_limit():
    packer = zlib.compressobj()
    start = packer.compress(bytes(4)) + packer.flush(zlib.Z_FULL_FLUSH)
    megabyte = packer.compress(bytes(2**20)) + packer.flush(zlib.Z_FULL_FLUSH)
    header = metaimage(np.zeros(0), np.eye(3), CompressedData=True)[:-8]
    content = header + start + megabyte * (MAX_BYTES // 2**20 + 1)
    with pytest.raises(UnreadableImage) as caught:
        read(content)
    assert caught.value.reason == "too_large"


def test_metaimage_never_reads_another_file(tmp_path):
    secret = tmp_path / "secret.raw"
    secret.write_bytes(head().tobytes("F"))
    content = metaimage(head(), np.eye(3), file=bytes(secret))
    with pytest.raises(UnreadableImage) as caught:
        read(content[: -head().nbytes])
    assert (caught.value.reason, caught.value.kind) == ("not_an_image", "text")
    with pytest.raises(UnreadableImage):
        read(content.replace(b"NDims", b"Comment = 1\nElementDataFile = LOCAL\nNDims"))


def test_nrrd_never_reads_another_file(tmp_path):
    secret = tmp_path / "secret.raw"
    secret.write_bytes(head().tobytes())
    header = (
        b"NRRD0004\ntype: float\ndimension: 3\nsizes: 40 44 48\nencoding: raw\nendian: little\n"
    )
    with pytest.raises(UnreadableImage):
        read(header + b"data file: " + bytes(secret) + b"\n")


def test_a_volume_gets_the_prediction_of_its_slices():
    with Image.open(EXAMPLES["brain"]) as image:
        grey = np.asarray(image.convert("L").resize((120, 120)))
    slices = np.repeat(grey[::-1, ::-1].T[..., None], 60, axis=2).astype(np.int16)
    slices[..., :5] = 0
    release = read_release()
    classifier = Classifier(release.weights_file, release.labels, release.temperature)
    confidences, _ = classifier.classify_frames(read(gzip.compress(nifti(slices))).images)
    assert confidences["brain"] > 0.9
