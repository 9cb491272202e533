"""Unpack scans that are sent packed: a ZIP file of a DICOM series, and gzip."""

import bisect
import functools
import io
import itertools
import math
import zipfile
import zlib
from collections import Counter, defaultdict
from collections.abc import Callable

import numpy as np
from PIL import Image, UnidentifiedImageError

from model.decoding.decoder_process import DecoderTimeout, decode
from model.decoding.dicom.elements import number_of, value_of
from model.decoding.dicom.file import DicomFile
from model.decoding.file_formats import HEAD_BYTES, format_of, unpacked_head
from model.decoding.frames import Frames, choose

MAX_MEMBERS = 2000
"""Maximum number of archive members to inspect."""

MAX_MEMBER_BYTES = 64 * 2**20
"""Maximum unpacked size of an archive member, and of a DICOM file in gzip, in bytes."""

_MAX_DIRECTORY_BYTES = 2**20
"""Maximum size of an archive's directory, in bytes: Python reads all of it."""

_PART_BYTES = 2**16
_GZIP_BYTE = 0x1F
_MAX_GZIP_MEMBERS = 10_000
"""Maximum number of members of a gzip file to unpack."""

_ROWS = 0x00280010
"""Element with the height of the image."""

_KEYWORDS = ("SeriesInstanceUID", "InstanceNumber", "NumberOfFrames", "Rows")
"""Elements that identify a series and order its files."""

_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""Compressions that zipfile unpacks in parts."""

_SLOW_METHODS = (zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)
"""Compressions that zipfile unpacks without a limit: 600 MB from 566 bytes."""

_ENCRYPTED = 1
"""Flag of a member that has a password."""


class _LimitedReads:
    """A file with a maximum size for each read.

    zipfile reads an archive's directory at once, in a size that several fields may declare.

    Args:
        file: an open file.

    Attributes:
        max_bytes: maximum size of a read.
    """

    def __init__(self, file: io.BufferedIOBase):
        self._file = file
        self.seek, self.tell, self.seekable = file.seek, file.tell, file.seekable
        self.max_bytes = _MAX_DIRECTORY_BYTES

    def read(self, size: int = -1) -> bytes:
        """Read up to ``size`` bytes.

        Raises:
            OverflowError: these are too many.
        """
        if size > self.max_bytes:
            raise OverflowError(f"{size} bytes")
        return self._file.read(size)


def gunzip(data: bytes, limit: int) -> bytearray:
    """Unpack a gzip file, which may have several members.

    Raises:
        OverflowError: the unpacked data is larger than ``limit`` bytes.
        zlib.error: the data is damaged.
    """
    unpacked, stream, members = bytearray(), zlib.decompressobj(31), 1
    # In parts, because zlib copies the data after a member.
    for start in range(0, len(data), _PART_BYTES):
        part = data[start : start + _PART_BYTES]
        while part:
            if stream.eof:
                if part[0] != _GZIP_BYTE or members == _MAX_GZIP_MEMBERS:
                    return unpacked
                stream, members = zlib.decompressobj(31), members + 1
            unpacked += stream.decompress(part, limit + 1 - len(unpacked))
            if len(unpacked) > limit:
                raise OverflowError("gzip")
            part = stream.unused_data
    return unpacked


def unpack_dicom(file: io.BufferedIOBase) -> io.BytesIO:
    """Unpack a DICOM file that is packed by gzip.

    Raises:
        OverflowError: it is larger than ``MAX_MEMBER_BYTES``.
    """
    return io.BytesIO(gunzip(file.read(), MAX_MEMBER_BYTES))


def read_series(
    file: io.BufferedIOBase, read_dicom: Callable[[io.BytesIO], Frames[Image.Image]]
) -> Frames[Image.Image]:
    """Read images of the longest DICOM series in a ZIP file.

    Args:
        file: an open ZIP file.
        read_dicom: reads the frames of a DICOM file, for a series of one file.

    Raises:
        UnidentifiedImageError: there is no DICOM image in it.
        OverflowError: the archive or a file in it is larger than the limits of this module.
        DecoderTimeout: the headers of its files have too many elements.
        Exception: any exception of ``read_dicom`` or ``DicomFile``, if no image can be read.
    """
    limited = _LimitedReads(file)
    try:
        archive = zipfile.ZipFile(limited)
    except zipfile.BadZipFile as error:
        raise UnidentifiedImageError from error
    limited.max_bytes = math.inf
    if any(member.compress_type in _SLOW_METHODS for member in archive.infolist()):
        file.seek(0)
        archive = zipfile.ZipFile(io.BytesIO(decode(without_compression, file.read())))
    with archive:
        series = _longest_series(archive)
        if not series:
            raise UnidentifiedImageError

        def unpack(member: zipfile.ZipInfo) -> io.BytesIO:
            if member.file_size > MAX_MEMBER_BYTES:
                raise OverflowError(f"{member.file_size} bytes")
            unpacked = archive.read(member)
            if format_of(unpacked[:HEAD_BYTES]) == "gzip":
                # Packed and unpacked data are in memory together and share the limit.
                unpacked = gunzip(unpacked, MAX_MEMBER_BYTES - len(unpacked))
            return io.BytesIO(unpacked)

        members, counts = zip(*series, strict=True)
        if len(members) == 1:
            return read_dicom(unpack(members[0]))
        starts = [0, *itertools.accumulate(counts)]

        @functools.lru_cache(maxsize=1)  # Several frames of a file follow each other.
        def opened(file: int) -> DicomFile:
            return DicomFile(unpack(members[file]))

        def read(index: int) -> Image.Image:
            file = bisect.bisect(starts, index) - 1
            scan = opened(file)
            # A file may have fewer frames than it declares.
            frame = min(index - starts[file], scan.number_of_frames - 1)
            return Image.fromarray(scan.read_frame(frame)).convert("RGB")

        return choose(read, starts[-1])._replace(unit="slices")


def without_compression(data: bytes) -> np.ndarray:
    """Store the files of a ZIP file in another one; called in the decoder process.

    Raises:
        OverflowError: they are larger than ``MAX_MEMBER_BYTES`` together.
    """
    stored = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as archive, zipfile.ZipFile(stored, "w") as copy:
        for member in filter(_is_open, archive.infolist()):
            if stored.tell() + member.file_size > MAX_MEMBER_BYTES:
                raise OverflowError("archive")
            copy.writestr(member.filename, archive.read(member))
    return np.frombuffer(stored.getbuffer(), np.uint8)


def zip_reason(file: io.BufferedIOBase) -> str | None:
    """Tell why ``read_series`` finds no series, as a reason of ``UnreadableImage``.

    Args:
        file: an open file.

    Returns:
        None if it is not a ZIP file.
    """
    file.seek(0)
    if format_of(file.read(HEAD_BYTES)) != "zip":
        return None
    try:
        with zipfile.ZipFile(file) as archive:
            is_open = all(map(_is_open, archive.infolist()))
    except zipfile.BadZipFile:
        return "zip_damaged"
    return "zip_without_scans" if is_open else "zip_locked"


def _is_open(member: zipfile.ZipInfo) -> bool:
    """Tell whether a member has no password and a supported compression."""
    return member.compress_type in (*_METHODS, *_SLOW_METHODS) and not member.flag_bits & _ENCRYPTED


def _longest_series(archive: zipfile.ZipFile) -> list[tuple[zipfile.ZipInfo, int]]:
    """Return the files, in order, of the DICOM series with most frames, with their frame counts."""
    from model.decoding.dicom.header import HeaderReader  # Imports pydicom.

    # The elements that follow may be cut.
    reader = HeaderReader(_KEYWORDS, stop=_ROWS + 1)
    series, frames = defaultdict(list), Counter()
    members = [member for member in archive.infolist() if not member.is_dir()]
    for member in members[:MAX_MEMBERS]:
        if not _is_open(member):
            continue
        with archive.open(member) as opened:
            head = unpacked_head(opened.read(HEAD_BYTES))
        if format_of(head) != "dicom":
            continue
        header = _read_header(reader, head)
        if header is not None and "Rows" not in header and len(head) < HEAD_BYTES:
            continue  # A report, or a DICOMDIR.
        name = str(value_of(header, "SeriesInstanceUID"))
        number = number_of(header, "InstanceNumber", float("inf"))
        count = max(1, int(number_of(header, "NumberOfFrames", 1)))
        series[name].append((number, member.filename, member, count))
        frames[name] += count
    longest = max(series, key=frames.get, default=None)
    return [entry[2:] for entry in sorted(series[longest], key=lambda entry: entry[:2])]


def _read_header(reader, head: bytes):
    """Return a dataset of pydicom with the elements of ``_KEYWORDS``; None if it is broken."""
    try:
        return reader.read(io.BytesIO(head))
    except DecoderTimeout:
        raise
    except Exception:
        return None
