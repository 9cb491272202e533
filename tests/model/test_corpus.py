"""Hundreds of pictures and files that only say so: each is answered, or refused with a reason."""

import importlib.util
import io
import re
import sys
import tarfile
from collections import Counter
from pathlib import Path

import httpx
import numpy as np
import pytest
from PIL import Image

from model.classifier import Classifier
from model.imaging import LARGE_PIXELS, UnreadableImage, read_image
from model.release import read_release
from tests.helpers.bad_files import (
    ERROR_MESSAGES,
    ORIENTATION,
    costly_pictures,
    encode,
    large_pictures,
    no_pictures,
    odd_pictures,
    truncated,
)
from tests.helpers.decode_probe import read_all
from tests.helpers.dicom_file import dicom
from tests.helpers.plain_http import call, upload
from tests.helpers.running_app import EXAMPLES

INSTALLED = ("gradio", "matplotlib", "pydicom", "skimage", "sklearn")
"""Packages that bring pictures."""

SUFFIXES = {".bmp", ".dcm", ".gif", ".gz", ".ico", ".ima", ".jpg", ".npz", ".png", ".svg", ".tif"}

SOURCES = Path(__file__).parents[1] / "sources"
"""Where ``pip download --no-deps --no-binary pillow --dest tests/sources pillow`` puts the sources
of Pillow, with the pictures that once broke it."""

LONGEST_SECONDS = 5
LARGEST_MEGABYTES = 300

OUTCOMES = {"picture", *UnreadableImage.REASONS}

# The kernel's count of memory is read from /proc.
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="measures memory as Linux does")


@pytest.fixture(scope="module")
def classifier():
    release = read_release()
    return Classifier(release.weights_file, release.labels, release.temperature)


@pytest.fixture(scope="module")
def costly():
    return costly_pictures()


def tried(files) -> dict[str, str]:
    """The outcome of every file, by its name; each within the limits of time and memory."""
    results = read_all(files)
    for file, result in results.items():
        assert result["outcome"] in OUTCOMES, file.name
        assert result["seconds"] < LONGEST_SECONDS, file.name
        assert result["megabytes"] < LARGEST_MEGABYTES, file.name
    return {file.name: result["outcome"] for file, result in results.items()}


def written(folder, contents):
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    return [folder / name for name in contents]


def test_odd_pictures_are_read(tmp_path):
    outcomes = tried(written(tmp_path, odd_pictures()))
    assert set(outcomes.values()) == {"picture"}


def test_what_is_no_picture_is_called_so(tmp_path):
    outcomes = tried(written(tmp_path, no_pictures()))
    assert set(outcomes.values()) == {"not_a_picture"}


def test_a_picture_cut_at_any_tenth_is_refused(tmp_path):
    outcomes = tried(written(tmp_path, truncated()))
    assert set(outcomes.values()) <= {"damaged", "not_a_picture"}


def test_large_pictures_are_read_in_little_memory(tmp_path):
    outcomes = tried(written(tmp_path, large_pictures()))
    assert set(outcomes.values()) == {"picture"}


def test_small_files_that_would_cost_much_are_refused(tmp_path, costly):
    outcomes = tried(written(tmp_path, costly))
    assert set(outcomes.values()) == {"too_large"}


def test_every_format_that_pillow_writes_is_read_or_refused(tmp_path):
    Image.init()
    photo, files = Image.open(EXAMPLES["other"]).resize((96, 96)), {}
    for format in Image.SAVE:
        for mode in ("RGB", "L", "1", "P", "RGBA", "LA", "CMYK", "I;16", "F"):
            try:
                content = encode(photo.convert("L").convert(mode), format)
            except Exception:  # No format takes every mode, and each says so its way.
                continue
            files[f"{mode}.{format}"] = content
    assert len(files) > 100
    outcomes = tried(written(tmp_path, files))
    assert Counter(outcomes.values())["picture"] > len(files) / 2


def test_pictures_that_packages_bring_are_read_or_refused():
    folders = [Path(importlib.util.find_spec(name).origin).parent for name in INSTALLED]
    files = [f for folder in folders for f in folder.rglob("*") if f.suffix in SUFFIXES]
    assert len(files) > 150
    outcomes = Counter(tried(files).values())
    assert outcomes["picture"] > 120


@pytest.mark.skipif(not SOURCES.is_dir(), reason="the sources of Pillow are not downloaded")
def test_the_pictures_that_pillow_is_tested_with_are_read_or_refused(tmp_path):
    (archive,) = SOURCES.glob("pillow-*.tar.gz")
    with tarfile.open(archive) as opened:
        opened.extractall(tmp_path, filter="data")
    files = [file for file in tmp_path.glob("*/Tests/images/**/*") if file.is_file()]
    assert len(files) > 1000
    assert Counter(tried(files).values())["picture"] > 500


def turned(photo, orientation):
    turns = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}
    return photo.transpose(turns[orientation]) if orientation in turns else photo


def encodings(photo):
    """The same picture in many files."""
    for orientation in range(1, 9):
        exif = Image.Exif()
        exif[ORIENTATION] = orientation
        stored = turned(photo, orientation)
        for format in ("JPEG", "PNG", "TIFF", "WEBP", "AVIF"):
            yield encode(stored, format, exif=exif, quality=95)
    for format in ("BMP", "DDS", "GIF", "JPEG2000", "PCX", "PPM", "SGI", "TGA", "ICO"):
        yield encode(photo, format)
    yield encode(photo, "JPEG", quality=95, progressive=True)
    yield encode(photo, "TIFF", compression="tiff_lzw")
    yield encode(photo.convert("RGBA"), "PNG")
    yield encode(photo.convert("CMYK"), "TIFF")


@pytest.mark.parametrize("label", EXAMPLES)
def test_all_orientations_and_encodings_of_a_picture_get_the_same_answer(classifier, label):
    with Image.open(EXAMPLES[label]) as image:
        photo = image.convert("RGB").resize((240, 200))
    expected = classifier.classify(photo)
    assert max(expected, key=expected.get) == label
    for content in encodings(photo):
        answer = classifier.classify(read_image(io.BytesIO(content)))
        assert answer == pytest.approx(expected, abs=0.02), Image.open(io.BytesIO(content)).format


@pytest.mark.parametrize("label", ["brain", "lung"])
def test_grey_of_many_depths_gets_the_same_answer(classifier, label):
    with Image.open(EXAMPLES[label]) as image:
        values = np.asarray(image.convert("L")).astype(np.uint16)
    expected = classifier.classify(read_image(EXAMPLES[label]))
    for copy in (
        encode(Image.fromarray(values * 257), "PNG"),
        encode(Image.fromarray(values * 16), "TIFF"),
        encode(Image.fromarray(values.astype(np.float32)), "TIFF"),
        encode(Image.fromarray(values.astype(np.int32) * 1000), "TIFF"),
        dicom(values),
    ):
        answer = classifier.classify(read_image(io.BytesIO(copy)))
        assert answer == pytest.approx(expected, abs=0.02)


@pytest.mark.parametrize("label", EXAMPLES)
def test_an_enlarged_copy_gets_the_answer_of_the_picture(classifier, label):
    expected = classifier.classify(read_image(EXAMPLES[label]))
    with Image.open(EXAMPLES[label]) as image:
        large = image.convert("RGB").resize((3800, 3800 * image.height // image.width))
    assert large.width * large.height > LARGE_PIXELS
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    standing = large.transpose(Image.Transpose.ROTATE_90)
    for copy in (
        encode(standing, "JPEG", quality=95, exif=exif),
        encode(standing, "PNG", exif=exif, compress_level=1),
        encode(large.convert("RGBA"), "TIFF"),
        encode(large.quantize(256), "PNG", compress_level=1),
    ):
        answer = classifier.classify(read_image(io.BytesIO(copy)))
        assert answer == pytest.approx(expected, abs=0.02), len(copy)


def test_the_running_app_answers_or_refuses_in_one_sentence_and_goes_on(app, costly):
    log = app.log
    kinds = {"": odd_pictures(), "not_a_picture": no_pictures(), "too_large": costly}
    with httpx.Client(base_url=f"{app.url}/gradio_api", timeout=60) as http:
        for reason, contents in kinds.items():
            for name, content in contents.items():
                event, text = call(http, upload(http, name, content))
                if reason:
                    assert event == "error", name
                    assert re.fullmatch(rf"This \w+ {ERROR_MESSAGES[reason]}[^./\\<>]*\.", text), (
                        name
                    )
                else:
                    assert (event, text in EXAMPLES) == ("complete", True), name
            next_visitor = upload(http, "scan.png", EXAMPLES["lung"].read_bytes())
            assert call(http, next_visitor) == ("complete", "lung")
    assert app.log == log
