"""Read slices of FreeSurfer volumes (.mgh, .mgz); called in the decoder process."""

import numpy as np

from model.decoding.archives import gunzip
from model.decoding.volumes import MAX_BYTES, chosen_slices

_DATA_OFFSET = 284
"""Size of the header, in bytes, the same in all files."""

_HAS_ORIENTATION = slice(28, 30)
"""Position of the flag that is 0 if the header has no orientation."""


def read_mgz(data: bytes) -> list[np.ndarray]:
    """Read slices of an MGH file that is packed by gzip, as ``read_mgh`` does."""
    return read_mgh(gunzip(data, MAX_BYTES))


def read_mgh(data: bytes) -> list[np.ndarray]:
    """Read slices of an MGH file, as ``nifti.read_nifti`` does."""
    from nibabel.freesurfer.mghformat import MGHHeader

    header = MGHHeader(bytes(data[:_DATA_OFFSET]), check=False)
    dtype = header.get_data_dtype().newbyteorder(">")
    values = np.ndarray(header.get_data_shape(), dtype, data, _DATA_OFFSET, order="F")
    # FreeSurfer takes slices without orientation for coronal ones, as its surfaces do; nibabel's
    # default would turn them upside down.
    affine = header.get_affine() if any(data[_HAS_ORIENTATION]) else header.get_vox2ras_tkr()
    return chosen_slices(values, affine)
