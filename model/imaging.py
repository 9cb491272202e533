"""Decode image files to 8-bit RGB and network inputs, for training and serving alike."""

import contextlib
import logging
import math
import warnings

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from model.decode_limits import MAX_PIXELS, check_size
from model.decoder_process import DecoderTimeout
from model.dicom import NoPixelData, is_dicom, read_first_frame
from model.dicom_compression import UnsupportedCompression
from model.file_kinds import kind_of

LARGE_PIXELS = 8_000_000
"""Images with more pixels are shrunk by a power of two, while or right after they are decoded."""

FORMATS = (
    *("AVIF", "BMP", "DCX", "DDS", "DIB", "GIF", "ICNS", "ICO", "JPEG", "JPEG2000"),
    *("PCX", "PNG", "PPM", "SGI", "TGA", "TIFF", "WEBP", "XBM", "XPM"),
)
"""Pillow may try these formats: common raster formats that it decodes without another program.
JPEG includes MPO, the multi-picture files of cameras and phones."""

SUFFIXES = {
    *(".apng", ".avif", ".avifs", ".bmp", ".bw", ".dcm", ".dcx", ".dds", ".dib", ".gif", ".icb"),
    *(".icns", ".ico", ".j2c", ".j2k", ".jfif", ".jp2", ".jpc", ".jpe", ".jpeg", ".jpf", ".jpg"),
    *(".jpx", ".pbm", ".pcx", ".pfm", ".pgm", ".png", ".pnm", ".ppm", ".rgb", ".rgba", ".sgi"),
    *(".tga", ".tif", ".tiff", ".vda", ".vst", ".webp", ".xbm", ".xpm"),
}
"""Files in folders with one of these endings, in lower case, are taken for images: DICOM, and what
Pillow registers for ``FORMATS``. Asking Pillow would import all its formats, which takes 0.1 s."""

# Pillow raises an error above twice its limit, also for the images inside ICO and ICNS files, which
# it decodes on opening, and warns above once its limit.
Image.MAX_IMAGE_PIXELS = MAX_PIXELS // 2

# Pillow prints odd values of a file, which may be personal.
warnings.filterwarnings("ignore", module="PIL")
warnings.filterwarnings("ignore", category=Image.DecompressionBombWarning)
logging.getLogger("PIL").setLevel(logging.CRITICAL)

_BAND_ROWS = 256
"""Wider types are computed in bands of this many rows, so that no such copy of an image exists."""


class UnreadableImage(ValueError):
    """A file cannot be read as an image.

    Args:
        reason: one of ``REASONS``.
        kind: what the file is instead, a key of ``file_kinds.KINDS``, or the name of the
            unsupported compression; None if that is unknown.

    Attributes:
        reason: as given.
        kind: as given.
    """

    REASONS = ("not_an_image", "damaged", "too_large", "too_slow", "unsupported_compression")

    def __init__(self, reason: str, kind: str | None = None):
        super().__init__(reason)
        self.reason = reason
        self.kind = kind


def read_image(file) -> Image.Image:
    """Decode the first frame of an image file to upright 8-bit RGB.

    EXIF orientation is applied, transparency is composited onto white, and grey values of more than
    8 bits (integer or float) are scaled from their own range, so that nothing is clipped. DICOM is
    windowed as the file specifies.

    Args:
        file: a path, or a binary file object.

    Returns:
        An image of mode "RGB" in the size of the file, or divided by a power of two if the file has
        more than ``LARGE_PIXELS``.

    Raises:
        UnreadableImage: the file is not an image, is damaged, or would take too much memory or time
            to decode.
        OSError: the path cannot be opened (missing, a folder, no permission).
    """
    if not hasattr(file, "read"):
        with open(file, "rb") as opened:
            return read_image(opened)
    # For a broken file, decoders raise exceptions of any type.
    try:
        if is_dicom(file):
            return Image.fromarray(read_first_frame(file)).convert("RGB")
        with Image.open(file, formats=FORMATS) as image:
            check_size(image, file)
            return _to_rgb(_upright(image))
    except NoPixelData as error:
        raise UnreadableImage("not_an_image", error.kind) from error
    except UnsupportedCompression as error:
        raise UnreadableImage("unsupported_compression", str(error)) from error
    except UnidentifiedImageError as error:
        raise UnreadableImage("not_an_image", kind_of(file)) from error
    except DecoderTimeout as error:
        raise UnreadableImage("too_slow") from error
    except (Image.DecompressionBombError, OverflowError) as error:
        raise UnreadableImage("too_large") from error
    except Exception as error:
        raise UnreadableImage("damaged") from error


def network_input(image: Image.Image, size: int) -> np.ndarray:
    """Resize an image to the square input of a network, without keeping its aspect ratio.

    Args:
        image: RGB, any size, from ``read_image``.
        size: side of the square, in pixels.

    Returns:
        uint8 array of shape (size, size, 3), values 0 to 255.
    """
    # Most scans are grey, and one channel takes a third of the time of three.
    colours = image.getcolors(256)
    if colours and all(red == green == blue for _, (red, green, blue) in colours):
        image = image.getchannel(0)
    square = image.resize((size, size), Image.Resampling.BILINEAR, reducing_gap=2.0)
    return np.asarray(square.convert("RGB"))


def _shrinking_factor(image: Image.Image) -> int:
    """Return the smallest power of two that divides an image to ``LARGE_PIXELS`` or fewer."""
    factor = 1
    while image.width * image.height > LARGE_PIXELS * factor**2:
        factor *= 2
    return factor


def _upright(image: Image.Image) -> Image.Image:
    factor = _shrinking_factor(image)
    if image.format in ("JPEG", "MPO"):
        # libjpeg then skips the finest detail of each block, and most of the work.
        image.draft(None, (max(1, image.width // factor), max(1, image.height // factor)))
        factor = _shrinking_factor(image)
    image.load()
    if factor > 1:
        image = _shrunk(image, factor)
    # Pillow turns the pixels before it fails to write back odd EXIF values.
    with contextlib.suppress(Exception):
        ImageOps.exif_transpose(image, in_place=True)
    return image


def _shrunk(image: Image.Image, factor: int) -> Image.Image:
    """Average squares of ``factor`` pixels, in a mode that can be averaged."""
    modes = {"1": ("L",), "P": ("RGB",), "PA": ("RGBA", "RGBa"), "LA": ("RGBA", "RGBa")}
    path = modes.get(image.mode, ("I",) if image.mode.startswith("I") else (image.mode,))
    if image.has_transparency_data:
        path = ("RGBA", "RGBa")  # Premultiplied, so that transparent pixels do not count.
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


def _scale_to_8_bits(values: np.ndarray) -> Image.Image:
    """Map the range of the finite values to 0..255, and other values to 0."""
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
