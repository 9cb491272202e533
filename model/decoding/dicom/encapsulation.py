"""Find the fragments of compressed frames in the pixels of a DICOM file."""

from collections.abc import Iterator

import numpy as np

from model.decoding.dicom.compression import begins_frame
from model.decoding.dicom.pixel_element import PixelElement

MAX_ITEMS = 100_000
"""Maximum number of fragments of a file: each takes microseconds, which add up."""

_ITEM = b"\xfe\xff\x00\xe0"


def is_encapsulated(element: PixelElement) -> bool:
    """Tell whether pixels consist of items."""
    return element.read(element.start, len(_ITEM)) == _ITEM


def fragments_of_frames(element: PixelElement, frames: int) -> list[list[tuple[int, int]]]:
    """Return start and length of the fragments of each frame.

    Args:
        element: encapsulated pixels.
        frames: the number of frames that the file declares.

    Raises:
        OverflowError: there are too many fragments.
    """
    first, *fragments = _items(element)
    offsets = np.frombuffer(element.read(first[0], first[1] // 4 * 4), "<u4")
    if begins_frame(element.read(*first)):  # The offset table is missing.
        fragments, offsets = [first, *fragments], ()
    starts = [start for start, _ in fragments]
    if len(fragments) == frames:
        return [[fragment] for fragment in fragments]
    if frames == 1:
        return [fragments]
    table = np.frombuffer(element.offset_table, "<u8") if element.offset_table else offsets
    firsts = {starts[0] + int(offset) for offset in table}
    if not firsts <= set(starts) or not firsts:
        firsts = {start for start in starts if begins_frame(element.read(start, 12))}
    groups = []
    for fragment in fragments:
        if fragment[0] in firsts or not groups:
            groups.append([])
        groups[-1].append(fragment)
    return groups


def _items(element: PixelElement) -> Iterator[tuple[int, int]]:
    """Return start and length of each item."""
    position, items = element.start, 0
    while (head := element.read(position, 8))[:4] == _ITEM:
        length = int.from_bytes(head[4:], "little")
        yield position + 8, length
        position, items = position + 8 + length, items + 1
        if items > MAX_ITEMS:
            raise OverflowError("items")
