"""Files that are not images, damaged or too large."""

import io
import struct
import subprocess
import sys
import zlib

import numpy as np
import pytest
from PIL import Image

from model.decoding.limits import MAX_DECODED_BYTES
from tests.helpers.bad_files import encode, photograph
from tests.helpers.refusals import refused
from tests.helpers.running_app import ROOT


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"P",
        b"\xff",
        b"just a text",
        b"Python, please open this text\n",
        b"<!DOCTYPE html><html><body>404</body></html>",
        b'<svg xmlns="http://www.w3.org/2000/svg" width="8" height="8"><rect/></svg>',
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 8 8\n%%EndComments\nshowpage\n%%EOF\n",
        b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<<>>\nendobj\n",
        b"\x5c\x01\0\0" + bytes(344) + b"n+1\0",
        b"RIFF\x24\0\0\0WAVEfmt " + bytes(40),
        b"\0" * 5000,
        np.random.default_rng(0).bytes(5000),
    ],
    ids=lambda content: content[:6].decode("ascii", "replace").replace("\0", "0") or "empty",
)
def test_files_that_are_not_images_are_refused(content):
    assert refused(content).reason == "not_an_image"


def test_eps_is_refused_although_pillow_opens_it():
    content = encode(Image.new("RGB", (8, 8)), "EPS")
    with Image.open(io.BytesIO(content)) as image:
        assert image.format == "EPS"
    assert refused(content).reason == "not_an_image"


@pytest.mark.parametrize("share", [0.01, 0.1, 0.5])
@pytest.mark.parametrize("format", ["PNG", "JPEG", "TIFF", "BMP", "WEBP", "JPEG2000"])
def test_a_truncated_file_is_damaged(format, share):
    content = encode(photograph(), format)
    assert refused(content[: int(len(content) * share)]).reason == "damaged"


def test_a_truncated_gif_is_damaged():
    content = encode(photograph(), "GIF")
    for share in (0.1, 0.5):
        assert refused(content[: int(len(content) * share)]).reason == "damaged"


def test_a_png_with_wrong_bytes_inside_is_damaged():
    content = bytearray(encode(photograph(), "PNG"))
    content[len(content) // 2] ^= 0xFF
    assert refused(bytes(content)).reason == "damaged"


def png_chunk(name, content=b""):
    checksum = zlib.crc32(name + content)
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", checksum)


def png_without_pixels(width, height):
    header = png_chunk(b"IHDR", struct.pack(">2I5B", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + png_chunk(b"IDAT") + png_chunk(b"IEND")


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
def test_the_declared_size_is_checked_before_decoding():
    height = MAX_DECODED_BYTES // 4 // 10_000  # Pillow has four bytes per RGB pixel.
    assert refused(png_without_pixels(10_000, height)).reason == "damaged"
    assert refused(png_without_pixels(10_000, height + 1)).reason == "too_large"
    assert refused(png_without_pixels(2**31 - 1, 2**31 - 1)).reason == "too_large"


@pytest.mark.parametrize(
    ("format", "offset", "fields"), [("BMP", 18, "<ii"), ("GIF", 6, "<HH"), ("TGA", 12, "<HH")]
)
def test_a_too_large_declared_size_is_refused_in_other_formats(format, offset, fields):
    content = bytearray(encode(Image.new("L", (1, 1)), format))
    assert struct.unpack_from(fields, content, offset) == (1, 1)
    struct.pack_into(fields, content, offset, 30_000, 30_000)
    assert refused(bytes(content)).reason == "too_large"


@pytest.mark.parametrize("container", ["ICO", "ICNS"])
def test_a_large_image_inside_a_small_icon_is_refused_before_decoding(container):
    inner = png_without_pixels(20_000, 20_000)
    if container == "ICO":
        entry = struct.pack("<4B2H2I", 16, 16, 0, 0, 1, 32, len(inner), 22)
        content = struct.pack("<3H", 0, 1, 1) + entry + inner
    else:
        block = b"ic07" + struct.pack(">I", len(inner) + 8) + inner
        content = b"icns" + struct.pack(">I", len(block) + 8) + block
    assert refused(content).reason == "too_large"


def test_an_image_just_below_the_limit_is_read_without_a_warning(tmp_path):
    file = tmp_path / "large.png"
    Image.new("1", (10_000, 6_000), 1).save(file)
    code = f"from model.imaging import read_image; print(read_image({str(file)!r}).mode)"
    ended = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert (ended.stdout, ended.stderr) == ("RGB\n", "")
