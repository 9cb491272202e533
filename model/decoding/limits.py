"""Limits on what is decoded, checked against what a file declares."""

import io

from PIL import Image

MAX_PIXELS = 64_000_000
"""Images that declare more pixels are refused."""

MAX_HEIF_PIXELS = 51_000_000
"""HEIC images with more pixels are refused: libheif holds a decoded image twice. Phones write 48 or
50 megapixels."""

MAX_SIDE = 65_535
"""Images that are wider or higher are refused, as JPEG and DICOM cannot be; they would take much
memory for few rows."""

MAX_DECODED_BYTES = 220_000_000
"""Images whose decoder would need more memory are refused."""

MAX_SLOW_PIXELS = 800_000
"""Images with more pixels are refused if their decoder is written in Python, which makes it about a
thousand times slower than the others."""

MAX_SCANS = 100
"""Progressive JPEGs with more scans are refused: each scan takes as long as a whole image and may
have a few bytes only. libtiff has the same limit; encoders write about ten."""

MAX_DICOM_PIXELS = 20_000_000
"""DICOM frames with more pixels are refused, because windowing takes floating-point numbers."""

MAX_MISSING_ROWS = 0.3
"""Share of its rows that an image may lack: they are shown grey. With more, it is refused."""

GREY = 127
"""Value of missing pixels."""

MAX_INFLATED_BYTES = 48_000_000
"""Compressed files that unpack to more are refused."""

_DECODER_COPIES = {"AVIF": 4, "JPEG": 0, "JPEG2000": 4.5, "MPO": 0, "TIFF": 2, "WEBP": 4}
"""Number of full-size copies that the decoder of a format holds, 1 if not listed. JPEG has none,
because it is shrunk while it is decoded."""


def check_size(image: Image.Image, file: io.BufferedIOBase) -> None:
    """Refuse an image that would take too much memory or time to decode.

    Args:
        image: opened by Pillow, not loaded.
        file: the open file that contains it.

    Raises:
        OverflowError: the image exceeds a limit of this module.
    """
    pixels = image.width * image.height
    pixel_bytes = 1 if image.mode in ("1", "L", "P") else 2 if image.mode.startswith("I;16") else 4
    decoded_bytes = pixels * pixel_bytes * _DECODER_COPIES.get(image.format, 1)
    if image.info.get("progressive"):
        # The decoder holds all coefficients until the last scan.
        decoded_bytes += pixels * 2 * len(image.getbands())
        if _count_scans(file) > MAX_SCANS:
            raise OverflowError("scans")
    if max(image.size) > MAX_SIDE:
        raise OverflowError(f"{image.size} pixels")
    slow = any(tile.codec_name in Image.DECODERS for tile in image.tile)
    if decoded_bytes > MAX_DECODED_BYTES or (slow and pixels > MAX_SLOW_PIXELS):
        raise OverflowError(f"{image.size} pixels")


def _count_scans(file) -> int:
    position = file.tell()
    file.seek(0)
    scans = file.read().count(b"\xff\xda")
    file.seek(position)
    return scans
