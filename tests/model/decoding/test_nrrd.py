"""NRRD files have the slices of NIfTI files."""

import io

import nrrd
import numpy as np
import pytest

from model.imaging import UnreadableImage
from tests.helpers.volumes import greys, head, nifti, read, stored


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


def test_nrrd_never_reads_another_file(tmp_path):
    secret = tmp_path / "secret.raw"
    secret.write_bytes(head().tobytes())
    header = (
        b"NRRD0004\ntype: float\ndimension: 3\nsizes: 40 44 48\nencoding: raw\nendian: little\n"
    )
    with pytest.raises(UnreadableImage):
        read(header + b"data file: " + bytes(secret) + b"\n")
