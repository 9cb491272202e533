"""A DICOM file -> the pixels a viewer would show. Nothing about the patient is read from it."""

import io
import logging
import warnings

import numpy as np
from PIL import Image

from model.decode_limits import MAX_DECODED_BYTES, refuse_what_is_too_large

# It repeats values of the file when it finds them odd.
warnings.filterwarnings("ignore", module="pydicom")
logging.getLogger("pydicom").setLevel(logging.CRITICAL)

_MAGIC_AT, _MAGIC = 128, b"DICM"

_DEFLATED = b"1.2.840.10008.1.2.1.99"
"""Says that all of a file is compressed, which pydicom undoes whatever size it declares."""

_RLE_EXPANDS = 64
"""What run lengths may grow by, which pydicom lets them whatever size the file declares."""

_PIXELS = ("PixelData", "FloatPixelData", "DoubleFloatPixelData")

_TAGS = (
    *("Rows", "Columns", "NumberOfFrames", "SamplesPerPixel", "PhotometricInterpretation"),
    *("PlanarConfiguration", "BitsAllocated", "BitsStored", "HighBit", "PixelRepresentation"),
    *("RescaleSlope", "RescaleIntercept", "ModalityLUTSequence", "VOILUTSequence"),
    *("WindowCenter", "WindowWidth", "VOILUTFunction", "PixelPaddingValue"),
    *("RedPaletteColorLookupTableDescriptor", "RedPaletteColorLookupTableData"),
    *("GreenPaletteColorLookupTableDescriptor", "GreenPaletteColorLookupTableData"),
    *("BluePaletteColorLookupTableDescriptor", "BluePaletteColorLookupTableData"),
    *_PIXELS,
)
"""All that is read of a file: what its pixels need."""

_BAND_ROWS = 256
"""Rows that are windowed at a time, so that no intermediate value exists for a whole frame."""


class NoPixels(ValueError):
    """The file holds no picture, such as a report, or one whose compression is not supported."""


def is_dicom(file: io.BufferedIOBase) -> bool:
    """Whether an open file says that it is DICOM; it is left at its beginning."""
    file.seek(_MAGIC_AT)
    found = file.read(len(_MAGIC)) == _MAGIC
    file.seek(0)
    return found


def read_frame(file: io.BufferedIOBase, max_pixels: int, max_scans: int) -> np.ndarray:
    """Decode the first frame of a DICOM file, windowed as the file asks for.

    Lossless JPEG is decoded up to 8 bits; JPEG-LS and deflated files are not.

    Args:
        file: an open DICOM file.
        max_pixels: frames that declare more are refused before they are decoded.
        max_scans: so are JPEG frames, progressive by mistake or malice, of more scans.

    Returns:
        Grey values of any range, float32 (height, width), light where the picture is light; or
        colours, uint8 (height, width, 3).

    Raises:
        NoPixels: there is nothing to decode, or no decoder for it.
        OverflowError: the frame is larger than ``max_pixels``, or has more than ``max_scans``.
        Exception: whatever pydicom and its decoders stumble over in a broken file.
    """
    # DICOM is rare and pydicom takes a while to import.
    import pydicom
    from pydicom.pixels import apply_color_lut, apply_modality_lut, apply_voi_lut

    deflated = _DEFLATED in file.read()
    file.seek(0)
    if deflated:
        raise NoPixels
    dataset = pydicom.dcmread(file, specific_tags=list(_TAGS))
    if "Rows" not in dataset or not any(name in dataset for name in _PIXELS):
        raise NoPixels
    if dataset.Rows * dataset.Columns > max_pixels:
        raise OverflowError(f"{dataset.Rows} x {dataset.Columns} pixels")
    pixels = _decode(dataset, max_scans)
    if dataset.PhotometricInterpretation == "PALETTE COLOR":
        pixels = apply_color_lut(pixels, dataset)
    if pixels.ndim == 3:
        # Colours of more than 8 bits use all of them.
        return (pixels >> 8 * (pixels.dtype.itemsize - 1)).astype(np.uint8)
    padding = pixels == dataset.get("PixelPaddingValue", np.nan)
    grey = np.empty(pixels.shape, np.float32)
    for top in range(0, len(pixels), _BAND_ROWS):
        band = slice(top, top + _BAND_ROWS)
        values = apply_modality_lut(pixels[band], dataset)
        grey[band] = apply_voi_lut(values, dataset, index=0)
    if padding.any() and not padding.all():
        # A scanner marks what it did not see with a value far outside of what it saw.
        grey[padding] = grey[~padding].min()
    return -grey if dataset.PhotometricInterpretation == "MONOCHROME1" else grey


def _decode(dataset, max_scans):
    from pydicom import uid
    from pydicom.encaps import get_frame
    from pydicom.pixels import pixel_array

    syntax = dataset.file_meta.TransferSyntaxUID
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
                    raise ValueError("the frame is of another size than the file says")
                refuse_what_is_too_large(image, stream)
                if syntax in (uid.JPEGLossless, uid.JPEGLosslessSV1):
                    # Of 8 bits, which pydicom leaves to other decoders than Pillow's.
                    return np.asarray(image)
    try:
        return pixel_array(dataset, index=0)
    except RuntimeError as error:  # None of pydicom's decoders took it.
        raise NoPixels from error
