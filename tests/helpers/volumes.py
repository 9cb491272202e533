"""Volumes of a head as NIfTI files, and how they are read."""

import io

import nibabel
import numpy as np

from model.imaging import read_frames

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
