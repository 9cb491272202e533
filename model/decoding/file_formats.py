"""Tell whether a file is an image that the app reads, by its content or its ending."""

import os
import re
import zipfile
import zlib
from collections import Counter
from pathlib import Path

from model.decoding.dicom.recognition import DICOMDIR_CLASS, begins_with_elements

HEAD_BYTES = 2**16
"""Number of bytes at the beginning of a file that identify its format."""

SUFFIXES = {
    *(".apng", ".avif", ".avifs", ".bmp", ".bw", ".dcm", ".dcx", ".dds", ".dib", ".dic", ".gif"),
    *(".heic", ".heif", ".hif", ".icb", ".icns", ".ico", ".ima", ".j2c", ".j2k", ".jfif", ".jp2"),
    *(".jpc", ".jpe", ".jpeg", ".jpf", ".jpg", ".jpx", ".jxl", ".mgh", ".mgz", ".mha", ".nii"),
    *(".nrrd", ".pam", ".pbm", ".pcx", ".pfm", ".pgm", ".png", ".pnm", ".ppm", ".rgb", ".rgba"),
    *(".sgi", ".tga", ".tif", ".tiff", ".vda", ".vst", ".webp", ".xbm", ".xpm"),
}
"""Endings of images, in lower case: those that Pillow registers for ``raster.FORMATS``, and those
of scans and phones. Asking Pillow would import all its formats, which takes 0.1 s."""

_GAP = rb"(\s|#[^\r\n]*[\r\n])++"
"""White space and comments between two numbers of a Netpbm header."""

_SIGNATURES = {
    "avif": rb".{4}ftyp(avi[fs]|(mif1|msf1).{4}(.{4})*avif)",
    "dicom": rb".{128}DICM",
    "gzip": rb"\x1f\x8b\x08",
    "heif": rb".{4}ftyp(hei[cxms]|hev[cxms]|mif1|msf1)",
    "jpeg_2000": rb"\0\0\0\x0cjP  |\xff\x4f\xff\x51",
    "jpeg_xl": rb"\xff\x0a|\0\0\0\x0cJXL \r\n\x87\n",
    # Headers with the poses of many frames are longer than HEAD_BYTES.
    "metaimage": rb"(Comment *=[^\n]*\n)*(ObjectType *= *Image|NDims *= *\d+)\s"
    rb"(.*\sElementDataFile *= *(?i:LOCAL)\s|.{65000})",
    # Version, four dimensions and the type of numbers, of four bytes each.
    "mgh": rb"\0\0\0\x01(\0\0..){4}\0\0\0[\0\x01\x03\x04\x0a]",
    "netpbm": rb"P[14]%b\d+%b\d+\s|P[2356]%b\d+%b\d+%b\d+[\s#]" % (5 * (_GAP,))
    + rb"|P7\n(#|WIDTH |HEIGHT |DEPTH |MAXVAL |TUPLTYPE )|P[Ff]\s+\d+\s+\d+\s+[-+.\deE]+\s",
    "nifti": rb".{344}n\+1\0|.{4}n\+2\0\r\n\x1a\n",
    # Without the field for another file, which has the values.
    "nrrd": rb"NRRD000\d\s*\n(?!(?:[^\n]+\n)*?data ?file:(?!=))",
    "tiff": rb"II[*+]\0|MM\0[*+]",
    "zip": rb"PK\x03\x04",
    "raster": rb"\x89PNG\r\n\x1a\n|\xff\xd8\xff|GIF8[79]a|RIFF.{4}WEBP"
    rb"|BM.{4}\0\0\0\0.{4}[\x0c\x28\x6c\x7c]\0\0\0|DDS \x7c\0\0\0"
    rb"|icns|/\* XPM \*/",
}
"""Regular expression for the first bytes of each format; ``.`` is any byte."""

_PATTERNS = {name: re.compile(signature, re.DOTALL) for name, signature in _SIGNATURES.items()}

_ARCHIVE_MEMBERS = 50
"""Maximum number of archive members to inspect for scans."""


def format_of(head: bytes) -> str | None:
    """Name the format of a file, a key of ``_SIGNATURES``.

    Args:
        head: its first ``HEAD_BYTES``, or all of a shorter file.
    """
    name = next((name for name, pattern in _PATTERNS.items() if pattern.match(head)), None)
    return "dicom" if name is None and begins_with_elements(head) else name


def unpacked_head(head: bytes) -> bytes:
    """Unpack the beginning of a gzip file; return that of any other file as it is.

    Args:
        head: as for ``format_of``.
    """
    if format_of(head) != "gzip":
        return head
    try:
        return zlib.decompressobj(31).decompress(head, HEAD_BYTES)
    except zlib.error:
        return b""


def files_below(folder: Path) -> tuple[list[Path], dict[Path, str]]:
    """List the files in a folder and its subfolders, also those that are links, each folder once.

    Returns:
        The files, sorted, and why a folder cannot be opened, by its path.
    """
    files, seen, closed = [], {os.path.realpath(folder)}, {}

    def remember(error: OSError) -> None:
        closed[Path(error.filename)] = error.strerror

    for parent, subfolders, names in os.walk(folder, onerror=remember, followlinks=True):
        files += [Path(parent, name) for name in names]
        for name in sorted(subfolders):
            real = os.path.realpath(os.path.join(parent, name))
            if real in seen:
                subfolders.remove(name)
            seen.add(real)
    return sorted(files), closed


def is_image_file(path: Path) -> bool:
    """Tell whether a path is an image file, by its ending or else by its content.

    Hidden files are excluded: macOS puts "._image.png" next to image.png on other file systems.
    """
    if path.name.startswith(".") or not os.path.isfile(path):
        return False
    if path.suffix.lower() in SUFFIXES:
        return True
    try:
        with open(path, "rb") as file:
            head = file.read(2 * HEAD_BYTES)
    except OSError:
        return False
    format = format_of(head)
    if format == "gzip":
        return path.name.lower().endswith((".nii.gz", ".dcm.gz", ".mgh.gz"))
    if format == "zip":
        return _holds_scans(path)
    return format is not None and not (format == "dicom" and DICOMDIR_CLASS.encode() in head)


def count_by_suffix(paths: list[Path]) -> str:
    """Count files by their ending, for a message: ".csv 12, no ending 2"."""
    counts = Counter(path.suffix.lower() or "no ending" for path in paths)
    return ", ".join(f"{suffix} {count}" for suffix, count in sorted(counts.items()))


def _holds_scans(path: Path) -> bool:
    try:
        with zipfile.ZipFile(path) as archive:
            members = [member for member in archive.infolist() if not member.is_dir()]
            for member in members[:_ARCHIVE_MEMBERS]:
                with archive.open(member) as file:
                    if format_of(unpacked_head(file.read(HEAD_BYTES))) == "dicom":
                        return True
    except Exception:  # A damaged archive, or one with a password.
        return False
    return False
