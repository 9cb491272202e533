"""Read slices of NIfTI volumes; called in the decoder process."""

import contextlib

import numpy as np

from model.decoding.archives import gunzip
from model.decoding.volumes import COLOURS, MAX_BYTES, chosen_slices, is_affine

_COLOUR_SHAPES = ((1, 3), (1, 4))
"""Sizes of the axes after the third in files of ITK, which stores colours as vectors of bytes;
other programs have a type for them."""

_ROUNDING = 1e-4
"""Maximum error of the squared length of a quaternion, whose numbers are rounded."""


def read_packed_nifti(data: bytes) -> list[np.ndarray]:
    """Read slices of a NIfTI file that is packed by gzip, as ``read_nifti`` does."""
    return read_nifti(gunzip(data, MAX_BYTES))


def read_nifti(data: bytes) -> list[np.ndarray]:
    """Read slices of a NIfTI file, upright and as radiologists orient them.

    Args:
        data: the file, unpacked.

    Returns:
        The slices, as ``frames.pack`` returns them: grey or colours.

    Raises:
        Exception: any exception of nibabel or numpy, for a broken file.
    """
    import nibabel

    version = nibabel.Nifti1Header if data[344:348] == b"n+1\0" else nibabel.Nifti2Header
    # Skip the extensions that may follow it, which may be broken.
    header = version(bytes(data[: version.template_dtype.itemsize]), check=False)
    first, *others = header.get_data_shape()
    values = np.ndarray(
        (first, *(max(1, size) for size in others)),  # Some files have 0 for a missing axis.
        header.get_data_dtype(),
        buffer=data,
        offset=max(int(header.get_data_offset()), header.single_vox_offset),
        order="F",
    )
    if values.dtype == np.uint8 and values.shape[3:] in _COLOUR_SHAPES:
        values = np.ascontiguousarray(values[..., 0, :3]).view(COLOURS)[..., 0]
    slope, intercept = float(header["scl_slope"]), float(header["scl_inter"])
    if not slope or not np.isfinite(slope):
        slope, intercept = 1, 0
    return chosen_slices(values, _affine(header), slope, np.nan_to_num(intercept, posinf=0))


def _affine(header) -> np.ndarray:
    """Return the matrix from voxels to millimetres; at least its scale is right."""
    from nibabel.spatialimages import HeaderDataError

    # Only a negative first number flips the volume, and sizes have no sign.
    flip, *sizes = header["pixdim"]
    header["pixdim"] = [-1 if flip < 0 else 1, *np.abs(sizes)]
    header.quaternion_threshold = _ROUNDING  # nibabel refuses lengths from 1.0000002 by default.
    for code, read in (("sform_code", header.get_sform), ("qform_code", header.get_qform)):
        with contextlib.suppress(HeaderDataError, ValueError):
            if header[code] and is_affine(affine := read()):
                return affine
    return header.get_base_affine()
