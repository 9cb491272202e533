"""Name the kind of a file that is not an image, by its content."""

import codecs
import io
import re

KINDS = {
    "archive": "an archive",
    "audio": "a sound recording",
    "camera_raw": "a raw file of a camera",
    "dicom_directory": "a DICOMDIR, the table of contents of a disc",
    "dicom_document": "a document in a DICOM file",
    "dicom_empty": "a DICOM file without an image",
    "dicom_plan": "a DICOM file of radiotherapy data",
    "dicom_presentation": "a DICOM file of display settings",
    "dicom_report": "a DICOM report without an image",
    "dicom_waveform": "a DICOM recording, such as an ECG",
    "djvu": "a DjVu document",
    "empty": "an empty file",
    "fits": "a FITS file",
    "gimp": "a GIMP file",
    "hdf5": "an HDF5 file",
    "json": "a JSON file",
    "jpeg_xr": "a JPEG XR file",
    "matlab": "a MATLAB file",
    "microscope_raw": "a raw file of a microscope",
    "netcdf": "a netCDF file",
    "numpy": "a NumPy array",
    "office": "an Office document",
    "openexr": "an OpenEXR file",
    "pdf": "a PDF",
    "photoshop": "a Photoshop file",
    "postscript": "a PostScript file",
    "program": "a program",
    "qoi": "a QOI file",
    "radiance": "a Radiance file",
    "spreadsheet": "a spreadsheet",
    "slides": "a presentation",
    "svg": "an SVG drawing",
    "text": "a text file",
    "video": "a video",
    "volume_header": "the header of a volume, without its values",
    "web_page": "a web page",
    "word": "a Word document",
    "xml": "an XML file",
}
"""The kinds of file that are recognised, and their names with an article."""

_HEAD = 2**16
"""Number of bytes to read from each end of a file."""

_SIGNATURES = (
    ("pdf", rb"(?s).{0,1019}%PDF-"),
    ("postscript", rb"%!PS|\xc5\xd0\xd3\xc6"),
    ("word", rb"\{\\rtf"),
    ("photoshop", rb"8BPS"),
    ("gimp", rb"gimp xcf "),
    ("video", rb"OggS.{24}\x80theora|G.{187}G.{187}G|....G.{191}G.{191}G"),
    ("audio", rb"RIFF....WAVE|ID3|\xff[\xf1-\xf3\xf9\xfb]|fLaC|OggS|MThd|FORM....AIF|#!AMR|caff\0"),
    ("audio", rb"....ftypM4[AB]"),
    ("video", rb"RIFF....AVI |\x1aE\xdf\xa3|FLV\x01|0&\xb2u\x8ef\xcf\x11|\0\0\x01[\xba\xb3]"),
    ("video", rb"....ftyp(isom|iso[2-9]|mp4|avc1|qt  |M4V|3g[2p]|dash|MSNV|XAVC)|....moov"),
    ("camera_raw", rb"II(RO|RS|U\0)|MMOR|FUJIFILMCCD-RAW|....ftypcrx "),
    ("archive", rb"Rar!|7z\xbc\xaf\x27\x1c|\x1f\x8b|BZh[1-9]|\xfd7zXZ|\x28\xb5\x2f\xfd|\x1f\x9d"),
    ("archive", rb"(?s).{257}ustar"),
    ("program", rb"\x7fELF|MZ.{62,}PE\0\0|\xcf\xfa\xed\xfe|\xca\xfe\xba\xbe|#!"),
    ("microscope_raw", rb"ZISRAWFILE|\xda\xce\xbe\x0a|\x70\0\0\0....\x2a"),
    ("jpeg_xr", rb"II\xbc[\0\x01]"),
    ("qoi", rb"qoif"),
    ("openexr", rb"v/1\x01"),
    ("radiance", rb"#\?(RADIANCE|RGBE)\n"),
    ("djvu", rb"AT&TFORM"),
    ("fits", rb"SIMPLE  =  "),
    ("netcdf", rb"CDF[\x01\x02\x05]"),
    ("hdf5", rb"\x89HDF\r\n\x1a\n"),
    ("matlab", rb"MATLAB [57]"),
    ("numpy", rb"\x93NUMPY"),
    # Analyze and NIfTI: the length of the header, and little more.
    ("volume_header", rb"(\x5c\x01\0\0|\0\0\x01\x5c).{344,348}\Z|....ni2\0\r\n\x1a\n"),
    (
        "volume_header",
        rb"NRRD000\d|(Comment *=[^\n]*\n)*(ObjectType|NDims) *= *\w+\s.*\sElementDataFile *=",
    ),
)
"""Kinds and a regular expression for their first bytes; ``.`` is any byte."""

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

_PARTS = {
    "word": (b"word/document", b"opendocument.text", "WordDocument".encode("utf-16-le")),
    "spreadsheet": (b"xl/workbook", b"opendocument.spreadsheet", "Workbook".encode("utf-16-le")),
    "slides": (b"ppt/", b"opendocument.presentation", "PowerPoint".encode("utf-16-le")),
}
"""Strings that identify documents in ZIP and OLE files."""

_TEXTS = (
    ("web_page", r"<!doctype html|<html|<(head|body|script|div|p)\b"),
    ("svg", r"(<\?xml.*?\?>\s*)?(<!--.*?-->\s*)?(<!doctype svg.*?>\s*)?<svg\b"),
    ("web_page", r"<\?xml.*?<html\b"),
    ("xml", r"<\?xml|<\w+[\s>]"),
    ("json", r'[{]\s*["}]|\[\s*(["{\[\]\d-]|true|false|null)'),
)
"""Kinds of text and a regular expression for their beginning, after any white space."""


def kind_of(file: io.BufferedIOBase) -> str | None:
    """Name the kind of a file that is not an image.

    Args:
        file: an open file; its position changes.

    Returns:
        A key of ``KINDS``, or None for an unknown kind.
    """
    size = file.seek(0, io.SEEK_END)
    if not size:
        return "empty"
    file.seek(0)
    head = file.read(_HEAD)
    file.seek(max(0, size - _HEAD))
    tail = file.read()
    for kind, signature in _SIGNATURES:
        if re.match(signature, head, re.DOTALL):
            return kind
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06", _OLE)):
        for kind, parts in _PARTS.items():
            if any(part in head or part in tail for part in parts):
                return kind
        return "office" if head.startswith(_OLE) else "archive"
    return _kind_of_text(head)


def _kind_of_text(head):
    encoding = "utf-16" if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else "utf-8"
    try:
        # The last character may be cut.
        text = codecs.getincrementaldecoder(encoding)().decode(head)
    except UnicodeDecodeError:
        return None
    text = text.removeprefix("\N{BYTE ORDER MARK}").lstrip()
    if re.search(r"[\0-\x08\x0e-\x1a\x1c-\x1f\x7f]", text) or not text:
        return None
    for kind, beginning in _TEXTS:
        if re.match(beginning, text, re.DOTALL | re.IGNORECASE):
            return kind
    return "text"
