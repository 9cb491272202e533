"""Read the stored values of the frames of a DICOM file, compressed or not."""

import io
import struct
import zlib

import numpy as np

from model.decoding.decoder_process import decode
from model.decoding.dicom import codecs, native
from model.decoding.dicom.compression import MAX_SAMPLES, RUN_LENGTHS, begins_frame, decode_frame
from model.decoding.dicom.elements import UNDEFINED_LENGTH
from model.decoding.dicom.encapsulation import fragments_of_frames, is_encapsulated
from model.decoding.dicom.pixel_element import INTEGER, PIXEL_GROUP, PixelElement
from model.decoding.dicom.pixel_format import PixelFormat

_RAW, _DEFLATED = "1.2.840.10008.1.2.1.98", "1.2.840.10008.1.2.8.1"
"""Transfer syntaxes of frames in fragments that are uncompressed, and deflated."""

MAX_FRAME_BYTES = 2 * MAX_SAMPLES
"""Maximum size of an unpacked frame of run lengths, or a deflated one, in bytes."""

_NATIVE = ("1.2.840.10008.1.2", "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.2")
"""Transfer syntaxes without compression."""

_BIG_ENDIAN_PIXELS = "1.2.840.113619.5.2"
"""Transfer syntax of old GE scanners: only the pixels are big-endian."""


class PixelData:
    """The pixels of an open file, whose frames are read one at a time.

    Args:
        file: positioned at the first element of the group of pixels; must stay open.
        format: how the pixels are stored.
        frames: the number of frames that the file declares.

    Attributes:
        frames: the number of frames that it contains.

    Raises:
        EOFError: there are no pixels.
    """

    def __init__(self, file: io.BufferedIOBase, format: PixelFormat, frames: int):
        self._format = format
        self._element = element = PixelElement(file)
        if format.syntax == _BIG_ENDIAN_PIXELS:
            element.order = ">"
        compressed = element.declared == UNDEFINED_LENGTH or format.syntax not in _NATIVE
        if compressed and is_encapsulated(element):
            self._fragments = fragments_of_frames(element, frames)
            self.frames = len(self._fragments)
        elif compressed and begins_frame(element.read(element.start, 12)):
            self._fragments = [[(element.start, element.length)]]
            self.frames = 1
        else:
            self._fragments = None
            whole = 8 * element.length // max(1, native.frame_bits(element, format, frames))
            self.frames = max(1, min(frames, whole))
            self._declared_frames = frames

    def stored_values(self, index: int) -> tuple[np.ndarray, bool]:
        """Read a frame.

        Args:
            index: counted from 0.

        Returns:
            Integers or floats (height, width), or colours (height, width, samples), with fewer rows
            if few of them are missing; and whether colours that may have been stored as luminance
            and chrominance have become RGB.

        Raises:
            UnsupportedCompression: there is no decoder for the pixels.
            OverflowError: decoding would take too much memory or time.
            Exception: any exception of a decoder, for a broken file.
        """
        if self._fragments is None:
            frames = self._declared_frames
            return native.read_frame(self._element, self._format, index, frames), False
        data = b"".join(self._element.read(*fragment) for fragment in self._fragments[index])
        if self._format.syntax in (_RAW, _DEFLATED):
            return self._native_frame(data), False
        if RUN_LENGTHS.match(data):
            return self._run_lengths(data), False
        values, is_rgb = decode_frame(data, self._format.photometric)
        if values.ndim == 3 and values.shape[2] > 4 >= values.shape[0]:
            values = values.transpose(1, 2, 0)
        return values, is_rgb

    def missing_rows(self, rows: int) -> int:
        """Return the number of rows that an uncompressed frame with ``rows`` rows lacks."""
        is_native = self._fragments is None or self._format.syntax in (_RAW, _DEFLATED)
        return self._format.rows - rows if is_native else 0

    def _native_frame(self, data: bytes) -> np.ndarray:
        """Read an uncompressed or deflated frame from its own fragments."""
        if self._format.syntax == _DEFLATED:
            data = self._inflated(data)
        head = struct.pack("<HH2sHL", PIXEL_GROUP, INTEGER, b"OB", 0, len(data))
        element = PixelElement(io.BytesIO(head + data))
        return native.read_frame(element, self._format, 0, frames=1)

    def _inflated(self, data: bytes) -> bytes:
        format = self._format
        size = -(-format.rows * format.columns * format.samples * format.allocated // 8)
        if size > MAX_FRAME_BYTES:
            raise OverflowError(f"{size} bytes")
        return zlib.decompressobj(-zlib.MAX_WBITS).decompress(data, max(1, size))

    def _run_lengths(self, data: bytes) -> np.ndarray:
        format, pixels = self._format, self._format.rows * self._format.columns
        if pixels * int.from_bytes(data[:4], "little") > MAX_FRAME_BYTES:
            raise OverflowError("run lengths")
        planes = decode(codecs.decode_rle, data, pixels)
        depth = len(planes) // format.samples
        # Each sample has its most significant byte first.
        bytes_ = planes.reshape(format.samples, depth, pixels).transpose(2, 0, 1)
        kind = "i" if format.signed else "u"
        values = np.ascontiguousarray(bytes_).view(f">{kind}{depth}").astype(f"{kind}{depth}")
        values = values.reshape(format.rows, format.columns, format.samples)
        return values[..., 0] if format.samples == 1 else values
