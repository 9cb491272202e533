"""Make DICOM files as a scanner would write them."""

import io

import numpy as np
import pydicom
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian


def dicom(grey: np.ndarray, **values) -> bytes:
    """Make a single-frame CT file with a patient's name.

    Args:
        grey: integers (height, width).
        **values: further elements of the file, or its ``preamble`` or transfer ``syntax``.
    """
    dataset = pydicom.Dataset()
    dataset.preamble = values.pop("preamble", bytes(128))
    dataset.file_meta = pydicom.dataset.FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = values.pop("syntax", ExplicitVRLittleEndian)
    dataset.file_meta.MediaStorageSOPClassUID = CTImageStorage
    dataset.file_meta.MediaStorageSOPInstanceUID = "1.2.3"
    dataset.SOPClassUID, dataset.SOPInstanceUID = CTImageStorage, "1.2.3"
    dataset.PatientName, dataset.PatientID = "Doe^Jane", "0815"
    dataset.Rows, dataset.Columns = grey.shape
    dataset.SamplesPerPixel, dataset.PhotometricInterpretation = 1, "MONOCHROME2"
    dataset.BitsAllocated = dataset.BitsStored = grey.dtype.itemsize * 8
    dataset.HighBit = dataset.BitsStored - 1
    dataset.PixelRepresentation = int(grey.dtype.kind == "i")
    dataset.PixelData = grey.tobytes()
    for name, value in values.items():
        setattr(dataset, name, value)
    file = io.BytesIO()
    dataset.save_as(file, enforce_file_format=True)
    return file.getvalue()
