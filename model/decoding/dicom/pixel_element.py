"""Find the element of a DICOM file that holds its pixels."""

import io
import struct

from model.decoding.dicom.elements import LONG_TYPES

PIXEL_GROUP = 0x7FE0

FLOAT, DOUBLE, INTEGER = 0x8, 0x9, 0x10
"""Numbers of the elements that hold pixels of three types, in their group."""

_SHORT_TYPES = (b"SL", b"SS", b"UL", b"US")
"""Other value representations in the group of pixels. Files without them have lengths there, which
are even and therefore differ from these and from ``LONG_TYPES``."""

_ORDERS = {struct.pack(f"{order}H", PIXEL_GROUP): order for order in "<>"}
"""Byte order of a file, by the bytes of the number of the pixel group."""

_OFFSETS = 0x1
"""Number of the element with the extended offset table."""

_MAX_ELEMENTS = 100
"""Maximum number of elements of the group to inspect; files have up to six (PS3.3, C.7.6.3)."""


class PixelElement:
    """The element of an open file that holds its pixels.

    Args:
        file: positioned at the first element of the group of pixels; must stay open.

    Attributes:
        number: ``FLOAT``, ``DOUBLE`` or ``INTEGER``.
        order: of the bytes, "<" or ">".
        swapped: pixels of one byte are stored as words of two, in big-endian order.
        start: where its value starts in the file.
        declared: declared length of its value, may be ``UNDEFINED_LENGTH``.
        length: number of bytes of its value in the file.
        offset_table: the extended offset table, empty if there is none.

    Raises:
        EOFError: there are no pixels.
    """

    def __init__(self, file: io.BufferedIOBase):
        self._file = file
        self.offset_table = b""
        position = file.tell()
        self._size = file.seek(0, io.SEEK_END)
        file.seek(position)
        self._find()
        self.length = min(self.declared, self._size - self.start)
        if self.length <= 0:
            raise EOFError

    def read(self, start: int, length: int) -> bytes:
        """Read bytes of the file, fewer if it has fewer."""
        self._file.seek(start)
        # Python allocates the requested size before it reads.
        return self._file.read(max(0, min(length, self._size - start)))

    def _find(self) -> None:
        for _ in range(_MAX_ELEMENTS):
            head = self._file.read(8)
            if len(head) < 8 or head[:2] not in _ORDERS:
                break
            self.order = _ORDERS[head[:2]]
            _, self.number, length = struct.unpack(self.order + "HHL", head)
            type_ = head[4:6]
            if type_ in LONG_TYPES:
                (length,) = struct.unpack(self.order + "L", self._file.read(4))
            elif type_ in _SHORT_TYPES:
                (length,) = struct.unpack(self.order + "H", head[6:])
            self.start, self.declared = self._file.tell(), length
            if self.number in (FLOAT, DOUBLE, INTEGER):
                self.swapped = self.order == ">" and type_ == b"OW"
                return
            if self.number == _OFFSETS:
                self.offset_table = self.read(self.start, length)
            self._file.seek(self.start + length)
        raise EOFError
