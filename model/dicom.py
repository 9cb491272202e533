"""Read DICOM files as a viewer shows them, without anything about the patient."""

import contextlib
import functools
import io
import logging
import math
import re
import struct
import warnings
import zlib
from collections.abc import Sequence

import numpy as np
from PIL import Image

from model.decode_limits import GREY, MAX_DICOM_PIXELS, MAX_INFLATED_BYTES
from model.dicom_compression import UnsupportedCompression
from model.dicom_pixels import PixelData, PixelFormat
from model.dicom_tables import read_palette, read_table
from model.windowing import Grey, to_8_bits

# pydicom prints odd values of a file, which may be personal.
warnings.filterwarnings("ignore", module="pydicom")
logging.getLogger("pydicom").setLevel(logging.CRITICAL)

_PREAMBLE, _MAGIC = 128, b"DICM"

_DEFLATED, _EXPLICIT = b"1.2.840.10008.1.2.1.99", b"1.2.840.10008.1.2.1\0\0\0"
"""Transfer syntaxes of a compressed file and of the same file inflated."""

_TAGS = (
    *("SOPClassUID", "Modality"),
    *("Rows", "Columns", "NumberOfFrames", "SamplesPerPixel", "PhotometricInterpretation"),
    *("PlanarConfiguration", "BitsAllocated", "BitsStored", "HighBit", "PixelRepresentation"),
    *("RescaleSlope", "RescaleIntercept", "ModalityLUTSequence", "VOILUTSequence"),
    *("WindowCenter", "WindowWidth", "VOILUTFunction"),
    *("PixelPaddingValue", "PixelPaddingRangeLimit"),
    *("SharedFunctionalGroupsSequence", "PerFrameFunctionalGroupsSequence"),
    *(
        f"{prefix}{colour}PaletteColorLookupTable{suffix}"
        for colour in ("Red", "Green", "Blue")
        for prefix, suffix in (("", "Descriptor"), ("", "Data"), ("Segmented", "Data"))
    ),
)
"""Only these elements are read: what is needed to show the pixels."""

_CT_CLASSES = tuple(f"1.2.840.10008.5.1.4.1.1.{number}" for number in ("2", "2.1", "2.2"))

_FIRST_GROUPS = (0x2, 0x8)
"""The groups of elements with which files begin."""

_HEAD = 2**12
"""Bytes in which the transfer syntax is found."""

_WINDOW = ("WindowCenter", "WindowWidth")

_OVERLAY_BIT = 0x60000102
"""Element that says which bit of the pixels contains graphics."""

_PIXEL_GROUP = 0x7FE0

_KINDS = (
    ("dicom_directory", "1.2.840.10008.1.3.10"),
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
"""Names of compressions are shown up to this length; it is that of UIDs, which may be invented."""

_SUPPORTED = re.compile(r"1\.2\.840\.10008\.1\.2\.(4\.([5-9]\d|11[0-2]|20[1-3])|5)$")
"""Transfer syntaxes of JPEG of every kind and of run-length encoding."""


class NoPixelData(ValueError):
    """The file has no image.

    Args:
        kind: what it is instead, a key of ``file_kinds.KINDS``.
    """

    def __init__(self, kind: str):
        super().__init__(kind)
        self.kind = kind


def is_dicom(file: io.BufferedIOBase) -> bool:
    """Tell whether an open file is DICOM, with or without a preamble, and rewind it."""
    file.seek(0)
    head = file.read(_PREAMBLE + len(_MAGIC))
    file.seek(0)
    return head[_PREAMBLE:] == _MAGIC or _begins_with_elements(head)


def _begins_with_elements(head: bytes) -> bool:
    """Tell whether a file without a preamble begins as DICOM does: with two elements in order."""
    for order in "<>":
        elements, position = [], 0
        while len(elements) < 2 and position + 12 <= len(head):
            group, element, type_, length = struct.unpack_from(order + "HH2sH", head, position)
            elements.append((group, element))
            position += 8
            if not (type_.isalpha() and type_.isupper()):
                (length,) = struct.unpack_from(order + "L", head, position - 4)
            elif type_ in (b"OB", b"SQ", b"UN", b"UT"):
                (length,) = struct.unpack_from(order + "L", head, position)
                position += 4
            position += length
        if len(elements) == 2 and elements[0] < elements[1]:
            return all(group in _FIRST_GROUPS for group, _ in elements)
    return False


class DicomFile:
    """An open DICOM file, of which frames are read one at a time.

    Args:
        file: must stay open.

    Attributes:
        number_of_frames: how many frames the file contains.
        frame_pixels: how many pixels each of them has.

    Raises:
        NoPixelData: the file has no image.
        OverflowError: its frames have too many pixels, or it would be too large unpacked.
        Exception: any exception of pydicom, for a broken file.
    """

    def __init__(self, file: io.BufferedIOBase):
        # Imported here, because DICOM is rare and pydicom slow to import.
        from pydicom import config, filereader
        from pydicom.tag import Tag

        config.settings.reading_validation_mode = config.IGNORE
        file = _inflated(file)
        self._dataset = filereader.read_partial(
            file,
            stop_when=lambda tag, *_: tag.group >= _PIXEL_GROUP,
            force=True,
            specific_tags=[Tag(tag) for tag in (*_TAGS, _OVERLAY_BIT)],
        )
        self._format = format = self._read_format()
        if format.rows * format.columns > MAX_DICOM_PIXELS:
            raise OverflowError(f"{format.rows} x {format.columns} pixels")
        try:
            if not format.rows * format.columns:
                raise EOFError
            frames = _number(self._dataset, "NumberOfFrames", 1)
            self._pixels = PixelData(file, format, max(1, int(frames)))
        except EOFError as error:
            raise NoPixelData(self._kind()) from error
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
        if stored.ndim == 3 and stored.shape[2] < 3:
            stored = stored[..., 0]
        palette = []
        if self._format.photometric.startswith("PALETTE"):
            palette = read_palette(self._dataset, self._order())
        if stored.ndim == 3:
            shown = self._colours(self._used_bits(stored), is_rgb)
        elif palette:
            shown = np.stack([_to_8_bits(table(stored), table.bits) for table in palette], axis=-1)
        else:
            stored = self._used_bits(stored)
            shown = to_8_bits(stored, self._grey(index, stored.dtype))
        if missing := self._pixels.missing_rows(len(shown)):
            rows = np.full((missing, *shown.shape[1:]), GREY, np.uint8)
            shown = np.concatenate([shown, rows])
        return shown

    def _kind(self) -> str:
        """Name what a file without an image is."""
        classes = (self._dataset.get("SOPClassUID"), self._meta("MediaStorageSOPClassUID"))
        for kind, beginning in _KINDS:
            if any(str(uid or "").startswith(beginning) for uid in classes):
                return kind
        return "dicom_empty"

    def _meta(self, keyword: str) -> str:
        return str(self._dataset.file_meta.get(keyword) or "")

    def _compression(self) -> str:
        """Name the transfer syntax of the pixels."""
        from pydicom.uid import UID

        return re.sub(r"[^\w .,()/-]", "", UID(self._format.syntax).name)[:_NAME_LENGTH] or "?"

    def _order(self) -> str:
        return "<" if self._dataset.original_encoding[1] else ">"

    def _read_format(self) -> PixelFormat:
        number = functools.partial(_number, self._dataset)
        samples = int(number("SamplesPerPixel", 1))
        photometric = str(_value(self._dataset, "PhotometricInterpretation") or "").strip().upper()
        return PixelFormat(
            rows=int(number("Rows", 0)),
            columns=int(number("Columns", 0)),
            samples=samples if samples in (1, 3, 4) else 1,
            allocated=int(number("BitsAllocated", 16)),
            signed=number("PixelRepresentation", 0) == 1,
            planar=number("PlanarConfiguration", 0) == 1,
            photometric=photometric or ("RGB" if samples == 3 else "MONOCHROME2"),
            syntax=self._meta("TransferSyntaxUID"),
        )

    def _used_bits(self, stored: np.ndarray) -> np.ndarray:
        """Remove the bits that the file does not use, and extend the sign."""
        size = 8 * stored.dtype.itemsize
        if stored.dtype.kind == "f" or (stored.dtype.kind == "i" and not self._format.signed):
            return stored  # JPEG 2000 says itself that its values are signed.
        used = int(_number(self._dataset, "BitsStored", size))
        used = used if 0 < used <= size else size
        high = int(_number(self._dataset, "HighBit", used - 1))
        bits = stored.view(f"u{size // 8}")
        if used <= high < size and bits.max() >> used:
            bits = bits >> (high + 1 - used)  # Aligned to the left.
        if _OVERLAY_BIT in self._dataset:
            bits = bits & bits.dtype.type(2**used - 1)
        if not self._format.signed:
            return bits
        values = bits.view(f"i{size // 8}")
        # Some files extend the sign of a part of their values or of none, others use further bits.
        if -(2 ** (used - 1)) <= values.min() and values.max() < 2**used:
            return values << (size - used) >> (size - used)
        return values

    def _colours(self, stored: np.ndarray, is_rgb: bool) -> np.ndarray:
        used = max(8, int(_number(self._dataset, "BitsStored", 8)))
        highest = int(stored.max())
        # Files that declare 16 bits may hold 8 or 12 of them.
        if not 2 ** (used - 2) <= highest < 2**used:
            used = max(8, highest.bit_length())
        colours = _to_8_bits(stored, used)
        photometric = self._format.photometric
        if colours.shape[2] == 4:
            if photometric == "CMYK":
                return np.asarray(Image.fromarray(colours, "CMYK").convert("RGB"))
            colours = colours[..., 1:] if photometric == "ARGB" else colours[..., :3]
        if photometric.startswith(("YBR_FULL", "YBR_PARTIAL")) and not is_rgb:
            image = Image.frombuffer("YCbCr", colours.shape[1::-1], np.ascontiguousarray(colours))
            return np.asarray(image.convert("RGB"))
        return np.ascontiguousarray(colours)

    def _grey(self, index: int, dtype: np.dtype) -> Grey:
        """Collect how a frame is to be shown, from its functional groups first."""
        dataset, order = self._dataset, self._order()
        voi = self._source(index, "FrameVOILUTSequence", "WindowWidth")
        rescale = self._source(index, "PixelValueTransformationSequence", "RescaleSlope")
        modality = _value(dataset, "Modality")
        return Grey(
            # A slope of 0 would leave nothing to show.
            slope=_number(rescale, "RescaleSlope", 1) or 1,
            intercept=_number(rescale, "RescaleIntercept", 0),
            modality_table=read_table(_value(dataset, "ModalityLUTSequence"), order),
            voi_table=read_table(_value(dataset, "VOILUTSequence"), order),
            windows=tuple(zip(*map(functools.partial(_numbers, voi), _WINDOW), strict=False)),
            function=str(_value(voi, "VOILUTFunction") or "").strip().upper(),
            inverted=self._format.photometric == "MONOCHROME1",
            padding=self._padding(dtype),
            is_ct=modality == "CT" or (not modality and self._is_ct_class()),
        )

    def _is_ct_class(self) -> bool:
        return str(_value(self._dataset, "SOPClassUID")) in _CT_CLASSES

    def _source(self, index: int, sequence: str, keyword: str):
        """Return the dataset that has an element: a group of the frame, of all, or the file."""
        frames = _value(self._dataset, "PerFrameFunctionalGroupsSequence") or []
        shared = _value(self._dataset, "SharedFunctionalGroupsSequence") or []
        for groups in (*frames[index : index + 1], *shared[:1]):
            for item in _value(groups, sequence) or ():
                if _numbers(item, keyword):
                    return item
        return self._dataset

    def _padding(self, dtype: np.dtype) -> tuple[float, float] | None:
        value = _number(self._dataset, "PixelPaddingValue", None)
        if value is None:
            return None
        limit = _number(self._dataset, "PixelPaddingRangeLimit", value)
        if dtype.kind in "iu":
            # The file may not say whether these are signed.
            used = int(_number(self._dataset, "BitsStored", 16))
            value, limit = (_wrap(int(number), dtype, used) for number in (value, limit))
        return min(value, limit), max(value, limit)


def _inflated(file: io.BufferedIOBase) -> io.BufferedIOBase:
    """Return a file, uncompressed if its transfer syntax is the compressed one."""
    head = file.read(_HEAD)
    file.seek(0)
    if _DEFLATED not in head:
        return file
    start = _PREAMBLE + len(_MAGIC) if head[_PREAMBLE:].startswith(_MAGIC) else 0
    while head[start : start + 2] == b"\2\0":
        type_, length = struct.unpack_from("<2sH", head, start + 4)
        start += 8
        if type_ in (b"OB", b"UN"):
            (length,) = struct.unpack_from("<L", head, start)
            start += 4
        start += length
    content = file.read()
    inflate = zlib.decompressobj(-zlib.MAX_WBITS)
    inflated = inflate.decompress(content[start:], MAX_INFLATED_BYTES)
    if inflate.unconsumed_tail:
        raise OverflowError(f"more than {MAX_INFLATED_BYTES} bytes")
    return io.BytesIO(content[:start].replace(_DEFLATED, _EXPLICIT) + inflated)


def _to_8_bits(values: np.ndarray, bits: int) -> np.ndarray:
    return (values >> (bits - 8)).astype(np.uint8)


def _wrap(number: int, dtype: np.dtype, used: int) -> int:
    """Return the value of the same bits that a type can have."""
    limits = np.iinfo(dtype)
    if number < limits.min:
        return number + 2**used
    return number - 2 ** (8 * dtype.itemsize) if number > limits.max else number


def _value(dataset, keyword: str):
    """Return the value of an element, None if there is none that can be read."""
    try:
        return dataset.get(keyword)
    except Exception:  # Values that are not of their type.
        return None


def _numbers(dataset, keyword: str) -> list[float]:
    """Return the numbers of an element that are finite."""
    value = _value(dataset, keyword)
    values = value if isinstance(value, Sequence) and not isinstance(value, str) else [value]
    numbers = []
    for entry in values:
        with contextlib.suppress(TypeError, ValueError):
            numbers.append(float(entry))
    return [number for number in numbers if math.isfinite(number)]


def _number(dataset, keyword: str, default: float | None) -> float | None:
    """Return the first number of an element."""
    return next(iter(_numbers(dataset, keyword)), default)
