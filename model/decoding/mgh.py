"""Read slices of FreeSurfer volumes (.mgh, .mgz); called in the decoder process."""

import numpy as np

from model.decoding.archives import gunzip
from model.decoding.volumes import MAX_BYTES, chosen_slices

_DATA_OFFSET = 284
"""Size of the header, in bytes, the same in all files."""


def read_mgz(data: bytes) -> list[np.ndarray]:
    """Read slices of an MGH file that is packed by gzip, as ``read_mgh`` does."""
    return read_mgh(gunzip(data, MAX_BYTES))


def read_mgh(data: bytes) -> list[np.ndarray]:
    """Read slices of an MGH file, as ``nifti.read_nifti`` does."""
    from nibabel.freesurfer.mghformat import MGHHeader

    header = MGHHeader(bytes(data[:_DATA_OFFSET]), check=False)
    dtype = header.get_data_dtype().newbyteorder(">")
    values = np.ndarray(header.get_data_shape(), dtype, data, _DATA_OFFSET, order="F")
    return chosen_slices(values, header.get_affine())
