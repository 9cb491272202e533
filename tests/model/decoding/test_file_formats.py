"""Images in folders are found by what they are, whatever they are called."""

import gzip
import io
import zipfile
from pathlib import Path

import nibabel
import numpy as np
import pytest
from PIL import Image

from model.batch_predict import find_images
from model.decoding.file_formats import count_by_suffix, format_of, is_image_file
from tests.helpers.bad_files import encode, photograph
from tests.helpers.dicom_file import dicom

SCAN = dicom(np.asarray(photograph().convert("L")).astype(np.uint16))
DIRECTORY = SCAN.replace(b"1.2.840.10008.5.1.4.1.1.2\0", b"1.2.840.10008.1.3.10\0\0\0\0\0\0")
VOLUME = nibabel.Nifti1Image(np.zeros((4, 4, 4), np.uint8), np.eye(4)).to_bytes()


def archive(name, content):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as opened:
        opened.writestr(name, content)
    return file.getvalue()


def test_a_folder_of_a_disc_is_searched_for_what_its_files_are(tmp_path):
    files = {
        "DICOM/ST0/IM0001": SCAN,
        "DICOM/ST0/a.IMA": SCAN,
        "DICOM/ST0/b.dic": SCAN,
        "DICOM/ST0/without preamble": SCAN[132:],
        "DICOM/ST0/1.2.840.113619.2": SCAN,
        "photo": encode(photograph(), "JPEG"),
        "series.zip": archive("IM0001", SCAN),
        "packed.zip": archive("IM0001.dcm.gz", gzip.compress(SCAN)),
        "old series.zip": archive("IM0001", SCAN[132:]),
        "t1.nii": VOLUME,
        "t1.nii.gz": gzip.compress(VOLUME),
    }
    others = {
        "DICOMDIR": DIRECTORY,
        "AUTORUN.INF": b"[autorun]",
        "README.TXT": b"Open the viewer.",
        "RUN.EXE": b"MZ" + bytes(500),
        "backup.tar.gz": gzip.compress(bytes(500)),
        "documents.zip": archive("notes.txt", b"Seen on Monday."),
        "report.pdf": b"%PDF-1.7" + bytes(500),
        "empty": b"",
        ".hidden": SCAN,
    }
    for name, content in (files | others).items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(content)
    found, errors = find_images([tmp_path])
    assert {str(file.relative_to(tmp_path)) for file in found} == files.keys()
    assert errors == {}


@pytest.mark.parametrize(
    "format", ["AVIF", "BMP", "GIF", "JPEG", "JPEG2000", "PNG", "TIFF", "WEBP"]
)
def test_pictures_are_recognised_without_their_ending(tmp_path, format):
    file = tmp_path / "picture"
    file.write_bytes(encode(photograph(), format))
    assert is_image_file(file)


def test_the_brand_tells_heic_from_avif_and_video():
    def brand(major, *compatible):
        brands = b"".join(compatible)
        return (16 + len(brands)).to_bytes(4, "big") + b"ftyp" + major + bytes(4) + brands

    assert format_of(brand(b"heic", b"mif1", b"heic")) == "heif"
    assert format_of(brand(b"mif1", b"mif1", b"heic")) == "heif"
    assert format_of(brand(b"mif1", b"mif1", b"avif")) == "avif"
    assert format_of(brand(b"avif", b"mif1")) == "avif"
    assert format_of(brand(b"isom", b"mp41")) is None


def test_no_text_and_no_noise_is_taken_for_an_image():
    for text in (b"", b"BM is how this note begins.", b"II. Results", b"Name,Value\n1,2\n"):
        assert format_of(text) is None
    noise = np.random.default_rng(0).integers(0, 256, (2000, 352), np.uint8)
    assert not any(format_of(row.tobytes()) for row in noise)


def test_what_is_passed_over_is_counted_by_its_ending():
    paths = map(Path, ["a.CSV", "b.csv", "LICENSE", "c.tar.gz"])
    assert count_by_suffix(list(paths)) == ".csv 2, .gz 1, no ending 1"


def test_a_folder_named_like_an_image_is_none(tmp_path):
    (tmp_path / "a.png").mkdir()
    assert not is_image_file(tmp_path / "a.png")
    Image.new("L", (2, 2)).save(tmp_path / "b.png")
    assert is_image_file(tmp_path / "b.png")
