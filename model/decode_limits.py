"""What is too large to be decoded, judged by what a file declares."""

import io

from PIL import Image

MAX_PIXELS = 64_000_000
"""Pictures that declare more pixels than this are refused before they are decoded."""

MAX_DECODED_BYTES = 220_000_000
"""So are those whose decoder would need more memory than this."""

MAX_SLOW_PIXELS = 800_000
"""And those with more pixels than this whose decoder is written in Python, a thousand times as slow
as the others."""

MAX_SCANS = 100
"""And progressive JPEGs of more scans, each of which costs as much time as a whole picture and may
take but a few bytes. It is the limit of libtiff too, and ten times what encoders write."""

MAX_DICOM_PIXELS = 20_000_000
"""And DICOM frames of more pixels than this, which are windowed as floating-point numbers."""


_DECODER_COPIES = {"AVIF": 4, "JPEG": 0, "JPEG2000": 4.5, "MPO": 0, "TIFF": 2, "WEBP": 4}
"""How often a format's decoder holds the picture at its full size; once in the other formats, and
never for JPEG, which is shrunk while it is decoded."""


def refuse_what_is_too_large(image: Image.Image, file: io.BufferedIOBase) -> None:
    """Judge a picture by what it declares, before it is decoded.

    Args:
        image: opened by Pillow, not loaded.
        file: the open file it is in.

    Raises:
        OverflowError: it would take too much memory or time.
    """
    pixels = image.width * image.height
    pixel_bytes = 1 if image.mode in ("1", "L", "P") else 2 if image.mode.startswith("I;16") else 4
    decoded_bytes = pixels * pixel_bytes * _DECODER_COPIES.get(image.format, 1)
    if image.info.get("progressive"):
        # Its coefficients are all kept until the last scan.
        decoded_bytes += pixels * 2 * len(image.getbands())
        if _scans(file) > MAX_SCANS:
            raise OverflowError("scans")
    slow = any(tile.codec_name in Image.DECODERS for tile in image.tile)
    if decoded_bytes > MAX_DECODED_BYTES or (slow and pixels > MAX_SLOW_PIXELS):
        raise OverflowError(f"{image.size} pixels")


def _scans(file) -> int:
    position = file.tell()
    file.seek(0)
    scans = file.read().count(b"\xff\xda")
    file.seek(position)
    return scans
