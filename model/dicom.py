"""Decode DICOM files as a viewer shows them, without reading anything about the patient."""

import io
import logging
import warnings

import numpy as np
from PIL import Image

from model.decode_limits import MAX_DECODED_BYTES, check_size

# pydicom prints odd values of a file, which may be personal.
warnings.filterwarnings("ignore", module="pydicom")
logging.getLogger("pydicom").setLevel(logging.CRITICAL)

_MAGIC_AT, _MAGIC = 128, b"DICM"

_DEFLATED = b"1.2.840.10008.1.2.1.99"
"""Transfer syntax of a compressed file, which pydicom inflates without a limit on its size."""

_RLE_EXPANDS = 64
"""Largest expansion of run-length encoding, which pydicom does not check against the frame size."""

_PIXEL_TAGS = ("PixelData", "FloatPixelData", "DoubleFloatPixelData")

_TAGS = (
    *("Rows", "Columns", "NumberOfFrames", "SamplesPerPixel", "PhotometricInterpretation"),
    *("PlanarConfiguration", "BitsAllocated", "BitsStored", "HighBit", "PixelRepresentation"),
    *("RescaleSlope", "RescaleIntercept", "ModalityLUTSequence", "VOILUTSequence"),
    *("WindowCenter", "WindowWidth", "VOILUTFunction", "PixelPaddingValue"),
    *("RedPaletteColorLookupTableDescriptor", "RedPaletteColorLookupTableData"),
    *("GreenPaletteColorLookupTableDescriptor", "GreenPaletteColorLookupTableData"),
    *("BluePaletteColorLookupTableDescriptor", "BluePaletteColorLookupTableData"),
    *_PIXEL_TAGS,
)
"""Only these elements are read: the pixels and what is needed to show them."""

_BAND_ROWS = 256
"""Rows are windowed in bands of this height, so that no float64 copy of the whole frame exists."""


class NoPixelData(ValueError):
    """The file has no image, such as a report, or an image whose compression is not supported."""


def is_dicom(file: io.BufferedIOBase) -> bool:
    """Tell whether an open file is DICOM, and rewind it."""
    file.seek(_MAGIC_AT)
    found = file.read(len(_MAGIC)) == _MAGIC
    file.seek(0)
    return found


def read_frame(file: io.BufferedIOBase, max_pixels: int, max_scans: int) -> np.ndarray:
    """Decode the first frame of a DICOM file with the window that the file specifies.

    Lossless JPEG is decoded up to 8 bits. JPEG-LS and deflated files are not supported.

    Args:
        file: an open DICOM file.
        max_pixels: frames that declare more pixels are refused before they are decoded.
        max_scans: JPEG frames with more progressive scans are refused too.

    Returns:
        Grey values of any range, float32 (height, width), higher values lighter; or colours, uint8
        (height, width, 3).

    Raises:
        NoPixelData: there is nothing to decode, or no decoder for it.
        OverflowError: the frame has more pixels than ``max_pixels`` or more scans than
            ``max_scans``, or would take too much memory to decode.
        Exception: any exception of pydicom or its decoders, for a broken file.
    """
    # Imported here, because DICOM is rare and pydicom slow to import.
    import pydicom
    from pydicom.pixels import apply_color_lut, apply_modality_lut, apply_voi_lut

    deflated = _DEFLATED in file.read()
    file.seek(0)
    if deflated:
        raise NoPixelData
    dataset = pydicom.dcmread(file, specific_tags=list(_TAGS))
    if "Rows" not in dataset or not any(name in dataset for name in _PIXEL_TAGS):
        raise NoPixelData
    if dataset.Rows * dataset.Columns > max_pixels:
        raise OverflowError(f"{dataset.Rows} x {dataset.Columns} pixels")
    pixels = _decode(dataset, max_scans)
    if dataset.PhotometricInterpretation == "PALETTE COLOR":
        pixels = apply_color_lut(pixels, dataset)
    if pixels.ndim == 3:
        # Keep the highest byte: colours of more than 8 bits use the whole range of their type.
        return (pixels >> 8 * (pixels.dtype.itemsize - 1)).astype(np.uint8)
    padding = pixels == dataset.get("PixelPaddingValue", np.nan)
    grey = np.empty(pixels.shape, np.float32)
    for top in range(0, len(pixels), _BAND_ROWS):
        band = slice(top, top + _BAND_ROWS)
        values = apply_modality_lut(pixels[band], dataset)
        grey[band] = apply_voi_lut(values, dataset, index=0)
    if padding.any() and not padding.all():
        # Scanners pad with a value far outside the measured range, which would take all contrast.
        grey[padding] = grey[~padding].min()
    return -grey if dataset.PhotometricInterpretation == "MONOCHROME1" else grey


def _decode(dataset, max_scans):
    from pydicom import uid
    from pydicom.encaps import get_frame
    from pydicom.pixels import pixel_array

    syntax = dataset.file_meta.TransferSyntaxUID
    # pydicom and Pillow trust the frame itself, so check it against what the file declares.
    if syntax.is_encapsulated:
        count = dataset.get("NumberOfFrames", 1)
        frame = get_frame(dataset.PixelData, 0, number_of_frames=count)
        if syntax == uid.RLELossless and len(frame) * _RLE_EXPANDS > MAX_DECODED_BYTES:
            raise OverflowError("run lengths")
        if syntax in uid.JPEGTransferSyntaxes and frame.count(b"\xff\xda") > max_scans:
            raise OverflowError("scans")
        if syntax in uid.JPEGTransferSyntaxes + uid.JPEG2000TransferSyntaxes:
            stream = io.BytesIO(frame)
            with Image.open(stream, formats=("JPEG", "JPEG2000")) as image:
                if image.size != (dataset.Columns, dataset.Rows):
                    raise ValueError("the frame size differs from Rows and Columns")
                check_size(image, stream)
                if syntax in (uid.JPEGLossless, uid.JPEGLosslessSV1):
                    # Pillow decodes 8 bits of it, but pydicom does not use Pillow here.
                    return np.asarray(image)
    try:
        return pixel_array(dataset, index=0)
    except RuntimeError as error:  # pydicom has no decoder for it.
        raise NoPixelData from error
