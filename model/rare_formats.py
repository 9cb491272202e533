"""Decode HEIC, JPEG 2000, JPEG XL and the TIFF files that Pillow misreads, in a child process."""

import io

import numpy as np
from PIL import Image, UnidentifiedImageError

from model.decode_limits import MAX_PIXELS
from model.frames import Frames, choose, pack
from model.raster import (
    colours_to_8_bits,
    read_raster,
    scale_to_8_bits,
    to_rgb,
    upright,
)

_UNSIGNED, _SIGNED = 1, 2
_BITS, _SAMPLE_FORMAT, _DESCRIPTION = 258, 339, 270
"""TIFF tags."""

_MAX_PAGES = 2000
"""Further pages of a TIFF file are not counted."""

_TRANSPOSITIONS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""How an image of each orientation in EXIF and TIFF is turned upright."""


def read_heif(data: bytes) -> list[np.ndarray]:
    """Decode the main image of a HEIF file: HEIC, as phones write it.

    Returns:
        The image, as ``frames.pack`` returns it.

    Raises:
        OverflowError: it has more pixels than ``MAX_PIXELS``.
        Exception: any exception of libheif, for a broken file.
    """
    import pi_heif

    file = pi_heif.open_heif(data)
    _check_pixels(*file.size)
    return _pack_image(file.to_pillow())


def read_jpeg_2000(data: bytes) -> list[np.ndarray]:
    """Decode a JPEG 2000 file: a few bytes of it can keep OpenJPEG busy."""
    return pack(read_raster(io.BytesIO(data)))


def read_jpeg_xl(data: bytes) -> list[np.ndarray]:
    """Decode the first frame of a JPEG XL file, as ``read_heif`` does."""
    import imagecodecs

    values = imagecodecs.jpegxl_decode(data)
    values = values[0] if values.ndim == 4 else values
    return _pack_image(_to_image(values))


def pillow_misreads(file: io.BufferedIOBase) -> bool:
    """Tell whether Pillow cannot open a TIFF file, or would misread its values."""
    try:
        with Image.open(file, formats=("TIFF",)) as image:
            tags = image.tag_v2
            bits, format = tags.get(_BITS, (1,)), tags.get(_SAMPLE_FORMAT, (_UNSIGNED,))[0]
            return (
                (bits[0], format) in ((8, _SIGNED), (32, _UNSIGNED))
                or (bits[0] > 8 and len(bits) > 1)
                # ImageJ describes a stack in its first page only.
                or ("ImageJ=" in str(tags.get(_DESCRIPTION, "")) and not tags.next)
            )
    except UnidentifiedImageError:
        return True
    finally:
        file.seek(0)


def read_tiff(data: bytes) -> list[np.ndarray]:
    """Decode frames of a TIFF file.

    Returns:
        Images, as ``frames.pack`` returns them.

    Raises:
        OverflowError: an image has more pixels than ``MAX_PIXELS``.
        Exception: any exception of tifffile or imagecodecs, for a broken file.
    """
    import tifffile

    with tifffile.TiffFile(io.BytesIO(data)) as file:
        page = file.pages[0]
        _check_pixels(page.imagewidth, page.imagelength)
        series = file.series[0]
        if file.is_imagej and len(file.pages) == 1 and series.size > page.size:
            stack = series.asarray().reshape(-1, *page.shape)

            def read(index: int) -> Image.Image:
                return _page_to_rgb(page, stack[index])

            return pack(choose(read, len(stack)))
        pages = [0]
        for number in range(1, _MAX_PAGES):
            try:
                shape = file.pages[number].shape
            except IndexError:
                break
            if shape == page.shape:
                pages.append(number)

        def read(index: int) -> Image.Image:
            page = file.pages[pages[index]]
            return _page_to_rgb(page, page.asarray())

        return pack(choose(read, len(pages), count=max(1, MAX_PIXELS // page.size)))


def _pack_image(image: Image.Image) -> list[np.ndarray]:
    return pack(Frames([to_rgb(upright(image))], [0], 1))


def _check_pixels(width: int, height: int) -> None:
    if width * height > MAX_PIXELS:
        raise OverflowError(f"{width} x {height} pixels")


def _page_to_rgb(page, values: np.ndarray) -> Image.Image:
    """Convert the values of a page of tifffile to upright RGB."""
    import tifffile

    values = np.squeeze(values)
    axes = page.axes.replace("Z", "")
    if axes.startswith("S"):
        values = np.moveaxis(values, 0, -1)
    if page.photometric == tifffile.PHOTOMETRIC.PALETTE:
        values = np.moveaxis(page.colormap[:, values], 0, -1)
    if values.ndim == 3 and page.photometric in (
        tifffile.PHOTOMETRIC.MINISBLACK,
        tifffile.PHOTOMETRIC.MINISWHITE,
    ):
        values = values[..., 0]  # The further channels are other stains, or transparency.
    elif values.ndim == 3:
        values = values[..., :4]
    image = _to_image(values)
    if page.photometric == tifffile.PHOTOMETRIC.MINISWHITE:
        image = image.point(lambda value: 255 - value)
    orientation = page.tags.get(274)
    if orientation and orientation.value in _TRANSPOSITIONS:
        image = image.transpose(_TRANSPOSITIONS[orientation.value])
    return to_rgb(upright(image))


def _to_image(values: np.ndarray) -> Image.Image:
    """Make an 8-bit image of grey values (height, width) or colours (height, width, 1 to 4)."""
    if values.ndim == 3 and values.shape[-1] < 3:
        values = values[..., 0]
    if values.dtype in (np.uint8, bool):
        return Image.fromarray(np.ascontiguousarray(values))
    if values.ndim == 2:
        return scale_to_8_bits(values)
    colours = values[..., :3]
    if colours.dtype.kind == "u":
        return Image.fromarray(colours_to_8_bits(colours))
    flat = np.asarray(scale_to_8_bits(colours.reshape(len(colours), -1)))
    return Image.fromarray(flat.reshape(colours.shape))
