"""Convert pixels of any type to 8-bit RGB."""

import numpy as np
from PIL import Image, ImageOps

from model.decoding.bands import row_bands

_OFTEN_UNSET = ("BMP", "DDS", "DIB", "ICO", "TGA")
"""Formats whose 32-bit pixels often have an unset alpha channel."""


def to_rgb(image: Image.Image, negative: bool = False) -> Image.Image:
    """Convert an image to 8-bit RGB; composite transparency onto white.

    Args:
        image: of any mode.
        negative: whether high grey values, of more than 8 bits, are dark.
    """
    if image.mode == "F" or image.mode.startswith("I"):
        grey = scale_to_8_bits(np.asarray(image))
        return (ImageOps.invert(grey) if negative else grey).convert("RGB")
    if image.has_transparency_data and not has_unset_alpha(image):
        white = Image.new("RGBA", image.size, "white")
        return Image.alpha_composite(white, image.convert("RGBA")).convert("RGB")
    return image.convert("RGB")


def has_unset_alpha(image: Image.Image) -> bool:
    """Tell whether an alpha channel is unset, all 0; browsers and viewers then ignore it."""
    may_be_unset = image.format in _OFTEN_UNSET and "A" in image.getbands()
    return may_be_unset and image.getchannel("A").getextrema() == (0, 0)


def scale_to_8_bits(values: np.ndarray) -> Image.Image:
    """Map the range of the finite values to 0..255, and other values to 0."""
    finite = np.isfinite(values)
    if not finite.any():
        raise ValueError("no finite value")
    low, high = (float(extreme) for extreme in (values[finite].min(), values[finite].max()))
    scale = 255 / (high - low) if high > low else 0
    scaled = np.empty(values.shape, np.uint8)
    for band in row_bands(*values.shape):
        band_values = np.where(finite[band], values[band].astype(np.float64) - low, 0)
        scaled[band] = np.rint(band_values * scale).clip(0, 255)
    return Image.fromarray(scaled)


def colours_to_8_bits(values: np.ndarray) -> np.ndarray:
    """Keep the 8 highest bits in use; some colours use 12 of 16."""
    return (values >> max(0, int(values.max()).bit_length() - 8)).astype(np.uint8)


def to_image(values: np.ndarray) -> Image.Image:
    """Make an 8-bit image of an array.

    Args:
        values: (height, width), or (height, width, channels): 1 or 3 channels of grey or colours,
            2 or 4 with alpha; numbers of any type.
    """
    if values.ndim == 3 and values.shape[-1] == 1:
        values = values[..., 0]
    if values.dtype in (np.uint8, bool):
        return Image.fromarray(np.ascontiguousarray(values))
    if values.ndim == 2:
        return scale_to_8_bits(values)
    if values.shape[-1] % 2 == 0:
        image = to_image(values[..., :-1])
        alpha = values[..., -1]
        image.putalpha(
            Image.fromarray(colours_to_8_bits(alpha)) if alpha.dtype.kind == "u" else 255
        )
        return image
    if values.dtype.kind == "u":
        return Image.fromarray(colours_to_8_bits(values))
    flat = np.asarray(scale_to_8_bits(values.reshape(len(values), -1)))
    return Image.fromarray(flat.reshape(values.shape))
