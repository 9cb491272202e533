"""Read the stored values of the frames of a DICOM file, compressed or not."""

import io
import struct
from dataclasses import dataclass

import numpy as np

from model.decoding.decoder_process import decode
from model.decoding.dicom import codecs
from model.decoding.dicom.compression import CODESTREAMS, decode_frame
from model.decoding.limits import MAX_MISSING_ROWS

RLE = "1.2.840.10008.1.2.5"
"""Transfer syntax of run-length encoding, which has no first bytes of its own."""

_NATIVE = ("1.2.840.10008.1.2", "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.2")
"""Transfer syntaxes without compression."""

_ITEM, _UNDEFINED_LENGTH = b"\xfe\xff\x00\xe0", 0xFFFFFFFF

_OFFSETS, _FLOAT, _DOUBLE, _INTEGER = 0x1, 0x8, 0x9, 0x10
"""Elements of the group of pixels: the extended offset table, and pixels of three types."""


@dataclass
class PixelFormat:
    """How a file says its pixels are stored.

    Args:
        rows: height in pixels.
        columns: width in pixels.
        samples: 1 for grey values and palettes, 3 or 4 for colours.
        allocated: bits that a sample takes.
        signed: samples are two's complement.
        planar: each colour is stored as an image of its own.
        photometric: photometric interpretation, in capitals.
        syntax: UID of the transfer syntax, "" if unknown.
    """

    rows: int
    columns: int
    samples: int
    allocated: int
    signed: bool
    planar: bool
    photometric: str
    syntax: str


class PixelData:
    """The pixels of an open file, of which frames are read one at a time.

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
        self._file, self._format = file, format
        self._offset_table = b""
        position = file.tell()
        self._size = file.seek(0, io.SEEK_END)
        file.seek(position)
        length = self._find()
        self._length = min(length, self._size - self._start)
        if self._length <= 0:
            raise EOFError
        is_compressed = length == _UNDEFINED_LENGTH or format.syntax not in _NATIVE
        if is_compressed and self._read(self._start, 4) == _ITEM:
            self._fragments = self._group_fragments(frames)
            self.frames = len(self._fragments)
        else:
            self._fragments = None
            whole = 8 * self._length // max(1, self._bits())
            self.frames = max(1, min(frames, whole))

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
            return self._uncompressed(index)
        data = b"".join(self._read(start, length) for start, length in self._fragments[index])
        if self._format.syntax == RLE and not data.startswith(CODESTREAMS):
            return self._run_lengths(data), False
        values, is_rgb = decode_frame(data, self._format.photometric)
        if values.ndim == 3 and values.shape[2] > 4 >= values.shape[0]:
            values = values.transpose(1, 2, 0)
        return values, is_rgb

    def missing_rows(self, rows: int) -> int:
        """Return how many rows are missing of an uncompressed frame, if ``rows`` are there."""
        return self._format.rows - rows if self._fragments is None else 0

    def _find(self) -> int:
        """Set type and start of the pixels, and return the length that they declare."""
        while len(head := self._file.read(8)) == 8:
            self._order = "<" if head[:2] == b"\xe0\x7f" else ">"
            _, element, length = struct.unpack(self._order + "HHL", head)
            type_ = head[4:6]
            if type_.isalpha() and type_.isupper():
                short = type_ in (b"UL", b"US")
                data = head[6:] if short else self._file.read(4)
                (length,) = struct.unpack(self._order + ("H" if short else "L"), data)
            self._start = self._file.tell()
            if element in (_FLOAT, _DOUBLE, _INTEGER):
                self._number = element
                # Words of two bytes, of which each is a pixel.
                self._swapped = self._order == ">" and type_ == b"OW"
                return length
            if element == _OFFSETS:
                self._offset_table = self._read(self._start, length)
            self._file.seek(self._start + length)
        raise EOFError

    def _read(self, start: int, length: int) -> bytes:
        self._file.seek(start)
        # Python allocates what is asked for, before it looks how much there is.
        return self._file.read(max(0, min(length, self._size - start)))

    def _bits(self) -> int:
        """Return the number of bits of an uncompressed frame."""
        format = self._format
        allocated = {_FLOAT: 32, _DOUBLE: 64}.get(self._number, format.allocated)
        return format.rows * format.columns * format.samples * allocated

    def _uncompressed(self, index: int) -> tuple[np.ndarray, bool]:
        format, bits = self._format, self._bits()
        if self._number == _INTEGER and format.allocated == 1:
            first, end = index * bits // 8, -(-(index + 1) * bits // 8)
            packed = np.frombuffer(self._read(self._start + first, end - first), np.uint8)
            unpacked = np.unpackbits(packed, bitorder="little")[index * bits % 8 :]
            return self._arrange(unpacked[:bits]), False
        size = bits // 8
        if format.photometric.endswith("422") and self._length < size:
            # Two pixels share their colour.
            size = size * 2 // 3
            data = self._read(self._start + index * size, size)
            pairs = np.frombuffer(data, np.uint8).reshape(format.rows, format.columns // 2, 4)
            colours = pairs[..., [0, 2, 3, 1, 2, 3]]
            return colours.reshape(format.rows, format.columns, 3), False
        start = index * size
        if self._swapped and format.allocated == 8:
            words = self._read(self._start, (start + size + 1) // 2 * 2)
            data = np.frombuffer(words, "u2", len(words) // 2).byteswap().tobytes()[start:]
        else:
            data = self._read(self._start + start, min(size, self._length - start))
        kind = {_FLOAT: "f4", _DOUBLE: "f8"}.get(
            self._number, f"{'i' if format.signed else 'u'}{format.allocated // 8}"
        )
        dtype = np.dtype(self._order + kind)
        values = np.frombuffer(data, dtype, min(size, len(data)) // dtype.itemsize)
        return self._arrange(values.astype(dtype.newbyteorder("="), copy=False)), False

    def _arrange(self, values: np.ndarray) -> np.ndarray:
        """Arrange samples as rows and columns, without the rows that are missing at the end."""
        format = self._format
        if format.samples > 1 and format.planar:
            return values.reshape(format.samples, format.rows, format.columns).transpose(1, 2, 0)
        row = format.columns * format.samples
        rows = len(values) // row
        if rows < format.rows * (1 - MAX_MISSING_ROWS):
            raise EOFError
        values = values[: rows * row].reshape(rows, format.columns, format.samples)
        return values[..., 0] if format.samples == 1 else values

    def _run_lengths(self, data: bytes) -> np.ndarray:
        format, pixels = self._format, self._format.rows * self._format.columns
        planes = decode(codecs.decode_rle, data, pixels)
        depth = len(planes) // format.samples
        # Each sample has its most significant byte first.
        bytes_ = planes.reshape(format.samples, depth, pixels).transpose(2, 0, 1)
        kind = "i" if format.signed else "u"
        values = np.ascontiguousarray(bytes_).view(f">{kind}{depth}").astype(f"{kind}{depth}")
        values = values.reshape(format.rows, format.columns, format.samples)
        return values[..., 0] if format.samples == 1 else values

    def _group_fragments(self, frames: int) -> list[list[tuple[int, int]]]:
        """Return start and length of the fragments of each frame."""
        (_, offsets), *fragments = self._items()
        starts = [start for start, _ in fragments]
        if len(fragments) == frames:
            return [[fragment] for fragment in fragments]
        if frames == 1:
            return [fragments]
        table = np.frombuffer(self._offset_table, "<u8") if self._offset_table else offsets
        firsts = [starts[0] + int(offset) for offset in table]
        if not set(firsts) <= set(starts) or not firsts:
            firsts = [start for start in starts if self._read(start, 12).startswith(CODESTREAMS)]
        groups = []
        for fragment in fragments:
            if fragment[0] in firsts or not groups:
                groups.append([])
            groups[-1].append(fragment)
        return groups

    def _items(self):
        """Return start and length of each item; instead of the first length, the offset table."""
        position, items = self._start, []
        while (head := self._read(position, 8))[:4] == _ITEM:
            length = int.from_bytes(head[4:], "little")
            items.append((position + 8, length))
            position += 8 + length
        start, length = items[0]
        table = np.frombuffer(self._read(start, length // 4 * 4), "<u4")
        return [(start, table), *items[1:]]
