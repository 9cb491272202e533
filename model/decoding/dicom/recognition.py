"""Recognise DICOM files without a preamble, and inflate those that are compressed as a whole."""

import io
import struct
import zlib

from model.decoding.limits import MAX_INFLATED_BYTES

DICOMDIR_CLASS = "1.2.840.10008.1.3.10"
"""UID of the class of a DICOMDIR, which lists the other files of a disc."""

_PREAMBLE, _MAGIC = 128, b"DICM"

_DEFLATED, _EXPLICIT = b"1.2.840.10008.1.2.1.99", b"1.2.840.10008.1.2.1\0\0\0"
"""Transfer syntaxes of a compressed file and of the same file inflated."""

_ZLIB = b"\x78"

_FIRST_GROUPS = (0x2, 0x8)
"""The groups of elements with which files begin."""

_HEAD = 2**12
"""Number of bytes in which to search for the transfer syntax."""


def begins_with_elements(head: bytes) -> bool:
    """Tell whether a file begins as DICOM without a preamble does: with two elements in order.

    Args:
        head: its first bytes.
    """
    head = head[:_PREAMBLE]
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


def inflated(file: io.BufferedIOBase) -> io.BufferedIOBase:
    """Return a file, inflated if its transfer syntax is the deflated one."""
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
    # Some files have the header of zlib, which no other stream begins with.
    has_header = content[start : start + 1] == _ZLIB
    inflate = zlib.decompressobj(zlib.MAX_WBITS if has_header else -zlib.MAX_WBITS)
    inflated = inflate.decompress(content[start:], MAX_INFLATED_BYTES)
    if inflate.unconsumed_tail:
        raise OverflowError(f"more than {MAX_INFLATED_BYTES} bytes")
    return io.BytesIO(content[:start].replace(_DEFLATED, _EXPLICIT) + inflated)
