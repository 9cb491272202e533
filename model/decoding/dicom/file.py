"""Read DICOM files as a viewer shows them, without anything about the patient."""

import functools
import io
import logging
import re
import warnings

import numpy as np

from model.decoding.dicom.compression import UnsupportedCompression
from model.decoding.dicom.display import OVERLAY_BITS, Display
from model.decoding.dicom.elements import number_of, value_of
from model.decoding.dicom.pixel_element import PIXEL_GROUP
from model.decoding.dicom.pixel_format import PixelFormat
from model.decoding.dicom.pixels import PixelData
from model.decoding.dicom.recognition import DICOMDIR_CLASS, inflated
from model.decoding.limits import GREY, MAX_DICOM_PIXELS

# pydicom prints odd values of a file, which may be personal.
warnings.filterwarnings("ignore", module="pydicom")
logging.getLogger("pydicom").setLevel(logging.CRITICAL)

_TAGS = (
    *("MediaStorageSOPClassUID", "SOPClassUID", "Modality"),
    *("Rows", "Columns", "NumberOfFrames", "SamplesPerPixel", "PhotometricInterpretation"),
    *("PlanarConfiguration", "BitsAllocated", "BitsStored", "HighBit", "PixelRepresentation"),
    *("RescaleSlope", "RescaleIntercept", "ModalityLUTSequence", "VOILUTSequence"),
    *("WindowCenter", "WindowWidth", "VOILUTFunction", "PixelIntensityRelationship"),
    *(
        f"{prefix}PixelPadding{suffix}"
        for prefix in ("", "Float", "DoubleFloat")
        for suffix in ("Value", "RangeLimit")
    ),
    *("SharedFunctionalGroupsSequence", "PerFrameFunctionalGroupsSequence"),
    *("FrameVOILUTSequence", "PixelValueTransformationSequence", "LUTDescriptor", "LUTData"),
    *(
        f"{prefix}{colour}PaletteColorLookupTable{suffix}"
        for colour in ("Red", "Green", "Blue")
        for prefix, suffix in (("", "Descriptor"), ("", "Data"), ("Segmented", "Data"))
    ),
    *OVERLAY_BITS,
)
"""Elements that are read: only those that are needed to show the pixels."""

_PIXELS = PIXEL_GROUP << 16
"""Tag at which headers end."""

_KINDS = (
    ("dicom_directory", DICOMDIR_CLASS),
    ("dicom_document", "1.2.840.10008.5.1.4.1.1.104."),
    ("dicom_presentation", "1.2.840.10008.5.1.4.1.1.11."),
    ("dicom_report", "1.2.840.10008.5.1.4.1.1.88."),
    ("dicom_waveform", "1.2.840.10008.5.1.4.1.1.9."),
    ("dicom_plan", "1.2.840.10008.5.1.4.1.1.481."),
)
"""Kinds of file without an image, by the beginning of the UID of their class."""

_VIDEO = re.compile(r"1\.2\.840\.10008\.1\.2\.4\.10[0-8](\.1)?$")
"""Transfer syntaxes of MPEG-2, MPEG-4 and HEVC."""

_NAME_LENGTH = 64
"""Maximum length of the name of a compression, as of a UID, which may be invented."""

_SUPPORTED = re.compile(r"1\.2\.840\.10008\.1\.2(\.(4\.([5-9]\d|11[0-2]|20[1-3])|[125]))?$")
"""Transfer syntaxes without compression, of JPEG of every kind and of run-length encoding."""


class NoPixelData(ValueError):
    """The file has no image.

    Args:
        kind: the kind of file, a key of ``file_kinds.KINDS``.
    """

    def __init__(self, kind: str):
        super().__init__(kind)
        self.kind = kind


class DicomFile:
    """An open DICOM file whose frames are read one at a time.

    Args:
        file: must stay open.

    Attributes:
        number_of_frames: how many frames the file contains.
        frame_pixels: how many pixels each of them has.

    Raises:
        NoPixelData: the file has no image.
        OverflowError: its frames have too many pixels, or it would be too large unpacked.
        DecoderTimeout: its header has too many elements.
        Exception: any exception of pydicom, for a broken file.
    """

    def __init__(self, file: io.BufferedIOBase):
        # Imported here, because DICOM is rare and pydicom slow to import.
        from model.decoding.dicom.header import HeaderReader

        file = inflated(file)
        self._dataset = HeaderReader(_TAGS, _PIXELS).read(file)
        next_bytes = file.read(8)
        file.seek(-len(next_bytes), io.SEEK_CUR)
        self._format = format = self._read_format()
        self._display = Display(self._dataset, format)
        if format.rows * format.columns > MAX_DICOM_PIXELS:
            raise OverflowError(f"{format.rows} x {format.columns} pixels")
        try:
            if not format.rows * format.columns:
                raise EOFError
            frames = number_of(self._dataset, "NumberOfFrames", 1)
            self._pixels = PixelData(file, format, max(1, int(frames)))
        except EOFError as error:
            kind = self._kind()
            if kind == "dicom_empty" and next_bytes == bytes(8):
                raise ValueError("zeros, as after an interrupted download") from error
            raise NoPixelData(kind) from error
        self.number_of_frames = self._pixels.frames
        self.frame_pixels = format.rows * format.columns

    def read_frame(self, index: int) -> np.ndarray:
        """Decode a frame with the window that the file specifies for it, or a suitable one.

        Args:
            index: counted from 0.

        Returns:
            uint8 (height, width), or (height, width, 3) of colours. Rows that are missing at the
            end are grey.

        Raises:
            NoPixelData: the pixels are a video.
            UnsupportedCompression: there is no decoder for the compression that it names.
            OverflowError: decoding would take too much memory or time.
            Exception: any exception of a decoder, for a broken file.
        """
        try:
            stored, is_rgb = self._pixels.stored_values(index)
        except UnsupportedCompression as error:
            if _VIDEO.match(self._format.syntax):
                raise NoPixelData("video") from error
            if _SUPPORTED.match(self._format.syntax):
                raise ValueError("the frame does not begin as its compression does") from error
            raise UnsupportedCompression(self._compression()) from error
        shown = self._display.show(index, stored, is_rgb)
        if missing := self._pixels.missing_rows(len(shown)):
            rows = np.full((missing, *shown.shape[1:]), GREY, np.uint8)
            shown = np.concatenate([shown, rows])
        return shown

    def _kind(self) -> str:
        """Name the kind of a file without an image."""
        classes = (self._uid("SOPClassUID"), self._uid("MediaStorageSOPClassUID"))
        for kind, beginning in _KINDS:
            if any(uid.startswith(beginning) for uid in classes):
                return kind
        return "dicom_empty"

    def _uid(self, keyword: str) -> str:
        return str(value_of(self._dataset, keyword) or "")

    def _compression(self) -> str:
        """Name the transfer syntax of the pixels."""
        from pydicom.uid import UID

        return re.sub(r"[^\w .,()/-]", "", UID(self._format.syntax).name)[:_NAME_LENGTH] or "?"

    def _read_format(self) -> PixelFormat:
        number = functools.partial(number_of, self._dataset)
        samples = int(number("SamplesPerPixel", 1))
        photometric = (
            str(value_of(self._dataset, "PhotometricInterpretation") or "").strip().upper()
        )
        return PixelFormat(
            rows=int(number("Rows", 0)),
            columns=int(number("Columns", 0)),
            samples=samples if samples in (1, 3, 4) else 1,
            allocated=int(number("BitsAllocated", 16)),
            signed=number("PixelRepresentation", 0) == 1,
            planar=number("PlanarConfiguration", 0) == 1,
            photometric=photometric or ("RGB" if samples == 3 else "MONOCHROME2"),
            syntax=self._uid("TransferSyntaxUID"),
        )
