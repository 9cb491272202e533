"""MetaImage files have the slices of NIfTI files."""

import zlib

import numpy as np
import pytest

from model.decoding.volumes import MAX_BYTES
from model.imaging import UnreadableImage
from tests.helpers.volumes import greys, head, nifti, read, stored


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


@pytest.mark.parametrize("true", ["True", "TRUE", "t", 1])
def test_metaimage_has_true_and_local_as_metaio_reads_them(true):
    values = (100 * head()).astype(">i2")
    flags = {"BinaryData": true, "BinaryDataByteOrderMSB": true, "CompressedData": true}
    for file in (b"LOCAL", b"Local", b"local"):
        content = metaimage(values, np.eye(3), "MET_SHORT", file, **flags)
        np.testing.assert_array_equal(greys(content), greys(nifti(values)))


@pytest.mark.parametrize("count", [40, 2000])
def test_metaimage_with_elements_of_dicom_and_poses_of_frames_is_read(count):
    elements = {"0008|0060": "CT", "0010|0010": "", "ITK.notes": "a = b", "0020|4000": "two\nlines"}
    poses = {f"Seq_Frame{i:04}_ProbeToTrackerTransform": "1 0 0 0 " * 4 for i in range(count)}
    values = head((10, 12, 14))
    content = metaimage(values, np.eye(3), **elements, **poses)
    np.testing.assert_array_equal(greys(content), greys(nifti(values)))


def test_metaimage_may_begin_with_comments():
    values = head((10, 12, 14))
    content = b"Comment = made on Monday\nComment = by nobody\n" + metaimage(values, np.eye(3))
    np.testing.assert_array_equal(greys(content), greys(nifti(values)))


def test_metaimage_with_opacity_is_in_colour():
    colours = np.zeros((20, 10), [(name, "u1") for name in "RGBA"])
    colours["R"], colours["G"][:, :5], colours["A"] = 200, 90, 255
    size = {"NDims": 2, "TransformMatrix": "1 0 0 1", "ElementSpacing": "1 1"}
    content = metaimage(colours, np.eye(3), "MET_UCHAR", ElementNumberOfChannels=4, **size)
    (image,) = read(content).images
    assert image.size == (20, 10)
    assert [image.getpixel((0, y)) for y in (0, 9)] == [(200, 90, 0), (200, 0, 0)]


@pytest.mark.parametrize(
    ("mention", "kind"),
    [
        ("See below.\n", "text"),
        ("ObjectType = Image\nFields of MetaImage.\n", "volume_header"),
    ],
)
def test_text_about_metaimage_is_no_image(mention, kind):
    with pytest.raises(UnreadableImage) as caught:
        read(mention.encode() + b"NDims = 3\nElementDataFile = values.raw\n" + b"Words. " * 1000)
    assert (caught.value.reason, caught.value.kind) == ("not_an_image", kind)


@pytest.mark.parametrize("false", ["False", "F", 0])
def test_metaimage_of_text_is_read(false):
    values = (100 * head()).astype(np.int16)
    content = metaimage(values, np.eye(3), "MET_SHORT", BinaryData=false)
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
        read(content[: -head().nbytes].replace(b"NDims", b"0008|0060 = CT\n" * 500 + b"NDims"))
    assert (caught.value.reason, caught.value.kind) == ("not_an_image", "volume_header")
    with pytest.raises(UnreadableImage):
        read(content.replace(b"NDims", b"Comment = 1\nElementDataFile = LOCAL\nNDims"))
