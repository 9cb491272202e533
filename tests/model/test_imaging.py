"""Ordinary image files keep their pixels."""

import io
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms, ImageOps

from model.decoding import raster
from model.decoding.file_formats import SUFFIXES
from model.decoding.raster import FORMATS
from model.imaging import network_input, read_image
from tests.helpers.bad_files import encode
from tests.helpers.pixels import ORIENTATION, TURNS, difference, grey, read

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.mark.parametrize("name", sorted(path.name for path in EXAMPLES.glob("*.*g")))
def test_examples_keep_their_size_and_pixels(name):
    with Image.open(EXAMPLES / name) as image:
        expected = np.asarray(image.convert("RGB"))
    with open(EXAMPLES / name, "rb") as opened:
        np.testing.assert_array_equal(read_image(opened), expected)
    np.testing.assert_array_equal(read_image(EXAMPLES / name), expected)


@pytest.mark.parametrize("format", ["JPEG", "PNG", "TIFF", "WEBP", "AVIF"])
@pytest.mark.parametrize("orientation", TURNS)
def test_every_exif_orientation_is_applied(photo, format, orientation):
    stored = Image.fromarray(np.ascontiguousarray(TURNS[orientation](np.asarray(photo))))
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    # With any other orientation this image differs by more than 30.
    assert difference(read(encode(stored, format, exif=exif)), np.asarray(photo)) < 6


def test_the_orientation_is_applied_despite_odd_exif_values(photo):
    # Orientation 6, and a maker of the type "undefined", which Pillow cannot write back.
    entries = struct.pack(">HHIHH", ORIENTATION, 3, 1, 6, 0) + struct.pack(">HHI4s", 271, 5, 1, b"")
    exif = b"Exif\0\0MM\0*" + struct.pack(">IH", 8, 2) + entries + struct.pack(">I", 0)
    stored = Image.fromarray(np.ascontiguousarray(TURNS[6](np.asarray(photo))))
    content = encode(stored, "JPEG", exif=exif)
    with Image.open(io.BytesIO(content)) as image, pytest.raises(Exception):  # noqa: B017
        ImageOps.exif_transpose(image)
    assert difference(read(content), np.asarray(photo)) < 6


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize("exif", [b"Exif\0\0garbage", b"Exif\0\0II*\0\x08\0\0\0\xff\xff"])
def test_an_image_with_unreadable_exif_is_read(photo, exif):
    assert difference(read(encode(photo, "JPEG", exif=exif)), np.asarray(photo)) < 6


@pytest.mark.parametrize("format", ["PNG", "TIFF", "BMP", "PPM", "WEBP"])
def test_8_bit_grey_is_not_scaled(photo, format):
    values = np.asarray(photo.convert("L")) // 2  # An image that does not use the whole range.
    pixels = read(encode(Image.fromarray(values), format, **lossless(format)))
    np.testing.assert_array_equal(grey(pixels), values)


def lossless(format):
    return {"lossless": True} if format == "WEBP" else {}


@pytest.mark.parametrize("format", ["PNG", "GIF", "TIFF", "BMP"])
def test_a_palette_image_has_the_colours_of_its_palette(photo, format):
    palette = photo.quantize(32)
    expected = np.asarray(palette.convert("RGB"))
    np.testing.assert_array_equal(read(encode(palette, format)), expected)


@pytest.mark.parametrize("format", ["PNG", "TIFF", "TGA"])
def test_alpha_is_composited_onto_white(photo, format):
    alpha = np.linspace(0, 255, 128 * 96).reshape(96, 128).astype(np.uint8)
    image = photo.copy()
    image.putalpha(Image.fromarray(alpha))
    share = alpha[..., None] / 255
    expected = np.asarray(photo) * share + 255 * (1 - share)
    np.testing.assert_allclose(read(encode(image, format)), expected, atol=1)


def test_grey_with_alpha_is_composited_onto_white(photo):
    image = photo.convert("LA")
    image.putalpha(64)
    expected = np.asarray(photo.convert("L")) * (64 / 255) + 255 * (191 / 255)
    np.testing.assert_allclose(grey(read(encode(image, "PNG"))), expected, atol=1)


@pytest.mark.parametrize("format", ["GIF", "PNG", "WEBP"])
def test_the_canvas_around_the_frames_of_an_animation_is_white(format):
    frames = [Image.new("RGBA", (64, 48)) for _ in range(3)]
    for index, frame in enumerate(frames):
        frame.paste((200, 30, 40), (10 * index, 10, 10 * index + 20, 30))
    content = encode(frames[0], format, save_all=True, append_images=frames[1:], **lossless(format))
    pixels = read(content)
    assert pixels[40, 5].tolist() == [255, 255, 255]
    assert [200, 30, 40] in pixels[20].tolist()


@pytest.mark.parametrize("mode", ["L", "P", "RGB", "1"])
def test_a_transparent_colour_becomes_white(mode):
    image = Image.new("L", (8, 8), 0)
    image.paste(255, (0, 0, 8, 4))
    image = image.convert("P").quantize(2) if mode == "P" else image.convert(mode)
    transparent = {"RGB": (0, 0, 0), "P": image.getpixel((0, 7))}.get(mode, 0)
    content = encode(image, "PNG", transparency=transparent)
    assert (read(content) == 255).all()


@pytest.mark.parametrize("bits", [2, 4])
def test_a_transparent_grey_of_few_becomes_white(bits):
    greys = Image.fromarray(np.tile(np.arange(2**bits, dtype=np.uint8), (4, 1)))
    content = bytearray(encode(greys.convert("P"), "PNG", bits=bits, transparency=1))
    content[25] = 0  # Grey instead of a palette.
    content[29:33] = zlib.crc32(content[12:29]).to_bytes(4, "big")
    palette, transparency = content.index(b"PLTE") - 4, content.index(b"tRNS") - 4
    end = content.index(b"IDAT") - 4
    grey = b"tRNS\0\1"
    content[palette:end] = b"\0\0\0\2" + grey + zlib.crc32(grey).to_bytes(4, "big")
    assert palette < transparency < end
    expected = np.arange(2**bits) * 255 // (2**bits - 1)
    expected[1] = 255
    assert read(bytes(content))[0, :, 0].tolist() == expected.tolist()


@pytest.mark.parametrize("mode", ["RGBA", "LA"])
@pytest.mark.parametrize("format", ["PNG", "WEBP"])
def test_a_fully_transparent_image_is_white(format, mode):
    assert (read(encode(Image.new(mode, (16, 16)), format)) == 255).all()


def test_a_cmyk_jpeg_keeps_its_colours(photo):
    content = encode(photo.convert("CMYK"), "JPEG", quality=95)
    assert difference(read(content), np.asarray(photo)) < 4


def test_a_lab_tiff_keeps_its_colours(photo):
    profiles = ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB")
    lab = ImageCms.profileToProfile(photo, *profiles, outputMode="LAB")
    assert difference(read(encode(lab, "TIFF")), np.asarray(photo)) < 4


@pytest.mark.parametrize("format", ["PNG", "TIFF", "BMP", "PPM", "PCX"])
def test_one_bit_is_black_and_white(photo, format):
    image = photo.convert("1")
    np.testing.assert_array_equal(
        grey(read(encode(image, format))), np.where(np.asarray(image), 255, 0)
    )


@pytest.mark.parametrize("large_pixels", [20, raster.LARGE_PIXELS])
def test_the_ones_of_xbm_are_black(monkeypatch, large_pixels):
    monkeypatch.setattr(raster, "LARGE_PIXELS", large_pixels)
    content = b"#define a_width 16\n#define a_height 2\nstatic char a_bits[] = {\n"
    pixels = grey(read(content + b"0xff,0x00,0xff,0x00 };\n"))
    half = pixels.shape[1] // 2
    assert (pixels[:, :half] == 0).all()
    assert (pixels[:, half:] == 255).all()


def test_the_first_image_of_an_mpo_file_is_read(photo):
    content = encode(photo, "MPO", save_all=True, append_images=[Image.new("RGB", (64, 64))])
    with Image.open(io.BytesIO(content)) as image:
        assert image.format == "MPO"
    assert difference(read(content), np.asarray(photo)) < 6


MAX_DIFFERENCE = {"JPEG": 6, "AVIF": 6, "WEBP": 0, "GIF": 6, "ICNS": 6}
"""Mean difference that a lossy format may have; the others are exact."""

NOT_WRITTEN = {"DCX", "XPM"}
"""Pillow can read these formats but not write them."""


@pytest.mark.parametrize("format", FORMATS)
def test_every_format_is_read(format):
    with Image.open(EXAMPLES / "landscape.jpg") as image:
        photo = image.crop((0, 0, 768, 768)).resize((128, 128))
    Image.init()
    assert format in Image.OPEN
    assert (format in NOT_WRITTEN) == (format not in Image.SAVE)
    if format == "XBM":
        photo = photo.convert("1").convert("RGB")
    if format == "DCX":
        page = encode(photo, "PCX")
        content = struct.pack("<3I", 0x3ADE68B1, 12, 0) + page
    elif format == "XPM":
        photo = photo.quantize(64)
        content = to_xpm(photo)
        photo = photo.convert("RGB")
    else:
        # Pillow writes XBM negative.
        stored = ImageOps.invert(photo).convert("1") if format == "XBM" else photo
        content = encode(stored, format, **exact(format))
    with Image.open(io.BytesIO(content)) as image:
        assert image.format == format
    image = Image.fromarray(read(content))
    if format == "ICNS":  # Pillow reads the largest of the enlarged copies.
        image = image.resize(photo.size, Image.Resampling.BOX)
    assert difference(np.asarray(image), np.asarray(photo)) <= MAX_DIFFERENCE.get(format, 0)


def exact(format):
    return {"ICO": {"sizes": [(128, 128)]}, "WEBP": {"lossless": True, "exact": True}}.get(
        format, {}
    )


def to_xpm(image):
    letters = "".join(chr(code) for code in range(48, 126) if chr(code) not in '"\\')
    palette = np.array(image.getpalette()).reshape(-1, 3)
    rows = [f"{image.width} {image.height} {len(palette)} 1"]
    rows += [f"{letters[i]} c #{bytes(c.tolist()).hex()}" for i, c in enumerate(palette)]
    rows += ["".join(letters[i] for i in row) for row in np.asarray(image)]
    body = ",\n".join(f'"{row}"' for row in rows)
    return f"/* XPM */\nstatic char *x[] = {{\n{body}\n}};\n".encode()


def test_suffixes_are_those_that_pillow_registers_for_the_formats():
    registered = Image.registered_extensions().items()
    assert {suffix for suffix, name in registered if name in FORMATS} < SUFFIXES


def test_a_path_that_cannot_be_opened_raises_os_error(tmp_path):
    with pytest.raises(FileNotFoundError):
        read_image(tmp_path / "missing.png")
    with pytest.raises(IsADirectoryError):
        read_image(tmp_path)


@pytest.mark.parametrize("size", [(1, 1), (1, 300), (300, 1), (7, 5), (640, 480), (2000, 3000)])
def test_any_size_is_resized_to_the_input_of_the_network(size):
    image = Image.new("RGB", size, (10, 128, 250))
    pixels = network_input(image, 96)
    assert (pixels.shape, pixels.dtype) == ((96, 96, 3), np.uint8)
    assert (pixels == (10, 128, 250)).all()


def test_the_input_has_the_whole_image_and_all_grey_values():
    quarter_black = np.zeros((50, 400, 3), np.uint8)
    quarter_black[:, 100:] = 255
    pixels = network_input(Image.fromarray(quarter_black), 64)
    assert (pixels[:, :14] == 0).all()
    assert (pixels[:, 18:] == 255).all()


def test_the_spacing_of_pixels_does_not_matter(photo):
    # So that of DICOM and of slices, which viewers show stretched, is not read.
    expected = network_input(photo, 64).astype(float)
    stretched = network_input(photo.resize((3 * photo.width, photo.height)), 64)
    np.testing.assert_allclose(stretched, expected, atol=4)


def test_shrinking_averages_all_pixels():
    chequered = np.indices((800, 800)).sum(axis=0) % 2 * 255
    image = Image.fromarray(chequered.astype(np.uint8)).convert("RGB")
    assert np.abs(network_input(image, 100).astype(int) - 127.5).max() < 3


def test_an_image_whose_mode_can_be_averaged_is_shrunk_without_a_copy(monkeypatch):
    photo = read_image(EXAMPLES / "landscape.jpg")
    expected = photo.reduce(4)
    monkeypatch.delattr(Image.Image, "crop")
    assert raster.shrink(photo, 4) == expected


@pytest.mark.parametrize("name", ["brain-mri.png", "lung-ct.png", "landscape.jpg", "two colours"])
def test_grey_and_colour_images_are_resized_like_three_channels(name):
    if name == "two colours":
        image = Image.new("RGB", (50, 40), (200, 30, 90))
        image.paste((10, 120, 250), (0, 0, 25, 40))
    else:
        image = read_image(EXAMPLES / name)
    channels = [
        channel.resize((32, 32), Image.Resampling.BILINEAR, reducing_gap=2.0)
        for channel in image.split()
    ]
    np.testing.assert_array_equal(network_input(image, 32), np.dstack(channels))
