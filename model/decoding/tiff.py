"""Decode TIFF files, in a child process."""

import io
from collections.abc import Iterable

import numpy as np
from PIL import Image, TiffImagePlugin, UnidentifiedImageError

from model.decoding.conversion import colours_to_8_bits, to_image, to_rgb
from model.decoding.frame_positions import MAX_COUNTED
from model.decoding.frames import choose, pack
from model.decoding.limits import GREY, MAX_MISSING_ROWS, MAX_PIXELS
from model.decoding.raster import read_raster, upright

_UNSIGNED, _SIGNED = 1, 2
_BITS, _COMPRESSION, _PHOTOMETRIC, _DESCRIPTION = 258, 259, 262, 270
_ORIENTATION, _PALETTE, _SAMPLE_FORMAT, _NO_DATA = 274, 320, 339, 42113
"""TIFF tags."""

_UNCOMPRESSED, _WEBP = 1, 50001
"""Compressions: for WebP, Pillow's wheels have no decoder."""

_NOTICE_CUTS = (_UNCOMPRESSED, 5, 8, 32773, 32946)
"""Compressions with which libtiff fails if a strip is cut: none, LZW, Deflate, PackBits and another
number of Deflate. With others, such as JPEG, it makes up the missing rows."""

_INDEXED, _YCBCR = 3, 6
"""Photometric interpretations: colours of a palette, and luminance with two colour differences."""

_ALPHA = ((1,), (2,))
"""Kinds of an extra channel that are alpha, premultiplied or not."""

_STARTS, _SIZES = (273, 324), (279, 325)
"""TIFF tags of where strips or tiles are in the file, and of how many bytes they have."""

_TRANSPOSITIONS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""Transposition that turns an image of each EXIF and TIFF orientation upright."""


def read_tiff(data: bytes) -> list[np.ndarray]:
    """Decode frames of a TIFF file; parts of the image that are missing are grey.

    Returns:
        Images, as ``frames.pack`` returns them.

    Raises:
        OverflowError: it would take too much memory to decode.
        Exception: any exception of Pillow, tifffile or imagecodecs, for a broken file.
    """
    tags = _first_tags(data)
    if tags and _pillow_reads(tags, data):
        # Without libtiff, Pillow would read uncompressed YCbCr as four bytes per pixel.
        TiffImagePlugin.READ_LIBTIFF = tags.get(_PHOTOMETRIC) == _YCBCR
        try:
            return pack(read_raster(io.BytesIO(data)))
        except (OverflowError, Image.DecompressionBombError) as error:
            raise OverflowError from error
        # tifffile supports more compressions, such as lossless JPEG of colours.
        except Exception:  # nosec B110  # what follows reads the file in another way
            pass
    return _read_by_tifffile(data)


def _first_tags(data: bytes) -> TiffImagePlugin.ImageFileDirectory_v2 | None:
    """Return the tags of the first page of a file, if Pillow opens it."""
    try:
        with Image.open(io.BytesIO(data), formats=("TIFF",)) as image:
            return image.tag_v2
    except UnidentifiedImageError:
        return None


def _pillow_reads(tags: TiffImagePlugin.ImageFileDirectory_v2, data: bytes) -> bool:
    """Tell whether a file is complete, and Pillow reads its values correctly."""
    compression = tags.get(_COMPRESSION, _UNCOMPRESSED)
    bits, format = tags.get(_BITS, (1,)), tags.get(_SAMPLE_FORMAT, (_UNSIGNED,))[0]
    starts, sizes = (
        next((tags[tag] for tag in names if tag in tags), ()) for names in (_STARTS, _SIZES)
    )
    # The size of a single strip need not be right: libtiff reads what there is.
    is_only_strip = len(sizes) == 1 and starts[0] and compression in _NOTICE_CUTS
    return not (
        (bits[0], format) in ((8, _SIGNED), (32, _UNSIGNED))
        or (bits[0] > 8 and (len(bits) > 1 or _NO_DATA in tags))
        # Pillow takes the high byte of a colour of the palette; some write colours of 8 bits.
        or (tags.get(_PHOTOMETRIC) == _INDEXED and max(tags[_PALETTE]) < 256)
        or compression == _WEBP
        # Pillow swaps the bytes that libtiff has swapped.
        or (format != _UNSIGNED and tags.prefix == b"MM" and compression != _UNCOMPRESSED)
        # ImageJ describes a stack in its first page only.
        or ("ImageJ=" in str(tags.get(_DESCRIPTION, "")) and not tags.next)
        or (_is_cut(data, starts, sizes) and not is_only_strip)
    )


def _is_cut(data: bytes, starts: Iterable[int], sizes: Iterable[int]) -> bool:
    """Tell whether a strip or tile is not, or not completely, in the file."""
    return any(
        not size or start + size > len(data) for start, size in zip(starts, sizes, strict=False)
    )


def _read_by_tifffile(data: bytes) -> list[np.ndarray]:
    """Decode frames of a TIFF file as ``read_tiff`` does."""
    import tifffile

    with tifffile.TiffFile(io.BytesIO(data)) as file:
        page = file.pages[0]
        if page.imagewidth * page.imagelength > MAX_PIXELS:
            raise OverflowError(f"{page.imagewidth} x {page.imagelength} pixels")
        if file.is_imagej and len(file.pages) == 1 and file.series[0].size > page.size:
            stack = file.series[0].asarray().reshape(-1, *page.shape)

            def read(index: int) -> Image.Image:
                return _page_to_rgb(page, stack[index])

            return pack(choose(read, len(stack)))
        pages = [0]
        for number in range(1, MAX_COUNTED):
            try:
                shape = file.pages[number].shape
            except Exception:  # There are no more, or the file has been cut here.
                break
            if shape == page.shape:
                pages.append(number)

        def read(index: int) -> Image.Image:
            page = file.pages[pages[index]]
            if _is_cut(data, page.dataoffsets, page.databytecounts):
                return _page_to_rgb(page, *_read_incomplete(page, data))
            return _page_to_rgb(page, page.asarray())

        return pack(choose(read, len(pages), count=max(1, MAX_PIXELS // page.size)))


def _read_incomplete(page, data: bytes) -> tuple[np.ndarray, np.ndarray]:
    """Decode the strips or tiles of a page of tifffile that a file has.

    Returns:
        Values, and booleans (height, width) that tell which pixels are missing.

    Raises:
        ValueError: more than ``MAX_MISSING_ROWS`` of the image is missing.
    """
    if not any(page.databytecounts):
        raise ValueError("all of the image is missing")
    values = np.full(page.shaped, page.nodata, page.dtype)
    missing = np.zeros(page.shaped[2:4], bool)
    for index, (offset, size) in enumerate(zip(page.dataoffsets, page.databytecounts, strict=True)):
        part = data[offset : offset + size]
        rows = None
        # GDAL does not write a strip or tile without values; its offset is 0 too.
        if len(part) < size or (offset and not size):
            if size and page.compression == 1 and not page.is_tiled:
                rows = len(part) * page.rowsperstrip // size
                part = part.ljust(size, b"\0")
            else:
                rows, part = 0, b""
        tables = {} if page.jpegtables is None else {"jpegtables": page.jpegtables}
        segment, position, shape = page.decode(part or None, index, **tables)
        sample, depth, row, column, _ = position
        height, width = shape[1:3]
        if segment is not None:
            place = values[sample, depth, row : row + height, column : column + width]
            # Tiles may extend beyond the image.
            place[...] = segment[..., : place.shape[0], : place.shape[1], :]
        if rows is not None:
            missing[row + rows : row + height, column : column + width] = True
    if missing.mean() > MAX_MISSING_ROWS:
        raise ValueError("too much of the image is missing")
    # The missing pixels must not widen the range of the values.
    values[..., missing, :] = values[..., ~missing, :][..., :1, :]
    return values.reshape(page.shape), missing


def _page_to_rgb(page, values: np.ndarray, missing: np.ndarray | None = None) -> Image.Image:
    """Convert the values of a page of tifffile to upright RGB, with grey for missing pixels."""
    import tifffile

    values = np.squeeze(values)
    axes = page.axes.replace("Z", "")
    if axes.startswith("S"):
        values = np.moveaxis(values, 0, -1)
    if page.photometric == tifffile.PHOTOMETRIC.PALETTE:
        values = np.moveaxis(page.colormap[:, values], 0, -1)
    elif values.dtype == np.uint8 and page.bitspersample < 8:
        values = (values * (255 / (2**page.bitspersample - 1))).astype(np.uint8)
    if values.ndim == 3 and page.photometric in (
        tifffile.PHOTOMETRIC.MINISBLACK,
        tifffile.PHOTOMETRIC.MINISWHITE,
    ):
        values = values[..., 0]  # The further channels are other stains, or transparency.
    elif values.ndim == 3:
        is_ink = page.photometric == tifffile.PHOTOMETRIC.SEPARATED
        values = values[..., : 4 if is_ink or page.extrasamples[:1] in _ALPHA else 3]
    if _NO_DATA in page.tags and values.itemsize > 1:
        values = _without_no_data(values, page.tags[_NO_DATA].value)
    if page.photometric == tifffile.PHOTOMETRIC.SEPARATED and values.shape[-1] == 4:
        image = Image.fromarray(colours_to_8_bits(values), "CMYK")
    elif page.photometric == tifffile.PHOTOMETRIC.CIELAB and values.dtype.kind in "iu":
        high_bytes = values[..., :3] >> 8 * (values.itemsize - 1)
        image = Image.fromarray(high_bytes.astype(np.uint8), "LAB")
    else:
        image = to_image(values)
    if page.photometric == tifffile.PHOTOMETRIC.MINISWHITE:
        image = image.point(lambda value: 255 - value)
    if missing is not None:
        image = to_rgb(image)
        image.paste((GREY,) * 3, mask=Image.fromarray(missing))
    orientation = page.tags.get(_ORIENTATION)
    if orientation and orientation.value in _TRANSPOSITIONS:
        image = image.transpose(_TRANSPOSITIONS[orientation.value])
    return to_rgb(upright(image))


def _without_no_data(values: np.ndarray, text: str) -> np.ndarray:
    """Replace GDAL's number for missing values, which would reduce the contrast."""
    try:
        missing = values == float(text)
    except ValueError:
        return values
    others = values[~missing]
    return np.where(missing, others.min(), values) if others.size else values
