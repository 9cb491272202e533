"""Make files that a public page gets sooner or later: odd, broken and costly images."""

import io
import struct
import zipfile
import zlib

import numpy as np
import pydicom
from PIL import Image, ImageCms

from tests.helpers.dicom_file import dicom
from tests.helpers.running_app import EXAMPLES

ORIENTATION = 0x0112
"""The EXIF tag."""


def encode(image: Image.Image, format: str, **options) -> bytes:
    """Encode an image as a file."""
    encoded = io.BytesIO()
    image.save(encoded, format, **options)
    return encoded.getvalue()


def photograph() -> Image.Image:
    """Open a photograph of 128 x 96 pixels."""
    with Image.open(EXAMPLES["other"]) as image:
        return image.resize((128, 96))


def odd_images() -> dict[str, bytes]:
    """Make unusual images that can be read, by file name."""
    photo = photograph()
    grey = photo.convert("L")
    values = np.asarray(grey).astype(np.uint16) * 257
    floats = values.astype(np.float32) / 7
    floats[:2, :3] = np.nan, np.inf, -np.inf
    lab = ImageCms.profileToProfile(
        photo, ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB"), outputMode="LAB"
    )
    palette = photo.quantize(32)
    frames = [Image.new("RGB", (32, 32), (i, 255 - i, 2 * i)) for i in range(100)]
    animation = {"save_all": True, "append_images": frames[1:]}
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as opened:
        opened.writestr("page.html", "<script>alert(1)</script>")
    script = b"<html><script>alert(1)</script></html>"
    files = {
        "1x1.png": encode(Image.new("RGB", (1, 1)), "PNG"),
        "1x30000.png": encode(Image.new("L", (1, 30_000), 9), "PNG"),
        "30000x1.jpg": encode(Image.new("RGB", (30_000, 1)), "JPEG"),
        "100 frames.gif": encode(frames[0], "GIF", **animation),
        "100 frames.png": encode(frames[0], "PNG", **animation),
        "100 frames.webp": encode(frames[0], "WEBP", **animation),
        "100 pages.tiff": encode(frames[0], "TIFF", **animation),
        "cmyk.jpg": encode(photo.convert("CMYK"), "JPEG"),
        "cmyk.tiff": encode(photo.convert("CMYK"), "TIFF"),
        "lab.tiff": encode(lab, "TIFF"),
        "16 bits.png": encode(Image.fromarray(values), "PNG"),
        "16 bits, little-endian.tiff": grey_tiff(values, "<"),
        "16 bits, big-endian.tiff": grey_tiff(values, ">"),
        "floats, some not finite, little-endian.tiff": grey_tiff(floats, "<", sample_format=3),
        "floats, some not finite, big-endian.tiff": grey_tiff(floats, ">", sample_format=3),
        "palette with alpha.png": encode(palette, "PNG", transparency=bytes(range(0, 256, 8))),
        "fully transparent.png": encode(Image.new("RGBA", (64, 64)), "PNG"),
        "fully transparent.webp": encode(Image.new("RGBA", (64, 64)), "WEBP"),
        "wrong ending.gif": encode(photo, "JPEG"),
        "wrong ending.txt": encode(photo, "PNG"),
        "no ending": encode(photo, "WEBP"),
        "scan.dcm": dicom(values),
        "image and archive.png": encode(photo, "PNG") + archive.getvalue(),
        "image and page.jpg": encode(photo, "JPEG", comment=script) + script,
        "image and program.gif": encode(photo, "GIF", comment=b"*/=1;alert(1)//"),
        "scan and TIFF.dcm": dicom(values, preamble=b"II*\0" + bytes(124)),
    }
    for orientation in range(1, 9):
        exif = Image.Exif()
        exif[ORIENTATION] = orientation
        files[f"orientation {orientation}.jpg"] = encode(photo, "JPEG", exif=exif)
    return files


def non_images() -> dict[str, bytes]:
    """Make files that are not images, by file name."""
    png = encode(photograph(), "PNG")
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as opened:
        opened.writestr("brain.png", png)
    svg = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(1)</script>'
    return {
        "empty.png": b"",
        "one byte.png": b"\x89",
        "notes.png": b"The patient was seen on Monday.",
        "page.png": b"<!doctype html><img src=x onerror=alert(1)>",
        "drawing.svg": svg + b"</svg>",
        "drawing.png": svg + b"</svg>",
        "archive.png": archive.getvalue(),
        "archive and image.zip": archive.getvalue() + png,
        "sound.png": b"RIFF\x24\0\0\0WAVEfmt " + bytes(40),
        "document.pdf": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<<>>\nendobj\n" + png,
        "drawing.eps": encode(photograph(), "EPS"),
        "program.png": b"\x7fELF" + bytes(500),
        "noise.png": np.random.default_rng(0).bytes(5000),
    }


def truncated_images() -> dict[str, bytes]:
    """Cut images at every tenth of their length, by file name."""
    files, photo = {}, photograph()
    for format in ("AVIF", "BMP", "GIF", "JPEG", "JPEG2000", "PCX", "PNG", "TGA", "TIFF", "WEBP"):
        content = encode(photo, format)
        for tenth in range(1, 10):
            files[f"{tenth} tenths.{format.lower()}"] = content[: len(content) * tenth // 10]
    scan = dicom(np.asarray(photo.convert("L")).astype(np.uint16))
    for tenth in range(1, 7):  # Of longer ones, the missing rows are shown grey.
        files[f"{tenth} tenths.dcm"] = scan[: len(scan) * tenth // 10]
    files["a few of 50 million pixels.png"] = resized_png(65_000, 800)
    return files


def large_images() -> dict[str, bytes]:
    """Make small files of images just within the limits, by file name."""
    sides = (8000, 8000)
    return {
        "64 million.jpg": encode(Image.new("RGB", sides, "teal"), "JPEG"),
        "64 million, grey, progressive.jpg": encode(
            Image.new("L", sides), "JPEG", progressive=True
        ),
        "64 million, palette.png": encode(
            Image.new("P", sides), "PNG", transparency=0, compress_level=1
        ),
        "64 million, 1 bit.tiff": encode(Image.new("1", sides), "TIFF", compression="group4"),
        "64 million, 16 bits.png": black_png(*sides, depth=16, colour_type=0, pixel_bytes=2),
        "54 million, alpha.png": large_alpha_png(),
        "49 million, dark, 16 bits a colour.png": black_png(
            7000, 7000, depth=16, colour_type=2, pixel_bytes=6
        ),
        "27 million.tiff": encode(Image.new("RGB", (3375, 8000)), "TIFF", compression="tiff_lzw"),
        "13 million.webp": encode(Image.new("RGB", (3250, 4000)), "WEBP", method=0),
        "13 million.avif": encode(Image.new("RGB", (3250, 4000)), "AVIF", speed=10),
        "12 million.jp2": encode(Image.new("RGB", (3000, 4000)), "JPEG2000"),
        "8 million, alpha.png": black_png(2000, 4000, depth=8, colour_type=6, pixel_bytes=4),
        "9 million.dcm": dicom(np.zeros((3000, 3000), np.uint16), WindowCenter=40, WindowWidth=80),
    }


def large_alpha_png() -> bytes:
    """Make a small file of 54 million pixels with alpha, which takes long to decode."""
    return black_png(6750, 8000, depth=8, colour_type=6, pixel_bytes=4)


def black_png(width: int, height: int, depth: int, colour_type: int, pixel_bytes: int) -> bytes:
    """Make a PNG of zeros, whose height is a multiple of 100, much faster than Pillow does."""
    # A hundred rows are compressed once, and the result is repeated.
    rows = bytes(100 * (1 + width * pixel_bytes))
    deflate = zlib.compressobj(1, wbits=-zlib.MAX_WBITS)
    block = deflate.compress(rows) + deflate.flush(zlib.Z_FULL_FLUSH)
    repeats = height // 100
    checksum = len(rows) * repeats % 65_521 << 16 | 1  # Adler-32 of zeros
    data = b"\x78\x01" + repeats * block + deflate.flush() + struct.pack(">I", checksum)
    header = struct.pack(">2I5B", width, height, depth, colour_type, 0, 0, 0)
    content = b"\x89PNG\r\n\x1a\n"
    for chunk in (b"IHDR" + header, b"IDAT" + data, b"IEND"):
        content += struct.pack(">I", len(chunk) - 4) + chunk + struct.pack(">I", zlib.crc32(chunk))
    return content


def costly_images() -> dict[str, bytes]:
    """Make small files that would take too much memory or time to decode, by file name."""
    return {
        "20000x20000.png": resized_png(20_000, 20_000),
        "70000x4.png": encode(Image.new("RGB", (70_000, 4)), "PNG"),
        "65 million.jpg": resized_jpeg("L", 8126, 8000),
        "64 million, progressive.jpg": resized_jpeg("CMYK", 8000, 8000, progressive=True),
        "56 million.png": resized_png(7000, 8000),
        "14 million.webp": resized_webp(3500, 4000),
        "10000 scans.jpg": many_scans(10_000),
        "10000 scans.dcm": dicom_of_jpeg(many_scans(10_000)),
        "9 million, ten bits a colour.dds": dds_of_ten_bits(3000),
        "70 million.pbm": b"P4 7000 10000\n" + bytes(7000 // 8 * 10_000),
    }


def resized_png(width: int, height: int) -> bytes:
    """Make a small PNG that declares a size of which it has few rows, or none."""
    content = bytearray(encode(photograph(), "PNG"))
    content[16:24] = struct.pack(">II", width, height)
    content[29:33] = struct.pack(">I", zlib.crc32(content[12:29]))
    return bytes(content)


def resized_jpeg(mode: str, width: int, height: int, **options) -> bytes:
    """Make a small JPEG that declares a size of which it has few pixels."""
    content = bytearray(encode(Image.new(mode, (16, 16)), "JPEG", **options))
    frame = content.index(b"\xff\xc2" if options.get("progressive") else b"\xff\xc0")
    content[frame + 5 : frame + 9] = struct.pack(">HH", height, width)
    return bytes(content)


def resized_webp(width: int, height: int) -> bytes:
    """Make a small WebP that declares a size of which it has few pixels."""
    content = bytearray(encode(Image.new("RGB", (16, 16)), "WEBP"))
    content[26:30] = struct.pack("<HH", width, height)
    return bytes(content)


def many_scans(count: int) -> bytes:
    """Make a progressive JPEG that repeats one of its scans."""
    content = encode(Image.new("L", (1024, 1024)), "JPEG", progressive=True)
    *_, start = (i for i in range(len(content)) if content[i : i + 2] == b"\xff\xda")
    return content[:start] + content[start:-2] * count + content[-2:]


def dds_of_ten_bits(side: int) -> bytes:
    """Make a texture that Pillow decodes in Python, without its pixels."""
    masks = (0x3FF00000, 0xFFC00, 0x3FF, 0)
    pixel_format = struct.pack("<II4sI4I", 32, 0x40, bytes(4), 32, *masks)
    header = struct.pack("<7I", 124, 0x1007, side, side, 0, 0, 0) + bytes(44) + pixel_format
    return b"DDS " + header + struct.pack("<5I", 0x1000, 0, 0, 0, 0)


def grey_tiff(values: np.ndarray, order: str, sample_format: int = 1) -> bytes:
    """Make an uncompressed grey TIFF of one strip, in either byte order."""
    height, width = values.shape
    data = values.astype(values.dtype.newbyteorder(order)).tobytes()
    bits = values.dtype.itemsize * 8
    fields = [(256, width), (257, height), (258, bits), (259, 1), (262, 1), (273, 8), (277, 1)]
    fields += [(278, height), (279, len(data)), (339, sample_format)]
    entries = b"".join(struct.pack(order + "HHII", tag, 4, 1, value) for tag, value in fields)
    magic = b"II*\0" if order == "<" else b"MM\0*"
    directory = struct.pack(order + "H", len(fields)) + entries + struct.pack(order + "I", 0)
    return magic + struct.pack(order + "I", 8 + len(data)) + data + directory


def dicom_of_jpeg(content: bytes) -> bytes:
    """Make a DICOM file with one frame, a grey JPEG of 1024 x 1024 pixels."""
    return dicom(
        np.zeros((1024, 1024), np.uint8),
        syntax=pydicom.uid.JPEGBaseline8Bit,
        PixelData=pydicom.encaps.encapsulate([content]),
    )
