"""Decode files with Pillow to upright 8-bit RGB, in little memory."""

import contextlib
import io
import logging
import math
import warnings

import numpy as np
from PIL import Image, ImageOps

from model.decoding import gif, tga
from model.decoding.bands import row_bands
from model.decoding.conversion import colours_to_8_bits, has_unset_alpha, to_rgb
from model.decoding.frame_positions import MAX_COUNTED, frame_positions
from model.decoding.frames import Frames, choose
from model.decoding.limits import (
    ANIMATION_PIXEL_BYTES,
    MAX_DECODED_BYTES,
    MAX_MISSING_ROWS,
    MAX_PIXELS,
    MAX_SLOW_PIXELS,
    CountedReads,
    check_animated_png,
    check_size,
)

LARGE_PIXELS = 8_000_000
"""Number of pixels above which images are shrunk by a power of two on decoding."""

FORMATS = (
    *("AVIF", "BMP", "DCX", "DDS", "DIB", "GIF", "ICNS", "ICO", "JPEG", "JPEG2000"),
    *("PCX", "PNG", "SGI", "TGA", "TIFF", "WEBP", "XBM", "XPM"),
)
"""Pillow may try these formats: common raster formats that it decodes without another program.
JPEG includes MPO, the multi-picture files of cameras and phones."""

# Pillow raises an error above twice its limit, also for the images inside ICO and ICNS files, which
# it decodes on opening, and warns above once its limit.
Image.MAX_IMAGE_PIXELS = MAX_PIXELS // 2

# Pillow prints odd values of a file, which may be personal.
warnings.filterwarnings("ignore", module="PIL")
warnings.filterwarnings("ignore", category=Image.DecompressionBombWarning)
logging.getLogger("PIL").setLevel(logging.CRITICAL)

_WHITE_IS_ZERO, _PHOTOMETRIC = 0, 262
"""TIFF tag of the photometric interpretation, and its value for a negative."""

_16_BIT_COLOURS = {"RGB;16B": "RGB;16L", "RGBA;16B": "RGBA;16L", "LA;16B": "RGBA"}
"""PNG layouts of 16 bits, from which Pillow keeps the high bytes, and the little-endian layouts
with which it keeps the low bytes; those of grey become green."""

_GREY_STEPS = {"L;2": 85, "L;4": 17}
"""Layouts of PNG of few greys, and the step between two: Pillow widens the greys to 8 bits, but not
the number of the one that is transparent."""

_JPEG_GREYS = (128, (128, 128, 128))
"""What libjpeg makes, without an error, of rows that are missing before the end marker."""

_DARK = 128
"""High byte that some colour of 16 bits exceeds if the colours use all their bits."""


def read_raster(file: io.BufferedIOBase, may_be_slow: bool = True) -> Frames:
    """Decode a file that Pillow reads: its image, or frames of an animation or a stack.

    Args:
        file: an open file.
        may_be_slow: whether Pillow may decode it in Python or read it in many small parts.

    Returns:
        RGB images in the size of the file, or divided by a power of two if it has more than
        ``LARGE_PIXELS``.

    Raises:
        UnidentifiedImageError: no decoder recognises the file.
        SlowImage: it is slow, but may not be.
        OverflowError: it would take too much memory or time to decode.
        Exception: any exception of Pillow, for a broken file.
    """
    check_animated_png(file)
    is_gif = file.read(len(gif.SIGNATURES[0])) in gif.SIGNATURES
    file.seek(0)
    if is_gif:
        file = io.BytesIO(gif.without_comments(file.read()))
    elif not may_be_slow:
        file = CountedReads(file)
    with Image.open(file, formats=FORMATS) as image:
        check_size(image, file, MAX_SLOW_PIXELS if may_be_slow else 0)
        if image.format == "WEBP" and image.is_animated:
            # The canvas around the frames is transparent, even if the file declares no alpha.
            image._mode = image.rawmode = "RGBA"
        if image.format == "TGA":
            tga.correct(image, file)
        positions = frame_positions(image, file)
        if _fits_only_first_frame(image):
            image.dispose = None  # A buffer as large as the image, for the next frame.
            positions = positions[:1]
        if len(positions) == 1:
            return Frames([_decode(image, file)], [0], 1)

        def read(index: int) -> Image.Image:
            image.seek(positions[index])
            check_size(image, file)
            frame = image.copy()
            if frame.mode == "RGBA" and frame.getchannel("A").getextrema()[0] == 255:
                frame = frame.convert("RGB")  # Compositing takes three times as long.
            return to_rgb(upright(frame), _is_negative(image))

        # Decoders other than that of TIFF decode every frame on the way to a later one.
        affordable = max(1, MAX_PIXELS // (image.width * image.height))
        last = len(positions) if image.format == "TIFF" else min(affordable, MAX_COUNTED)
        reached = min(len(positions), last)
        return choose(read, len(positions), reached, affordable)


def _fits_only_first_frame(image: Image.Image) -> bool:
    """Tell whether later frames of an animation would take too much memory; the first does not."""
    animation_bytes = image.width * image.height * ANIMATION_PIXEL_BYTES
    return image.format in ("GIF", "PNG") and animation_bytes > MAX_DECODED_BYTES


def _decode(image: Image.Image, file: io.BufferedIOBase) -> Image.Image:
    """Decode the first frame of a file to RGB."""
    layout = image.tile[0].args if image.format == "PNG" and image.tile else None
    if layout in _GREY_STEPS and "transparency" in image.info:
        image.info["transparency"] *= _GREY_STEPS[layout]
    if image.format in ("JPEG", "MPO"):
        draft(image)
        image.load()
        check_last_rows(image)
    decoded = upright(image)
    if image.format == "XBM":
        decoded = ImageOps.invert(decoded)  # 1 is black.
    if layout in _16_BIT_COLOURS and max(high for _, high in decoded.getextrema()[:3]) < _DARK:
        decoded = _dark_colours(decoded, file, _16_BIT_COLOURS[layout])
    return to_rgb(decoded, _is_negative(image))


def check_last_rows(image: Image.Image) -> None:
    """Check that the last rows of a loaded JPEG are not missing.

    Raises:
        ValueError: more than ``MAX_MISSING_ROWS`` look as if they were.
    """
    if image.getpixel((0, image.height - 1)) not in _JPEG_GREYS:
        return
    top = round(image.height * (1 - MAX_MISSING_ROWS))
    if image.crop((0, top, *image.size)).getcolors(maxcolors=1):
        raise ValueError("the last rows may be missing")


def _dark_colours(high: Image.Image, file: io.BufferedIOBase, layout: str) -> Image.Image:
    """Scale colours of up to 15 bits, whose high bytes Pillow returns, to 8 bits.

    Args:
        high: RGB or RGBA, the high bytes.
        file: the PNG file.
        layout: Pillow's name of how the low bytes are stored.
    """
    file.seek(0)
    with Image.open(file, formats=("PNG",)) as image:
        image.tile = [tile._replace(args=layout) for tile in image.tile]
        low = np.asarray(upright(image))
    values = np.array(high)
    low = low[..., 1:2] if layout == "RGBA" else low[..., :3]
    wide = values[..., :3].astype(np.uint16) << 8 | low
    values[..., :3] = colours_to_8_bits(wide)
    return Image.fromarray(values)


def _is_negative(image: Image.Image) -> bool:
    """Tell whether grey values of more than 8 bits are stored with white as 0."""
    wide = image.mode == "F" or image.mode.startswith("I")
    return wide and image.format == "TIFF" and image.tag_v2.get(_PHOTOMETRIC) == _WHITE_IS_ZERO


def shrinking_factor(width: int, height: int) -> int:
    """Return the smallest power of two that divides an image to ``LARGE_PIXELS`` or fewer."""
    factor = 1
    while width * height > LARGE_PIXELS * factor**2:
        factor *= 2
    return factor


def draft(image: Image.Image) -> None:
    """Let libjpeg shrink a large JPEG: it skips the finest detail of each block, and most work."""
    factor = shrinking_factor(*image.size)
    if image.format in ("JPEG", "MPO"):
        image.draft(None, (max(1, image.width // factor), max(1, image.height // factor)))


def upright(image: Image.Image) -> Image.Image:
    """Load an image, shrunk if it is large, and apply its EXIF orientation.

    A large image is closed.
    """
    draft(image)
    image.load()
    factor = shrinking_factor(*image.size)
    if factor > 1:
        large, image = image, shrink(image, factor)
        Image.Image.close(large)  # That of ImageFile would close the file too.
    # Pillow turns the pixels before it fails to write back odd EXIF values.
    with contextlib.suppress(Exception):
        ImageOps.exif_transpose(image, in_place=True)
    return image


def shrink(image: Image.Image, factor: int) -> Image.Image:
    """Average squares of ``factor`` pixels, in a mode that can be averaged."""
    modes = {"1": ("L",), "P": ("RGB",), "PA": ("RGBA", "RGBa"), "LA": ("RGBA", "RGBa")}
    path = modes.get(image.mode, ("I",) if image.mode.startswith("I") else (image.mode,))
    if image.has_transparency_data:
        # Premultiplied, so that transparent pixels have no weight.
        path = ("RGB",) if has_unset_alpha(image) else ("RGBA", "RGBa")
    if path == (image.mode,):
        return image.reduce(factor)
    size = (math.ceil(image.width / factor), math.ceil(image.height / factor))
    shrunk = Image.new(path[-1], size)
    for band in row_bands(image.height, image.width, factor):
        part = image.crop((0, band.start, image.width, band.stop))
        for mode in path:
            part = part.convert(mode)
        shrunk.paste(part.reduce(factor), (0, band.start // factor))
    shrunk = shrunk.convert("RGBA") if path[-1] == "RGBa" else shrunk
    shrunk.info = {key: image.info[key] for key in image.info if key != "transparency"}
    return shrunk
