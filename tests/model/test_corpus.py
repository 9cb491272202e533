"""Hundreds of images and files that pretend to be: each is predicted, or refused with a reason."""

import importlib.util
import io
import shutil
import sys
from collections import Counter
from pathlib import Path

import httpx
import numpy as np
import pytest
from PIL import Image

from model.classifier import Classifier
from model.decoding.file_kinds import kind_of
from model.decoding.raster import LARGE_PIXELS
from model.imaging import UnreadableImage, read_image
from model.release import read_release
from page.i18n import TEXTS
from tests.helpers.bad_files import (
    ORIENTATION,
    costly_images,
    encode,
    large_images,
    non_images,
    odd_images,
    truncated_images,
)
from tests.helpers.decode_probe import read_all
from tests.helpers.dicom_file import dicom
from tests.helpers.plain_http import call, upload
from tests.helpers.refusals import refusals
from tests.helpers.running_app import EXAMPLES

INSTALLED = ("gradio", "matplotlib", "pydicom", "skimage", "sklearn")
"""Packages that contain images."""

SUFFIXES = {".bmp", ".dcm", ".gif", ".gz", ".ico", ".ima", ".jpg", ".npz", ".png", ".svg", ".tif"}

SOURCES = Path(__file__).parents[1] / "sources"
"""Pillow's sources, whose tests have images that once broke it, are downloaded to this folder with
``pip download --no-deps --no-binary pillow --dest tests/sources pillow``."""

ZIP_FILES = ("archive.png", "archive and image.zip")
"""Those of ``non_images`` that are ZIP files, for which there is a sentence of its own."""

MAX_SECONDS = 5
MAX_MEGABYTES = 300

OUTCOMES = {"image", *UnreadableImage.REASONS}

# Peak memory is read from /proc.
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="measures memory as Linux does")


@pytest.fixture(scope="module")
def classifier():
    release = read_release()
    return Classifier(release.weights_file, release.labels, release.temperature)


@pytest.fixture(scope="module")
def costly():
    return costly_images()


def outcomes_within_limits(results) -> dict[str, str]:
    """Assert the limits of time and memory, and return the outcomes by file name."""
    for file, result in results.items():
        assert result["outcome"] in OUTCOMES, file.name
        assert result["seconds"] < MAX_SECONDS, file.name
        assert result["megabytes"] < MAX_MEGABYTES, file.name
    return {file.name: result["outcome"] for file, result in results.items()}


def write(folder, contents):
    folder.mkdir(exist_ok=True)
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    return [folder / name for name in contents]


def written_images() -> dict[str, bytes]:
    """Write an image in every format and mode that Pillow supports, by file name."""
    Image.init()
    photo, files = Image.open(EXAMPLES["other"]).resize((96, 96)), {}
    for format in Image.SAVE:
        for mode in ("RGB", "L", "1", "P", "RGBA", "LA", "CMYK", "I;16", "F"):
            try:
                content = encode(photo.convert("L").convert(mode), format)
            except Exception:  # Formats raise different types for modes that they do not support.
                continue
            files[f"{mode}.{format}"] = content
    return files


def installed_images() -> list[Path]:
    folders = [Path(importlib.util.find_spec(name).origin).parent for name in INSTALLED]
    return [f for folder in folders for f in folder.rglob("*") if f.suffix in SUFFIXES]


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """The results of small files by their kind, read by one process because it starts slowly."""
    folder = tmp_path_factory.mktemp("small")
    kinds = {
        "odd": write(folder / "odd", odd_images()),
        "non-images": write(folder / "non-images", non_images()),
        "truncated": write(folder / "truncated", truncated_images()),
        "written": write(folder / "written", written_images()),
        "installed": installed_images(),
    }
    results = read_all(file for files in kinds.values() for file in files)
    return {kind: {file: results[file] for file in files} for kind, files in kinds.items()}


def test_odd_images_are_read(small):
    outcomes = outcomes_within_limits(small["odd"])
    assert set(outcomes.values()) == {"image"}


def test_files_that_are_not_images_are_refused(small):
    outcomes = outcomes_within_limits(small["non-images"])
    assert {outcomes.pop(name) for name in ZIP_FILES} == {"zip_without_scans"}
    assert set(outcomes.values()) == {"not_an_image"}


def test_an_image_cut_at_any_tenth_is_refused_or_lacks_few_rows(small):
    outcomes = outcomes_within_limits(small["truncated"])
    assert set(outcomes.values()) <= {"damaged", "not_an_image", "image"}
    # How few is in test_salvage.py.
    assert not any(name[0] in "123456" for name in outcomes if outcomes[name] == "image")


def test_large_images_are_read_in_little_memory(tmp_path):
    outcomes = outcomes_within_limits(read_all(write(tmp_path, large_images())))
    assert set(outcomes.values()) == {"image"}


def test_costly_images_are_refused(tmp_path, costly):
    outcomes = outcomes_within_limits(read_all(write(tmp_path, costly)))
    assert set(outcomes.values()) == {"too_large"}


def test_every_format_that_pillow_writes_is_read_or_refused(small):
    outcomes = outcomes_within_limits(small["written"])
    assert len(outcomes) > 100
    assert Counter(outcomes.values())["image"] > len(outcomes) / 2


def test_images_of_installed_packages_are_read_or_refused(small):
    assert len(small["installed"]) > 150
    outcomes = outcomes_within_limits(small["installed"])
    assert Counter(outcomes.values())["image"] > 120


@pytest.mark.skipif(not SOURCES.is_dir(), reason="Pillow's sources are not downloaded")
def test_the_test_images_of_pillow_are_read_or_refused(tmp_path):
    (archive,) = SOURCES.glob("pillow-*.tar.gz")
    shutil.unpack_archive(archive, tmp_path)  # tarfile's filters need Python 3.11.4.
    files = [file for file in tmp_path.glob("*/Tests/images/**/*") if file.is_file()]
    assert len(files) > 1000
    assert Counter(outcomes_within_limits(read_all(files)).values())["image"] > 500


def turned(photo, orientation):
    turns = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}
    return photo.transpose(turns[orientation]) if orientation in turns else photo


def encodings(photo):
    """Encode an image in many ways."""
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


def test_all_orientations_and_encodings_of_an_image_get_the_same_prediction(classifier):
    with Image.open(EXAMPLES["lung"]) as image:
        photo = image.convert("RGB").resize((240, 200))
    expected = classifier.classify(photo)
    assert max(expected, key=expected.get) == "lung"
    for content in encodings(photo):
        prediction = classifier.classify(read_image(io.BytesIO(content)))
        assert prediction == pytest.approx(expected, abs=0.02), content[:16]


@pytest.mark.parametrize("label", ["brain", "lung"])
def test_all_bit_depths_of_an_image_get_the_same_prediction(classifier, label):
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
        prediction = classifier.classify(read_image(io.BytesIO(copy)))
        assert prediction == pytest.approx(expected, abs=0.02)


def test_an_enlarged_copy_gets_the_same_prediction(classifier):
    expected = classifier.classify(read_image(EXAMPLES["lung"]))
    with Image.open(EXAMPLES["lung"]) as image:
        size = 2900, 2900 * image.height // image.width
        large = image.convert("RGB").resize(size)
        few_colours = image.convert("RGB").quantize(256).resize(size)
    assert large.width * large.height > LARGE_PIXELS
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    standing = large.transpose(Image.Transpose.ROTATE_90)
    for copy in (
        encode(standing, "JPEG", quality=95, exif=exif),
        encode(standing, "PNG", exif=exif, compress_level=1),
        encode(large.convert("RGBA"), "TIFF"),
        encode(few_colours, "PNG", compress_level=1),
    ):
        prediction = classifier.classify(read_image(io.BytesIO(copy)))
        assert prediction == pytest.approx(expected, abs=0.02), len(copy)


def test_the_running_app_predicts_or_refuses_and_continues(app, costly):
    log = app.read_log()
    kinds = {"": odd_images(), "not_an_image": non_images(), "too_large": costly}
    with httpx.Client(base_url=f"{app.url}/gradio_api", timeout=60) as http:
        for reason, contents in kinds.items():
            for name, content in contents.items():
                event, text = call(http, upload(http, name, content))
                if reason:
                    named = refusals(kind_of(io.BytesIO(content)))["en"]
                    expected = named if reason == "not_an_image" else TEXTS[reason]["en"]
                    if name in ZIP_FILES:
                        expected = TEXTS["zip_without_scans"]["en"]
                    assert (event, text) == ("error", expected), name
                else:
                    assert (event, text in EXAMPLES) == ("complete", True), name
            next_image = upload(http, "scan.png", EXAMPLES["lung"].read_bytes())
            assert call(http, next_image) == ("complete", "lung")
    assert app.read_log() == log
