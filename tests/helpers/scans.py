"""Scans as DICOM files, how they are shown, and the greys that viewers show."""

import io

import numpy as np
import pydicom
from PIL import Image

from model.imaging import read_image
from tests.helpers.bad_files import photograph
from tests.helpers.dicom_file import dicom
from tests.helpers.running_app import EXAMPLES

with Image.open(EXAMPLES["brain"]) as opened:
    BRAIN = np.asarray(opened.convert("L").resize((120, 100))).astype(np.int16)
"""Grey levels, 0 to 255."""

HOUNSFIELD = np.where(BRAIN < 8, -1000, BRAIN * 80 // 255).astype(np.int16)
"""Air at -1000, tissue at 0 to 80."""

BRAIN_WINDOW = {"WindowCenter": 40, "WindowWidth": 80}

WITHOUT_WINDOW = np.clip((HOUNSFIELD + 160.0) * 255 / 400, 0, 255)
"""The greys of soft tissue, centre 40 and width 400."""


PHOTO = np.asarray(photograph())

RGB = {"SamplesPerPixel": 3, "PhotometricInterpretation": "RGB", "PlanarConfiguration": 0}


def shown(content, mode="L"):
    """Return what is shown of a file: int array (height, width), or with three channels."""
    return np.asarray(read_image(io.BytesIO(content)).convert(mode)).astype(int)


def item(**values):
    """Make an item of a sequence."""
    dataset = pydicom.Dataset()
    for name, value in values.items():
        setattr(dataset, name, value)
    return dataset


def assert_close(grey, expected, tolerance=3):
    """Check that no grey or colour differs by more than ``tolerance`` levels of 256."""
    assert grey.shape == expected.shape
    assert np.abs(grey - expected).max() <= tolerance


def colours(values, **header):
    """Make a file of RGB values (height, width, 3)."""
    grey = np.zeros(values.shape[:2], values.dtype)
    return dicom(grey, **{**RGB, "PixelData": values.tobytes(), **header})
