"""Decode AVIF, HEIC, JPEG 2000 and JPEG XL files, in a child process."""

import contextlib
import io

import numpy as np
from PIL import Image

from model.decoding.bands import row_bands
from model.decoding.conversion import to_image, to_rgb
from model.decoding.frames import Frames, choose, pack
from model.decoding.jpeg_2000 import bits_per_sample, completed, has_unordered_channels
from model.decoding.limits import MAX_LIBHEIF_PIXELS, MAX_PIXELS, check_size
from model.decoding.raster import read_raster, shrink, shrinking_factor, upright

_NO_MEMORY = "Memory allocation error"
"""What libheif says when it is given no more memory."""


def read_avif(data: bytes) -> list[np.ndarray]:
    """Decode frames of an AVIF file; in the app, Pillow would block all threads."""
    from PIL import AvifImagePlugin

    AvifImagePlugin.DEFAULT_MAX_THREADS = 1  # Each takes memory, which is limited.
    return _read_by_pillow(data)


def read_heif(data: bytes) -> list[np.ndarray]:
    """Decode the main image of a HEIF file: HEIC, as phones write it.

    Returns:
        The image, as ``frames.pack`` returns it.

    Raises:
        OverflowError: it has more pixels than ``MAX_PIXELS``, or takes too much memory.
        Exception: any exception of libheif, for a broken file.
    """
    try:
        return _read_main_image(data)
    except RuntimeError as error:
        if _NO_MEMORY in str(error):  # Cameras write colours of 10 bits, which take twice as much.
            raise OverflowError from error
        raise


def _read_main_image(data: bytes) -> list[np.ndarray]:
    """Decode the main image of a HEIF file as ``read_heif`` does."""
    import pillow_heif

    from model.decoding.heif_grid import read_grid

    file = pillow_heif.open_heif(data)
    pixels = file.size[0] * file.size[1]
    if pixels > MAX_PIXELS:
        raise OverflowError(f"{file.size} pixels")
    factor = shrinking_factor(*file.size)
    if factor == 1:
        return _pack_image(file.to_pillow())
    with contextlib.suppress(Exception):  # libheif decodes other images, or fails too.
        return pack(Frames([read_grid(data, file, factor)], [0], 1))
    if pixels > MAX_LIBHEIF_PIXELS:
        raise OverflowError(f"{file.size} pixels")
    # libheif needs so much memory for 48 megapixels that there is no room for a copy of them.
    values = np.asarray(file)
    bands = row_bands(*values.shape[:2], factor)
    shrunk = [shrink(Image.fromarray(values[band]), factor) for band in bands]
    return pack(Frames([to_rgb(Image.fromarray(np.concatenate(shrunk)))], [0], 1))


def read_jpeg_2000(data: bytes) -> list[np.ndarray]:
    """Decode a JPEG 2000 file; a few bytes can keep OpenJPEG busy."""
    import imagecodecs

    file = io.BytesIO(completed(data))
    try:
        with Image.open(file, formats=("JPEG2000",)) as image:
            check_size(image, file)
            bits = bits_per_sample(data)
            # Pillow decodes the highest value of more than 8 bits as 0, and does not sort channels.
            is_misread = bits > 8 or (bits == 8 and has_unordered_channels(data))
            if image.mode in ("LA", "RGB", "RGBA") and is_misread:
                return _pack_image(to_image(imagecodecs.jpeg2k_decode(file.getvalue())))
            # Pillow decodes the highest value of one bit as 128, and of two as 192.
            if image.mode in ("L", "LA", "RGB", "RGBA") and bits < 8:
                values = imagecodecs.jpeg2k_decode(file.getvalue()).astype(np.uint16)
                return _pack_image(to_image((values * 255 // (2**bits - 1)).astype(np.uint8)))
    except Image.DecompressionBombError as error:
        raise OverflowError from error
    return _read_by_pillow(file.getvalue())


def read_jpeg_xl(data: bytes) -> list[np.ndarray]:
    """Decode frames of a JPEG XL file, as ``read_heif`` does."""
    import imagecodecs

    values = imagecodecs.jpegxl_decode(data)
    if values.ndim == 2 or (values.ndim == 3 and values.shape[-1] > 4):  # Without a colour axis.
        values = values[..., None]
    frames = values.reshape(-1, *values.shape[-3:])
    return pack(choose(lambda index: to_rgb(upright(to_image(frames[index]))), len(frames)))


def _read_by_pillow(data: bytes) -> list[np.ndarray]:
    try:
        return pack(read_raster(io.BytesIO(data)))
    except Image.DecompressionBombError as error:
        raise OverflowError from error


def _pack_image(image: Image.Image) -> list[np.ndarray]:
    return pack(Frames([to_rgb(upright(image))], [0], 1))
