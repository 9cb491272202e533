"""Read some elements of a DICOM header, and skip all others."""

import functools
import io
import math
import struct

from pydicom import config
from pydicom.datadict import dictionary_VR
from pydicom.dataelem import DataElement, RawDataElement
from pydicom.dataset import Dataset
from pydicom.tag import BaseTag, Tag

from model.decoding.decoder_process import DecoderTimeout
from model.decoding.dicom.elements import LONG_TYPES, UNDEFINED_LENGTH, value_of

config.settings.reading_validation_mode = config.IGNORE

MAX_ELEMENTS = 1_000_000
"""Maximum number of elements and items: each takes a microsecond, and a small file may have
millions. An enhanced scan with twenty sequences for each of 2000 frames has 500,000."""

_KEPT_COST = 10
"""Number of skipped elements that take as long as one that is kept, which pydicom interprets."""

_MAX_VALUE_BYTES, _MAX_TABLE_BYTES = 2**12, 2**18
"""Maximum sizes of a value and of a table, in bytes: pydicom takes microseconds for each number in
text."""

_PREAMBLE_BYTES, _MAGIC = 132, b"DICM"

_DATA = 0x00030000
"""First tag after the file meta information."""

_SYNTAX = "TransferSyntaxUID"

_BIG_ENDIAN = "1.2.840.10008.1.2.2"

_SWAPPED_GROUP = 0x400
"""Lowest number of a first group whose bytes must be in the other order."""

_ITEM, *_ENDS = 0xFFFEE000, 0xFFFEE00D, 0xFFFEE0DD
_ITEM_END, _SEQUENCE_END = _ENDS

_DELIMITERS = 0xFFFE
"""The group of items and of their ends, which have no types."""


class HeaderReader:
    """A reader of headers that keeps only the elements it needs.

    pydicom reads every item of every sequence, which takes it 20 times as long.

    Args:
        keywords: names or tags of the elements to keep, also in the sequences among them.
        stop: tag before which reading ends.
    """

    def __init__(self, keywords: tuple[str | int, ...], stop: int):
        self._wanted, self._stop = _wanted((_SYNTAX, *keywords)), stop
        self._left = MAX_ELEMENTS

    def read(self, file: io.BufferedIOBase) -> Dataset:
        """Read a header, and leave the file where it ends.

        Raises:
            DecoderTimeout: all headers together have more than ``MAX_ELEMENTS``.
            ValueError: a sequence is broken.
        """
        self._file, elements = file, {}
        if not file.read(_PREAMBLE_BYTES).endswith(_MAGIC):
            file.seek(0)
        # The file meta information is encoded the same way in all files.
        self._read_elements(elements, _DATA, implicit=False, little=True)
        implicit, little = self._encoding(value_of(Dataset(elements), _SYNTAX))
        self._read_elements(elements, self._stop, implicit, little)
        dataset = Dataset(elements)
        dataset.set_original_encoding(implicit, little)
        return dataset

    def _encoding(self, syntax: str | None) -> tuple[bool, bool]:
        """Tell whether the elements that follow have no types, and whether they are little-endian.

        Files may have types, or none, although their transfer syntax says otherwise.
        """
        implicit = self._is_implicit()
        group = int.from_bytes(self._peek(2), "little")
        big = syntax == _BIG_ENDIAN or (not syntax and not implicit and group >= _SWAPPED_GROUP)
        return implicit, not big

    def _read_elements(self, elements: dict, stop: int, implicit: bool, little: bool) -> None:
        """Read elements of the file up to a tag, its end, or zeros."""
        self._order = "little" if little else "big"
        self._head = struct.Struct("<HH2sH" if little else ">HH2sH").unpack
        start = self._file.tell()
        # Some writers end a sequence, or an item, that is not open.
        while 0 < (head := self._next(implicit))[0] < stop or head[0] in _ENDS:
            self._read_value(elements, implicit, *head)
            start = self._file.tell()
        self._file.seek(start)

    def _next(self, implicit: bool) -> tuple[int, bytes, int]:
        """Read the tag, type and length of the next element, item or delimiter.

        The tag is 0 at the end of the file, and in the zeros that end an interrupted download.
        """
        head = self._file.read(8)
        if len(head) < 8:
            return 0, b"", 0
        self._left -= 1
        if self._left < 0:
            raise DecoderTimeout("elements")
        group, number, type_, length = self._head(head)
        # As in pydicom, bytes that are not a type belong to the length of an element without one.
        if implicit or group == _DELIMITERS or not b"AA" <= type_ <= b"ZZ":
            type_, length = b"", int.from_bytes(head[4:], self._order)
        elif type_ in LONG_TYPES:
            length = int.from_bytes(self._file.read(4), self._order)
        return group << 16 | number, type_, length

    def _read_value(self, elements: dict, implicit: bool, tag: int, type_: bytes, length: int):
        """Add an element to ``elements`` if it is wanted, and skip it if not."""
        limit = self._wanted.get(tag, -1)
        is_sequence = limit == 0
        if not is_sequence and (type_ == b"SQ" or length > limit):
            self._skip(implicit, length)
            return
        self._left -= _KEPT_COST
        tag = BaseTag(tag)
        if is_sequence:
            elements[tag] = DataElement(tag, "SQ", self._read_items(implicit, length))
            return
        start, little = self._file.tell(), self._order == "little"
        value, type_ = self._file.read(length), type_.decode("latin-1") or None
        elements[tag] = RawDataElement(tag, type_, length, value, start, implicit, little)

    def _skip(self, implicit: bool, length: int) -> None:
        if length != UNDEFINED_LENGTH:
            self._file.seek(length, io.SEEK_CUR)
            return
        # Whether each is an item, not a sequence, and has elements without types.
        open_ = [(False, implicit)]
        while open_:
            has_no_types = open_[-1][1]
            tag, _, length = self._next(has_no_types)
            if tag == _ITEM_END:
                open_.pop()
            elif tag == _SEQUENCE_END:
                while open_.pop()[0]:  # It also ends an open item.
                    pass
            elif not tag:
                raise ValueError("a sequence is cut")
            elif length == UNDEFINED_LENGTH:
                is_item = tag == _ITEM
                open_.append((is_item, has_no_types or (is_item and self._is_implicit())))
            else:
                self._file.seek(length, io.SEEK_CUR)

    def _read_items(self, implicit: bool, length: int) -> list[Dataset]:
        """Read the items of a sequence."""
        items, end, tag = [], self._end(length), 0
        while tag != _SEQUENCE_END and self._file.tell() < end:
            tag, _, length = self._next(implicit)
            if tag == _ITEM:
                elements, tag = self._read_item(implicit, length)
                items.append(Dataset(elements))
            elif tag != _SEQUENCE_END:
                raise ValueError("a sequence is cut")
        return items

    def _read_item(self, implicit: bool, length: int) -> tuple[dict, int]:
        """Read an item; return its elements and the last tag, which may end the sequence, too."""
        self._left -= _KEPT_COST
        elements, end, tag = {}, self._end(length), 0
        has_no_types = implicit or self._is_implicit()
        while tag not in _ENDS and self._file.tell() < end:
            tag, type_, length = self._next(has_no_types)
            if not tag:
                raise ValueError("an item is cut")
            self._read_value(elements, has_no_types, tag, type_, length)
        return elements, tag

    def _is_implicit(self) -> bool:
        """Tell whether the next element has no type."""
        type_ = self._peek(6)[4:]
        return not (type_.isalpha() and type_.isupper())

    def _peek(self, count: int) -> bytes:
        head = self._file.read(count)
        self._file.seek(-len(head), io.SEEK_CUR)
        return head

    def _end(self, length: int) -> float:
        return math.inf if length == UNDEFINED_LENGTH else self._file.tell() + length


@functools.cache
def _wanted(keywords: tuple[str | int, ...]) -> dict[int, int]:
    """Return the maximum size of each element's value by its tag, 0 for sequences."""
    limits = {}
    for keyword in keywords:
        tag = Tag(keyword)
        is_table = str(keyword).endswith("Data")
        limit = _MAX_TABLE_BYTES if is_table else _MAX_VALUE_BYTES
        limits[int(tag)] = 0 if dictionary_VR(tag) == "SQ" else limit
    return limits
