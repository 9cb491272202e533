"""Read BMP files whose colours have bits that Pillow does not know."""

import struct

import numpy as np
from PIL import Image

from model.decoding.limits import MAX_PIXELS

_BIT_FIELDS = 3
"""The compression of pixels whose colours have bits that the header tells."""


def read_bit_fields(content: bytes) -> Image.Image:
    """Decode a BMP file whose header tells which bits of a pixel are red, green, blue and alpha.

    Raises:
        OverflowError: it has more pixels than ``limits.MAX_PIXELS``.
        ValueError: it has no such header, or not all of its pixels.
    """
    start, header_bytes, width, height = struct.unpack_from("<2I2i", content, 10)
    bits, compression = struct.unpack_from("<HI", content, 28)
    if compression != _BIT_FIELDS or bits not in (16, 32):
        raise ValueError("no bits are told")
    if width * abs(height) > MAX_PIXELS:
        raise OverflowError(f"{width} x {height} pixels")
    dtype = np.dtype(f"<u{bits // 8}")
    row_pixels = -(-width * bits // 32) * 32 // bits
    pixels = np.frombuffer(content, dtype, abs(height) * row_pixels, start)
    pixels = pixels.reshape(abs(height), row_pixels)[:, :width]
    masks = [mask % 2**bits for mask in struct.unpack_from("<4I", content, 54)]
    channels = [_channel(pixels, mask) for mask in masks[:3]]
    if header_bytes >= 56 and masks[3] and (pixels & masks[3]).any():
        channels.append(_channel(pixels, masks[3]))
    return Image.fromarray(np.dstack(channels)[:: -1 if height > 0 else 1])


def _channel(pixels: np.ndarray, mask: int) -> np.ndarray:
    """Scale the bits of a mask to 0..255."""
    shift = (mask & -mask).bit_length() - 1
    values = (pixels & mask) >> shift
    return np.rint(values * np.float32(255 / (mask >> shift))).astype(np.uint8)
