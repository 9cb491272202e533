"""What a file is that is not an image, by its content."""

import io
import tarfile
import wave
import zipfile

import nibabel
import numpy as np
import pytest

from model.decoding.file_kinds import KINDS
from model.imaging import UnreadableImage, read_image


def zipped(*names: str, **content: str) -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as opened:
        for name in names:
            opened.writestr(name, content.get(name, "<?xml version='1.0'?>" + name))
    return archive.getvalue()


def saved_array() -> bytes:
    file = io.BytesIO()
    np.save(file, np.zeros((8, 8)))
    return file.getvalue()


def sound() -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as opened:
        opened.setparams((1, 2, 8000, 0, "NONE", ""))
        opened.writeframes(bytes(800))
    return file.getvalue()


def tar() -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as opened:
        opened.addfile(tarfile.TarInfo("scan.dcm"))
    return file.getvalue()


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)

FILES = {
    "report.pdf": (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", "pdf"),
    "mailed.pdf": (b"\r\n\r\n%PDF-1.4\n", "pdf"),
    "figure.eps": (b"%!PS-Adobe-3.0 EPSF-3.0\n", "postscript"),
    "report.docx": (zipped("[Content_Types].xml", "word/document.xml"), "word"),
    "report.doc": (OLE + "WordDocument".encode("utf-16-le"), "word"),
    "report.odt": (b"PK\x03\x04mimetypeapplication/vnd.oasis.opendocument.text", "word"),
    "report.rtf": (rb"{\rtf1\ansi Seen on Monday.}", "word"),
    "table.xlsx": (zipped("[Content_Types].xml", "xl/workbook.xml"), "spreadsheet"),
    "slides.pptx": (zipped("[Content_Types].xml", "ppt/presentation.xml"), "slides"),
    "mail.msg": (OLE, "office"),
    "scans.tar": (tar(), "archive"),
    "scans.tar.gz": (b"\x1f\x8b\x08" + bytes(20), "archive"),
    "scans.rar": (b"Rar!\x1a\x07\x01\x00", "archive"),
    "film.mp4": (b"\0\0\0\x18ftypisom\0\0\x02\0isomiso2", "video"),
    "film.mov": (b"\0\0\0\x14ftypqt  \0\0\0\0qt  ", "video"),
    "film.webm": (b"\x1aE\xdf\xa3\x9fB\x86\x81\x01", "video"),
    "film.avi": (b"RIFF\x24\0\0\0AVI LIST", "video"),
    "film.mts": (b"abcdG" + bytes(191) + b"G" + bytes(191) + b"G" + bytes(187), "video"),
    "film.ts": (3 * (b"G" + bytes(187)), "video"),
    "film.ogv": (b"OggS\0\2" + bytes(20) + b"\1\x2a\x80theora\3\2\1", "video"),
    "voice.wav": (sound(), "audio"),
    "voice.m4a": (b"\0\0\0\x18ftypM4A \0\0\x02\0", "audio"),
    "voice.amr": (b"#!AMR\n" + bytes(99), "audio"),
    "voice.aac": (b"\xff\xf1\x50\x80" + bytes(99), "audio"),
    "voice.caf": (b"caff\0\1\0\0desc", "audio"),
    "voice.opus": (b"OggS\0\2" + bytes(20) + b"\1\x13OpusHead\1\2", "audio"),
    "photo.cr3": (b"\0\0\0\x18ftypcrx \0\0\0\1crx isom", "camera_raw"),
    "photo.orf": (b"IIRO\x08\0\0\0" + bytes(99), "camera_raw"),
    "photo.rw2": (b"IIU\0\x18\0\0\0" + bytes(99), "camera_raw"),
    "drawing.svg": (b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"/>', "svg"),
    "page.html": (b"\xef\xbb\xbf\n<!DOCTYPE html>\n<title>Sign in</title>", "web_page"),
    "page.xhtml": (b'<?xml version="1.0"?><html></html>', "web_page"),
    "feed.xml": (b'<?xml version="1.0"?><feed/>', "xml"),
    "record.json": (b'{"patient": "seen on Monday"}', "json"),
    "rows.json": (b'[\n {"seen": 1}]', "json"),
    "notes.txt": ("Vu lundi. Rien à signaler.".encode(), "text"),
    "notes from Windows.txt": ("Seen on Monday.".encode("utf-16"), "text"),
    "long.txt": ("é".encode() * 50_000 + b"a", "text"),
    "array.npy": (saved_array(), "numpy"),
    "study.mat": (b"MATLAB 5.0 MAT-file, Platform: GLNXA64", "matlab"),
    "study.h5": (b"\x89HDF\r\n\x1a\n" + bytes(40), "hdf5"),
    "volume.nhdr": (
        b"NRRD0004\ntype: short\nsizes: 9 9 9\ndata file: volume.raw\n",
        "volume_header",
    ),
    "volume.mhd": (
        b"ObjectType = Image\nNDims = 3\nElementDataFile = volume.raw\n",
        "volume_header",
    ),
    "volume.hdr": (nibabel.AnalyzeImage.header_class().binaryblock, "volume_header"),
    "NIfTI pair.hdr": (nibabel.Nifti1Pair.header_class().binaryblock + bytes(4), "volume_header"),
    "NIfTI-2 pair.hdr": (nibabel.Nifti2Pair.header_class().binaryblock, "volume_header"),
    "volume with a comment.mhd": (
        b"Comment = none\nObjectType = Image\nNDims = 3\nElementDataFile = volume.raw\n",
        "volume_header",
    ),
    "layers.psd": (b"8BPS\0\x01" + bytes(6), "photoshop"),
    "layers.xcf": (b"gimp xcf v011\0", "gimp"),
    "cells.czi": (b"ZISRAWFILE" + bytes(22), "microscope_raw"),
    "cells.nd2": (b"\xda\xce\xbe\x0a" + bytes(28), "microscope_raw"),
    "cells.lif": (b"\x70\0\0\0\x14\0\0\0\x2a\x07\0\0\0<\0L\0", "microscope_raw"),
    "photo.jxr": (b"II\xbc\x01\x20\0\0\0", "jpeg_xr"),
    "photo.qoi": (b"qoif\0\0\0\x08\0\0\0\x08\x03\0", "qoi"),
    "scene.exr": (b"v/1\x01\x02\0\0\0channels\0chlist\0", "openexr"),
    "scene.hdr": (b"#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n-Y 8 +X 8\n", "radiance"),
    "book.djvu": (b"AT&TFORM\0\0\0\x20DJVU", "djvu"),
    "sky.fits": (b"SIMPLE  =                    T".ljust(80) + b"BITPIX  =", "fits"),
    "volume.mnc": (b"CDF\x01\0\0\0\0\0\0\0\x0a", "netcdf"),
    "program": (b"\x7fELF\x02\x01\x01" + bytes(500), "program"),
    "program.exe": (b"MZ\x90" + bytes(125) + b"PE\0\0" + bytes(99), "program"),
    "nothing.png": (b"", "empty"),
    "zeros": (bytes(5000), None),
    "noise": (np.random.default_rng(0).bytes(5000), None),
    "spaces": (b"  \n", None),
}


@pytest.mark.parametrize("name", FILES)
def test_a_refusal_names_what_the_file_is(name):
    content, kind = FILES[name]
    with pytest.raises(UnreadableImage) as caught:
        read_image(io.BytesIO(content))
    assert (caught.value.reason, caught.value.kind) == ("not_an_image", kind)
    assert not kind or caught.value.message() == f"this is {KINDS[kind]}, not an image"


def test_every_kind_is_tried():
    others = {kind for kind in KINDS if not kind.startswith("dicom_")}  # test_dicom_headers.py
    assert {kind for _, kind in FILES.values()} == {None, *others}
