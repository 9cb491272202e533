"""Map the stored values of a DICOM frame to grey levels or colours, as the file says."""

import functools
import itertools

import numpy as np
from PIL import Image

from model.decoding.dicom.elements import number_of, numbers_of, value_of
from model.decoding.dicom.pixel_format import PixelFormat
from model.decoding.dicom.tables import read_palette, read_table
from model.decoding.dicom.windowing import Grey, to_8_bits

_CT_CLASSES = tuple(f"1.2.840.10008.5.1.4.1.1.{number}" for number in ("2", "2.1", "2.2"))

_FLUOROSCOPY_CLASSES = tuple(f"1.2.840.10008.5.1.4.1.1.12.{number}" for number in (1, 2))

_LABEL_MAP_CLASS = "1.2.840.10008.5.1.4.1.1.66.7"
"""Class of segmentations whose padding value is the label of the background."""

_WINDOW = ("WindowCenter", "WindowWidth")

_MAX_WINDOWS = 50
"""Maximum number of windows of a frame to try."""

_FULL_LUMINANCE = [round((value - 16) * 255 / 219) for value in range(256)]
_FULL_CHROMINANCE = [round((value - 128) * 255 / 224) + 128 for value in range(256)]
"""Values 16 to 235, and 16 to 240, in the full range of 8 bits."""

OVERLAY_BITS = tuple(range(0x60000102, 0x60200102, 0x20000))
"""Elements with the position of an overlay in the bits of the pixels."""


class Display:
    """Map stored values to grey levels or colours as a file declares.

    Args:
        dataset: of pydicom.
        format: how the pixels are stored.
    """

    def __init__(self, dataset, format: PixelFormat):
        self._dataset, self._format = dataset, format
        self._order = "<" if dataset.original_encoding[1] else ">"

    def show(self, index: int, stored: np.ndarray, is_rgb: bool) -> np.ndarray:
        """Map the values of a frame.

        Args:
            index: of the frame, counted from 0.
            stored: as ``PixelData.stored_values`` returns them.
            is_rgb: as it returns it.

        Returns:
            uint8 (height, width), or (height, width, 3) of colours.
        """
        if stored.ndim == 3 and stored.shape[2] < 3:
            stored = stored[..., 0]
        stored = self._used_bits(stored)
        palette = []
        if self._format.photometric.startswith("PALETTE"):
            palette = read_palette(self._dataset, self._order)
        if stored.ndim == 3:
            return self._colours(stored, is_rgb)
        if palette:
            return np.stack([_to_8_bits(table(stored), table.bits) for table in palette], axis=-1)
        return to_8_bits(stored, self._grey(index, stored.dtype))

    def _used_bits(self, stored: np.ndarray) -> np.ndarray:
        """Remove the bits that the file does not use, and extend the sign."""
        size = 8 * stored.dtype.itemsize
        if stored.dtype.kind == "f" or (stored.dtype.kind == "i" and not self._format.signed):
            return stored  # JPEG 2000 declares itself that its values are signed.
        used = int(number_of(self._dataset, "BitsStored", size))
        used = used if 0 < used <= size else size
        high = int(number_of(self._dataset, "HighBit", used - 1))
        bits = stored.view(f"u{size // 8}")
        if used <= high < size and bits.max() >> used:
            bits = bits >> (high + 1 - used)  # Aligned to the left.
        beyond = int(np.bitwise_or.reduce(bits, axis=None)) >> used
        # Bits beyond a gap are an overlay or a label, even if the file no longer says so.
        if (beyond and not beyond & 1) or any(tag in self._dataset for tag in OVERLAY_BITS):
            bits = bits & bits.dtype.type(2**used - 1)
        if not self._format.signed:
            return bits
        values = bits.view(f"i{size // 8}")
        # Some files extend the sign of a part of their values or of none, others use further bits.
        if -(2 ** (used - 1)) <= values.min() and values.max() < 2**used:
            return values << (size - used) >> (size - used)
        return values

    def _colours(self, stored: np.ndarray, is_rgb: bool) -> np.ndarray:
        used = max(8, int(number_of(self._dataset, "BitsStored", 8)))
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
            if photometric.startswith("YBR_PARTIAL"):
                image = image.point(_FULL_LUMINANCE + 2 * _FULL_CHROMINANCE)
            return np.asarray(image.convert("RGB"))
        return np.ascontiguousarray(colours)

    def _grey(self, index: int, dtype: np.dtype) -> Grey:
        """Collect the grey scale of a frame, from its functional groups first."""
        dataset, order = self._dataset, self._order
        voi = self._source(index, "FrameVOILUTSequence", "WindowWidth")
        voi_luts = self._source(index, "FrameVOILUTSequence", "VOILUTSequence")
        rescale = self._source(index, "PixelValueTransformationSequence", "RescaleSlope")
        windows = zip(*map(functools.partial(numbers_of, voi), _WINDOW), strict=False)
        modality = value_of(dataset, "Modality")
        class_ = str(value_of(dataset, "SOPClassUID"))
        modality_luts = value_of(dataset, "ModalityLUTSequence")
        relationship = value_of(dataset, "PixelIntensityRelationship")
        # Such a table leads from grey levels back to intensities of X-rays (PS3.3, C.8.7.1.1.2).
        is_logarithmic = class_ in _FLUOROSCOPY_CLASSES and relationship == "LOG"
        return Grey(
            # A slope of 0 would leave nothing to show.
            slope=number_of(rescale, "RescaleSlope", 1) or 1,
            intercept=number_of(rescale, "RescaleIntercept", 0),
            modality_table=None if is_logarithmic else read_table(modality_luts, order),
            voi_table=read_table(value_of(voi_luts, "VOILUTSequence"), order),
            windows=tuple(itertools.islice(windows, _MAX_WINDOWS)),
            function=str(value_of(voi, "VOILUTFunction") or "").strip().upper(),
            inverted=self._format.photometric == "MONOCHROME1",
            padding=self._padding(dtype),
            is_ct=modality == "CT" or (not modality and class_ in _CT_CLASSES),
        )

    def _source(self, index: int, sequence: str, keyword: str):
        """Return the dataset with an element: the frame's group, the shared one, or the file."""
        frames = value_of(self._dataset, "PerFrameFunctionalGroupsSequence") or []
        shared = value_of(self._dataset, "SharedFunctionalGroupsSequence") or []
        for groups in (*frames[index : index + 1], *shared[:1]):
            for item in value_of(groups, sequence) or ():
                if value_of(item, keyword):
                    return item
        return self._dataset

    def _padding(self, dtype: np.dtype) -> tuple[float, float] | None:
        if str(value_of(self._dataset, "SOPClassUID")) == _LABEL_MAP_CLASS:
            return None
        prefix = {"f4": "Float", "f8": "DoubleFloat"}.get(dtype.str[1:], "")
        value = number_of(self._dataset, f"{prefix}PixelPaddingValue", None)
        if value is None:
            return None
        limit = number_of(self._dataset, f"{prefix}PixelPaddingRangeLimit", value)
        if dtype.kind in "iu":
            # The file may not say whether these are signed.
            used = int(number_of(self._dataset, "BitsStored", 16))
            value, limit = (_wrap(int(number), dtype, used) for number in (value, limit))
        return min(value, limit), max(value, limit)


def _to_8_bits(values: np.ndarray, bits: int) -> np.ndarray:
    return (values >> (bits - 8)).astype(np.uint8)


def _wrap(number: int, dtype: np.dtype, used: int) -> int:
    """Return the value of a type that has the same bits as a number."""
    limits = np.iinfo(dtype)
    if number < limits.min:
        return number + 2**used
    return number - 2 ** (8 * dtype.itemsize) if number > limits.max else number
