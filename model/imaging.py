"""Any picture file -> upright 8-bit RGB -> network input. Training and serving both come here."""

import contextlib
import logging
import math
import warnings

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from model.decode_limits import (
    MAX_DICOM_PIXELS,
    MAX_PIXELS,
    MAX_SCANS,
    refuse_what_is_too_large,
)
from model.dicom import NoPixels, is_dicom, read_frame

LARGE_PIXELS = 8_000_000
"""Larger pictures are shrunk by a power of two as soon as they are decoded, or while they are."""

FORMATS = (
    *("AVIF", "BMP", "DCX", "DDS", "DIB", "GIF", "ICNS", "ICO", "JPEG", "JPEG2000"),
    *("PCX", "PNG", "PPM", "SGI", "TGA", "TIFF", "WEBP", "XBM", "XPM"),
)
"""What Pillow may try: common raster formats that it decodes itself, none that starts a program.
JPEG includes the multi-picture files of cameras and phones."""

# Pillow raises at twice its own limit, for the pictures inside an ICO or ICNS file too, which it
# decodes unasked; from once to twice it would warn.
Image.MAX_IMAGE_PIXELS = MAX_PIXELS // 2

# It repeats values of the file when it finds them odd.
warnings.filterwarnings("ignore", module="PIL")
warnings.filterwarnings("ignore", category=Image.DecompressionBombWarning)
logging.getLogger("PIL").setLevel(logging.CRITICAL)

_BAND_ROWS = 256
"""Rows that are computed on at a time, so that no intermediate value exists for a whole picture."""


class UnreadableImage(ValueError):
    """The file cannot be answered. ``reason`` says why: one of ``REASONS``."""

    REASONS = ("not_a_picture", "damaged", "too_large")

    def __init__(self, reason: str):
        super().__init__(reason)
        self.reason = reason


def read_image(file) -> Image.Image:
    """Decode the first frame of a picture file to upright 8-bit RGB.

    EXIF orientation is applied; transparency is laid over white; pictures of more than 8 bits
    (16-bit or float grey) are scaled by their own range, so that nothing is clipped. DICOM is shown
    through the window that it names.

    Args:
        file: a path, or a binary file object.

    Returns:
        A picture of mode "RGB" and size (width, height), that of the file or, over
        ``LARGE_PIXELS``, the file's divided by a power of two.

    Raises:
        UnreadableImage: the file is no picture, is damaged, or would take too much memory or time
            to decode.
        OSError: the path cannot be opened (missing, a folder, no permission).
    """
    if not hasattr(file, "read"):
        with open(file, "rb") as opened:
            return read_image(opened)
    # The decoders raise whatever a broken file makes them stumble over.
    try:
        if is_dicom(file):
            return _dicom_to_rgb(read_frame(file, MAX_DICOM_PIXELS, MAX_SCANS))
        with Image.open(file, formats=FORMATS) as image:
            refuse_what_is_too_large(image, file)
            return _to_rgb(_upright(image))
    except (UnidentifiedImageError, NoPixels) as error:
        raise UnreadableImage("not_a_picture") from error
    except (Image.DecompressionBombError, OverflowError) as error:
        raise UnreadableImage("too_large") from error
    except Exception as error:
        raise UnreadableImage("damaged") from error


def network_input(picture: Image.Image, size: int) -> np.ndarray:
    """Stretch a picture to the square a network takes.

    Args:
        picture: an RGB picture of any size.
        size: side of the square, in pixels.

    Returns:
        uint8 array of shape (size, size, 3), values 0 to 255.
    """
    # Most scans are grey, and one channel takes a third of the time that three take.
    greys = picture.getcolors(256)
    if greys and all(red == green == blue for _, (red, green, blue) in greys):
        picture = picture.getchannel(0)
    square = picture.resize((size, size), Image.Resampling.BILINEAR, reducing_gap=2.0)
    return np.asarray(square.convert("RGB"))


def _shrinking_factor(image: Image.Image) -> int:
    """The smallest power of two by which the picture's sides are to be divided."""
    factor = 1
    while image.width * image.height > LARGE_PIXELS * factor**2:
        factor *= 2
    return factor


def _upright(image: Image.Image) -> Image.Image:
    factor = _shrinking_factor(image)
    if image.format in ("JPEG", "MPO"):
        # It leaves out the finest detail of each block, and most of the work.
        image.draft(None, (max(1, image.width // factor), max(1, image.height // factor)))
        factor = _shrinking_factor(image)
    image.load()
    if factor > 1:
        image = _shrunk(image, factor)
    # The pixels are turned before Pillow stumbles over odd EXIF values that it writes back.
    with contextlib.suppress(Exception):
        ImageOps.exif_transpose(image, in_place=True)
    return image


def _shrunk(image: Image.Image, factor: int) -> Image.Image:
    """Means of squares of ``factor`` pixels, in a mode that has means."""
    modes = {"1": ("L",), "P": ("RGB",), "PA": ("RGBA", "RGBa"), "LA": ("RGBA", "RGBa")}
    path = modes.get(image.mode, ("I",) if image.mode.startswith("I") else (image.mode,))
    if image.has_transparency_data:
        path = ("RGBA", "RGBa")  # Colours count as much as they are seen.
    size = (math.ceil(image.width / factor), math.ceil(image.height / factor))
    shrunk = Image.new(path[-1], size)
    rows = _BAND_ROWS // factor * factor
    for top in range(0, image.height, rows):
        band = image.crop((0, top, image.width, min(top + rows, image.height)))
        for mode in path:
            band = band.convert(mode)
        shrunk.paste(band.reduce(factor), (0, top // factor))
    shrunk = shrunk.convert("RGBA") if path[-1] == "RGBa" else shrunk
    shrunk.info = {key: image.info[key] for key in image.info if key != "transparency"}
    return shrunk


def _to_rgb(image: Image.Image) -> Image.Image:
    if image.mode == "F" or image.mode.startswith("I"):
        return _scale_to_8_bits(np.asarray(image)).convert("RGB")
    if image.has_transparency_data:
        white = Image.new("RGBA", image.size, "white")
        return Image.alpha_composite(white, image.convert("RGBA")).convert("RGB")
    return image.convert("RGB")


def _dicom_to_rgb(pixels: np.ndarray) -> Image.Image:
    image = Image.fromarray(pixels) if pixels.ndim == 3 else _scale_to_8_bits(pixels)
    return image.convert("RGB")


def _scale_to_8_bits(values: np.ndarray) -> Image.Image:
    """Map the range of the finite values to 0..255; what is not finite becomes black."""
    finite = np.isfinite(values)
    if not finite.any():
        raise ValueError("no finite value")
    low, high = (float(extreme) for extreme in (values[finite].min(), values[finite].max()))
    scale = 255 / (high - low) if high > low else 0
    scaled = np.empty(values.shape, np.uint8)
    for top in range(0, len(values), _BAND_ROWS):
        band = slice(top, top + _BAND_ROWS)
        band_values = np.where(finite[band], values[band].astype(np.float64) - low, 0)
        scaled[band] = np.rint(band_values * scale).clip(0, 255)
    return Image.fromarray(scaled)
