"""FreeSurfer's volumes have the slices of NIfTI files."""

import gzip

import nibabel
import numpy as np
import pytest

from model.batch_predict import find_images
from model.decoding.volumes import MAX_BYTES
from tests.helpers.refusals import refused
from tests.helpers.volumes import greys, head, nifti, stored


def mgh(values, affine=None):
    return nibabel.MGHImage(values, np.eye(4) if affine is None else affine).to_bytes()


@pytest.mark.parametrize("axes", ["LIA", "RAS", "PSR"])
@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.int32, np.float32])
def test_mgh_has_the_slices_of_nifti(axes, dtype):
    values, affine = stored(np.rint(head((10, 12, 14))).astype(dtype), axes)
    expected = greys(nifti(values, affine))
    for content in (mgh(values, affine), gzip.compress(mgh(values, affine))):
        np.testing.assert_array_equal(greys(content), expected)


def test_mgh_may_have_no_orientation_and_several_volumes():
    content = bytearray(mgh(np.stack([head(), 0 * head()], axis=-1)))
    content[28:30] = bytes(2)  # The flag of the orientation.
    assert greys(content).shape[1:] == (48, 40)  # Then the second axis points downwards.


def test_mgh_without_orientation_has_coronal_slices():
    values, affine = stored(head((10, 12, 14)), "LIA")
    content = bytearray(mgh(values, affine))
    content[28:30] = bytes(2)
    content[30:90] = bytes(range(60))  # Numbers without a meaning.
    np.testing.assert_array_equal(greys(content), greys(nifti(values, affine)))


def test_mgh_is_found_in_a_folder(tmp_path):
    for name in ("brain.mgh", "no ending"):
        (tmp_path / name).write_bytes(mgh(head()))
    for name in ("brain.mgz", "brain.mgh.gz"):
        (tmp_path / name).write_bytes(gzip.compress(mgh(head())))
    found, _ = find_images([tmp_path])
    assert len(found) == 4


def test_mgh_that_is_cut_or_unpacks_to_much_is_refused():
    content = mgh(head())
    assert refused(content[:9999]).reason == "damaged"
    assert refused(gzip.compress(content + bytes(MAX_BYTES))).reason == "too_large"
