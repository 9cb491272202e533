"""Any picture file -> upright 8-bit RGB -> network input. Training and serving both come here."""

import contextlib
import warnings

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from model.dicom import NoPixels, is_dicom, read_frame

MAX_PIXELS = 100_000_000
"""Pictures that declare more pixels than this are refused before they are decoded."""

FORMATS = (
    *("AVIF", "BMP", "DCX", "DDS", "DIB", "GIF", "ICNS", "ICO", "JPEG", "JPEG2000"),
    *("PCX", "PNG", "PPM", "SGI", "TGA", "TIFF", "WEBP", "XBM", "XPM"),
)
"""What Pillow may try: common raster formats that it decodes itself, none that starts a program.
JPEG includes the multi-picture files of cameras and phones."""

# Pillow raises at twice its own limit, for the pictures inside an ICO or ICNS file too, which it
# decodes unasked; from once to twice it would warn.
Image.MAX_IMAGE_PIXELS = MAX_PIXELS // 2
warnings.filterwarnings("ignore", category=Image.DecompressionBombWarning)


class UnreadablePicture(ValueError):
    """The file cannot be answered. ``reason`` says why: one of ``REASONS``."""

    REASONS = ("not_a_picture", "damaged", "too_large")

    def __init__(self, reason: str):
        super().__init__(reason)
        self.reason = reason


def read_picture(file) -> Image.Image:
    """Decode the first frame of a picture file to upright 8-bit RGB.

    EXIF orientation is applied; transparency is laid over white; pictures of more than 8 bits
    (16-bit or float grey) are scaled by their own range, so that nothing is clipped. DICOM is shown
    through the window that it names.

    Args:
        file: a path, or a binary file object.

    Returns:
        A picture of mode "RGB" and size (width, height).

    Raises:
        UnreadablePicture: the file is no picture, is damaged, or has over ``MAX_PIXELS`` pixels.
        OSError: the path cannot be opened (missing, a folder, no permission).
    """
    if not hasattr(file, "read"):
        with open(file, "rb") as opened:
            return read_picture(opened)
    # The decoders raise whatever a broken file makes them stumble over.
    try:
        if is_dicom(file):
            return _dicom_to_rgb(read_frame(file, MAX_PIXELS))
        with Image.open(file, formats=FORMATS) as image:
            return _to_rgb(_upright(image))
    except (UnidentifiedImageError, NoPixels) as error:
        raise UnreadablePicture("not_a_picture") from error
    except (Image.DecompressionBombError, OverflowError) as error:
        raise UnreadablePicture("too_large") from error
    except Exception as error:
        raise UnreadablePicture("damaged") from error


def network_input(picture: Image.Image, size: int) -> np.ndarray:
    """Stretch a picture to the square a network takes.

    Args:
        picture: an RGB picture of any size.
        size: side of the square, in pixels.

    Returns:
        uint8 array of shape (size, size, 3), values 0 to 255.
    """
    return np.asarray(picture.resize((size, size), Image.Resampling.BILINEAR, reducing_gap=2.0))


def _upright(image: Image.Image) -> Image.Image:
    image.load()
    # The pixels are turned before Pillow stumbles over odd EXIF values that it writes back.
    with contextlib.suppress(Exception):
        ImageOps.exif_transpose(image, in_place=True)
    return image


def _to_rgb(image: Image.Image) -> Image.Image:
    if image.mode == "F" or image.mode.startswith("I"):
        return _scale_to_8_bits(np.asarray(image, dtype=np.float64)).convert("RGB")
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
    low, high = values[finite].min(), values[finite].max()
    scaled = np.where(finite, values - low, 0) * (255 / (high - low) if high > low else 0)
    return Image.fromarray(np.rint(scaled).clip(0, 255).astype(np.uint8))
