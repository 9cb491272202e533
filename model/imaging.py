"""Decode image files to 8-bit RGB and network inputs, for both training and serving."""

import contextlib
import io
from collections.abc import Mapping

import numpy as np
from PIL import Image, UnidentifiedImageError

from model.decoding import (
    archives,
    metaimage,
    mgh,
    netpbm,
    nifti,
    nrrd,
    rare_formats,
    salvage,
    tiff,
)
from model.decoding.conversion import to_image, to_rgb
from model.decoding.decoder_process import DecoderTimeout, decode_all
from model.decoding.dicom.compression import JPEG, UnsupportedCompression, decode_frame
from model.decoding.dicom.file import DicomFile, NoPixelData
from model.decoding.file_formats import HEAD_BYTES, format_of, unpacked_head
from model.decoding.file_kinds import KINDS, kind_of
from model.decoding.frames import Frames, choose, unpack
from model.decoding.limits import MAX_PIXELS, SlowImage
from model.decoding.raster import read_raster

ERROR_MESSAGES = {
    "not_an_image": "this file is not an image that can be read",
    "other_kind": "this is {kind}, not an image",
    "damaged": "this image is damaged and cannot be read to its end",
    "too_large": "this image has too many pixels; use a smaller copy",
    "unsupported_compression": "this DICOM file is compressed as {kind}, which is not supported",
    "too_slow": "this image takes too long to read; save it as a JPEG or a PNG",
    "zip_damaged": "this ZIP file is damaged or incomplete",
    "zip_locked": "this ZIP file has a password or an unusual compression",
    "zip_without_scans": "there are no DICOM scans in this ZIP file",
}
"""The error message for each reason of ``UnreadableImage``, and "other_kind" for a file of a known
kind; ``{kind}`` is filled in."""


class UnreadableImage(ValueError):
    """A file cannot be read as an image.

    Args:
        reason: one of ``REASONS``.
        kind: the kind of the file, a key of ``file_kinds.KINDS``, or the name of the
            unsupported compression; None if that is unknown.

    Attributes:
        reason: as given.
        kind: as given.
    """

    REASONS = (
        *("not_an_image", "damaged", "too_large", "too_slow", "unsupported_compression"),
        *("zip_damaged", "zip_locked", "zip_without_scans"),
    )

    def __init__(self, reason: str, kind: str | None = None):
        super().__init__(reason)
        self.reason = reason
        self.kind = kind

    def message(
        self, messages: Mapping[str, str] = ERROR_MESSAGES, kinds: Mapping[str, str] = KINDS
    ) -> str:
        """Say what the file is instead of an image, or why it cannot be read.

        Args:
            messages: texts with the keys of ``ERROR_MESSAGES``.
            kinds: names with the keys of ``file_kinds.KINDS``.
        """
        if self.reason == "not_an_image" and self.kind:
            return messages["other_kind"].format(kind=kinds[self.kind])
        return messages[self.reason].format(kind=self.kind)


def read_image(file) -> Image.Image:
    """Decode an image file; return the middle one if ``read_frames`` returns several.

    Args:
        file: a path, or a binary file object.

    Returns:
        An image of mode "RGB".

    Raises:
        UnreadableImage: as ``read_frames``.
        OSError: the path cannot be opened (missing, a folder, no permission).
    """
    images = read_frames(file).images
    return images[len(images) // 2]


def read_frames(file) -> Frames[Image.Image]:
    """Decode an image, or frames of a stack, a series or a volume, to upright 8-bit RGB.

    EXIF orientation is applied, transparency is composited onto white, and grey values of more than
    8 bits (integer or float) are scaled from their own range, so that nothing is clipped. DICOM is
    windowed as the file specifies. Rows that are missing at the end of a file are grey.

    Args:
        file: a path, or a binary file object.

    Returns:
        Images of mode "RGB" in the size of the file, or divided by a power of two if the file has
        more than ``raster.LARGE_PIXELS``.

    Raises:
        UnreadableImage: the file is not an image, is damaged, or would take too much memory or time
            to decode.
        OSError: the path cannot be opened (missing, a folder, no permission).
    """
    if not hasattr(file, "read"):
        with open(file, "rb") as opened:
            return read_frames(opened)
    # For a broken file, decoders raise exceptions of any type.
    try:
        return _read(file)
    except NoPixelData as error:
        raise UnreadableImage("not_an_image", error.kind) from error
    except UnsupportedCompression as error:
        raise UnreadableImage("unsupported_compression", str(error)) from error
    except UnidentifiedImageError as error:
        kind = kind_of(file)
        if kind == "archive" and (reason := archives.zip_reason(file)):
            raise UnreadableImage(reason) from error
        raise UnreadableImage("not_an_image", kind) from error
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


_CHILD_DECODERS = {
    "avif": (rare_formats.read_avif, "frames"),
    "heif": (rare_formats.read_heif, "frames"),
    "jpeg_2000": (rare_formats.read_jpeg_2000, "frames"),
    "jpeg_xl": (rare_formats.read_jpeg_xl, "frames"),
    "metaimage": (metaimage.read_metaimage, "slices"),
    "mgh": (mgh.read_mgh, "slices"),
    "mgh in gzip": (mgh.read_mgz, "slices"),
    "netpbm": (netpbm.read_netpbm, "frames"),
    "tiff": (tiff.read_tiff, "frames"),
    "nifti": (nifti.read_nifti, "slices"),
    "nifti in gzip": (nifti.read_packed_nifti, "slices"),
    "nrrd": (nrrd.read_nrrd, "slices"),
}
"""Decoders that run in a child process, and the unit of their images, by format."""


def _read(file: io.BufferedIOBase) -> Frames[Image.Image]:
    """Decode a file by the decoder of its format."""
    head = file.read(HEAD_BYTES)
    file.seek(0)
    format = format_of(head)
    if format == "gzip":
        format = f"{format_of(unpacked_head(head))} in gzip"
    if format == "dicom":
        return _read_dicom(file)
    if format == "dicom in gzip":
        return _read_dicom(archives.unpack_dicom(file))
    if format == "zip":
        return archives.read_series(file, _read_dicom)
    if format in _CHILD_DECODERS:
        decoder, unit = _CHILD_DECODERS[format]
        return unpack(*decode_all(decoder, file.read()), unit)
    identified = True
    try:
        return read_raster(file, may_be_slow=False)
    except UnidentifiedImageError:
        if format != "raster":
            raise
        identified = False
    except (OverflowError, Image.DecompressionBombError) as error:
        if not isinstance(error, SlowImage):
            raise
    # The traceback keeps the image in memory until the handler ends, so decode again after it.
    except Exception:  # nosec B110  # what follows reads the file in another way
        pass
    file.seek(0)
    content = file.read()
    if content.startswith(JPEG) and not identified:
        # Pillow opens neither lossless JPEG, nor JPEG-LS, nor 12 bits.
        with contextlib.suppress(UnidentifiedImageError):
            values, _ = decode_frame(content, "RGB")
            return Frames([to_rgb(to_image(values))], [0], 1)
    return unpack(*decode_all(salvage.read_slow_or_damaged, content), "frames")


def _read_dicom(file: io.BufferedIOBase) -> Frames[Image.Image]:
    scan = DicomFile(file)

    def read(index: int) -> Image.Image:
        return Image.fromarray(scan.read_frame(index))

    affordable = max(1, MAX_PIXELS // scan.frame_pixels)
    frames = choose(read, scan.number_of_frames, count=affordable)
    return frames._replace(images=[image.convert("RGB") for image in frames.images])
