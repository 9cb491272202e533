"""NRRD files have the slices of NIfTI files."""

import io

import nrrd
import numpy as np
import pytest

from model.decoding.nrrd import read_nrrd
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


def test_values_may_be_hexadecimal_digits():
    raw = nrrd_file(head((10, 12, 14)), encoding="raw")
    end = raw.index(b"\n\n") + 2
    digits = raw[end:].hex(" ", 20).replace(" ", "\n").encode()
    content = raw[:end].replace(b"encoding: raw", b"encoding: hex") + digits + b"\n"
    np.testing.assert_array_equal(greys(content), greys(raw))


@pytest.mark.parametrize(
    ("field", "other"),
    [
        (b"endian: little", b"endian: little\nlabel:=a\nlabel:=b"),  # As Slicer writes sequences.
        (b"endian: little", b"endian: little\nthicknesses:=[nan, nan, 0.5]"),  # As ITK writes.
        (b"endian: little", b"endian: little\nspace:=right\ntype:=CT\ndata file:=a.raw"),
        (b"space: ", b"space: LAS\nspace: "),  # Twice, as in old Slicer.
        (b"(0,1,0)", b"( 0, 1 , 0 )"),
        (b"type: float", b"type: FLOAT"),
        (b"encoding: gzip", b"encoding: GZIP"),
        (b"endian: little", b"endian: Little"),
    ],
)
def test_nrrd_has_keys_of_any_name_and_other_spellings_of_fields(field, other):
    space = {"space": "left-anterior-superior", "space directions": np.diag([-1, 1, 1])}
    content = nrrd_file(head((10, 12, 14)), **space).replace(b"(0.0,1.0,0.0)", b"(0,1,0)")
    assert content.count(field) == 1
    changed = content.replace(field, other)
    np.testing.assert_array_equal(greys(changed), greys(nifti(head((10, 12, 14)))))


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


@pytest.mark.parametrize("channels", [3, 4])
@pytest.mark.parametrize("dimensions", [2, 3])
def test_a_vector_of_bytes_is_a_colour_in_nrrd(channels, dimensions):
    values = np.zeros((channels, 20, 10, 5)[: 1 + dimensions], np.uint8)
    values[0], values[1, 10:] = 200, 90
    directions = np.vstack([np.full(dimensions, np.nan), np.eye(dimensions)])
    space = {"space dimension": dimensions, "space directions": directions}
    frames = read(nrrd_file(values, kinds=["vector"] + dimensions * ["domain"], **space))
    assert frames.total == (1 if dimensions == 2 else 5)
    pixels = {frames.images[0].getpixel((x, 0)) for x in (0, 19)}
    assert pixels == {(200, 0, 0), (200, 90, 0)}


def test_a_vector_of_other_numbers_is_no_colour_in_nrrd():
    field = np.stack([head(), -head(), head()])
    content = nrrd_file(field, kinds=["vector", "domain", "domain", "domain"])
    np.testing.assert_array_equal(greys(content), greys(nrrd_file(head())))


@pytest.mark.parametrize(
    "header",
    [
        # As ITK writes it.
        {"space dimension": 4, "space directions": np.eye(4), "kinds": 4 * ["domain"]},
        {"spacings": [1, 1, 1, 2], "kinds": 4 * ["domain"]},
        {"spacings": [1, 1, 1, np.nan]},
        {"kinds": ["space", "space", "space", "time"]},
        {},
    ],
)
def test_time_is_the_last_of_four_axes_of_nrrd(header):
    values = head((10, 12, 14))
    series = np.stack([values, *[np.flip(values)] * 4], axis=-1)
    np.testing.assert_array_equal(greys(nrrd_file(series, **header)), greys(nrrd_file(values)))


@pytest.mark.parametrize(
    "header",
    [
        {
            "space dimension": 3,
            "space directions": np.vstack([np.full(3, np.nan), np.eye(3)]),
            "kinds": ["list", "domain", "domain", "domain"],
        },
        {"spacings": [np.nan, 1, 1, 1], "kinds": ["list", "domain", "domain", "domain"]},
        {"spacings": [np.nan, 1, 1, 1]},
    ],
)
def test_directions_of_diffusion_are_the_first_axis_of_nrrd(header):
    values = head((10, 12, 14))
    series = np.stack([values, *[np.flip(values)] * 4])
    np.testing.assert_array_equal(greys(nrrd_file(series, **header)), greys(nrrd_file(values)))


@pytest.mark.parametrize("field", [b"data file", b"datafile"])
def test_nrrd_never_reads_another_file(tmp_path, field):
    secret = tmp_path / "secret.raw"
    secret.write_bytes(head().tobytes())
    header = (
        b"NRRD0004\ntype: float\ndimension: 3\nsizes: 40 44 48\nencoding: raw\nendian: little\n"
    )
    with pytest.raises(UnreadableImage):
        read(header + field + b": " + bytes(secret) + b"\n\n")
    with pytest.raises(ValueError, match="another file"):
        read_nrrd(header + field + b": " + bytes(secret) + b"\n\n")
