"""Choose slices of volumes, orient them and make them grey; called in the decoder process."""

import numpy as np

from model.decoding.dicom.windowing import AIR, CT_WINDOW, PERCENTILES
from model.decoding.frames import Frames, choose, is_blank, pack

MAX_BYTES = 192 * 2**20
"""Maximum size of an unpacked volume; 256 x 256 x 256 values of 8 bytes are 128 MiB."""

ANISOTROPIC = 1.5
"""Minimum ratio of slice distance to pixel size of a volume that is shown in its own slices; others
are shown in axial ones."""

CT_RANGE = (CT_WINDOW[0] - CT_WINDOW[1] / 2, CT_WINDOW[0] + CT_WINDOW[1] / 2)
"""The Hounsfield units shown as black and white, as for DICOM without a window."""

LOWEST = -3200
"""Volumes whose first percentile is above this number and below ``AIR`` are CT in Hounsfield units.
The surroundings of the scanned circle may be at -3024; phase images of MRI reach down to -4096."""

FAT = -120
"""Hounsfield units of the darkest tissue; CT without tissue, such as a part of a lung, would be
black in ``CT_RANGE``."""

COLOURS = np.dtype([("red", "u1"), ("green", "u1"), ("blue", "u1")])
"""Type of voxels that are colours."""


def chosen_slices(
    values: np.ndarray, affine: np.ndarray, slope: float = 1.0, intercept: float = 0.0
) -> list[np.ndarray]:
    """Choose slices of a volume, orient them and map them to grey by one scale.

    Args:
        values: (i, j), (i, j, k) or more dimensions, numbers or colours.
        affine: (4, 4), maps voxels to millimetres to the right, forward and up.
        slope: factor of stored numbers.
        intercept: added after ``slope``.
    """
    import nibabel

    if not values.size:
        raise ValueError("no values")
    while values.ndim > 3:
        # The first volume of a diffusion series has most contrast, that of a dynamic one may be
        # empty.
        first, middle = values[..., 0], values[..., values.shape[-1] // 2]
        values = first if _varies(first) else middle
    values = values[(...,) + (None,) * (3 - values.ndim)]
    if not is_affine(affine):
        affine = np.eye(4)
    orientation = nibabel.io_orientation(affine)
    spacing = np.empty(3)
    spacing[orientation[:, 0].astype(int)] = nibabel.affines.voxel_sizes(affine)
    # Now the axes point to the right, forward and up.
    values = nibabel.apply_orientation(values, orientation)
    across = int(spacing.argmax()) if spacing.max() > ANISOTROPIC * np.median(spacing) else 2
    if 1 in values.shape:
        across = values.shape.index(1)
    # The last axis in the plane is drawn upwards, the other from right to left: a patient who faces
    # the viewer, or looks to the left.
    planes = np.moveaxis(values, across, 0)[:, ::-1, ::-1]

    def read(index: int) -> np.ndarray:
        plane = planes[index].T
        if plane.dtype.names:
            return np.stack([plane[name] for name in plane.dtype.names[:3]], axis=-1)
        if np.iscomplexobj(plane):
            plane = np.abs(plane)
        return plane.astype(np.float32) * np.float32(slope) + np.float32(intercept)

    def is_certainly_blank(plane: np.ndarray) -> bool:
        # Others may be blank by the scale of all planes, which is not known yet.
        return bool((plane == plane.flat[0]).all() or not np.isfinite(plane).any())

    frames = choose(read, len(planes), blank=is_certainly_blank)
    images = _scale(frames.images)
    kept = [i for i, image in enumerate(images) if not is_blank(image)] or [0]
    indices = [frames.indices[i] for i in kept]
    return pack(Frames([images[i] for i in kept], indices, frames.total))


def is_affine(matrix: np.ndarray) -> bool:
    """Tell whether a matrix (4, 4) maps the axes of a volume to three directions."""
    axes = matrix[:3, :3]
    return bool(np.isfinite(axes).all() and np.linalg.matrix_rank(axes) == 3)


def _varies(values: np.ndarray) -> bool:
    """Tell whether some values differ, other than NaN, which may surround a brain."""
    channels = [values[name] for name in values.dtype.names or ()] or [values]
    return any(np.fmin.reduce(x, axis=None) < np.fmax.reduce(x, axis=None) for x in channels)


def _scale(planes: list[np.ndarray]) -> list[np.ndarray]:
    """Map values to 0..255 by the same scale in all slices."""
    if planes[0].dtype == np.uint8:
        return planes
    values = np.concatenate([plane[np.isfinite(plane)] for plane in planes])
    if not values.size:
        raise ValueError("no finite value")
    darkest, *percentiles = np.percentile(values, (1, *PERCENTILES))
    is_ct = LOWEST < darkest < AIR and percentiles[1] > FAT
    low, high = CT_RANGE if is_ct else percentiles
    if high <= low:
        low, high = values.min(), values.max()
    scale = 255 / (high - low) if high > low else 0
    return [
        np.rint((np.nan_to_num(plane, nan=low) - low) * scale).clip(0, 255).astype(np.uint8)
        for plane in planes
    ]
