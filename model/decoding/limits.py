"""Limits on what is decoded, checked against what a file declares."""

import io
import re
import struct

from PIL import Image

MAX_PIXELS = 64_000_000
"""Maximum number of pixels that an image may declare."""

MAX_LIBHEIF_PIXELS = 51_000_000
"""Maximum number of pixels of a HEIC image that libheif decodes, because it holds them twice."""

MAX_SIDE = 65_535
"""Maximum width and height, in pixels, as in JPEG and DICOM; wider images would take much memory
for few rows."""

MAX_DECODED_BYTES = 220_000_000
"""Maximum memory of a decoder for an image, in bytes."""

ANIMATION_PIXEL_BYTES = 20
"""Bytes per pixel that Pillow takes for a later frame of an animated PNG, and about as many of a
GIF: this frame, the previous one, the disposed area, a mask and a copy, of four bytes each."""

MAX_SLOW_PIXELS = 5_000_000
"""Maximum number of pixels of an image whose decoder is written in Python, and so about a thousand
times slower than the others."""

MAX_READS = 50_000
"""Maximum number of reads of a file by Pillow; with more, a child process decodes it. A PNG chunk
takes two or three reads, and 20 MB have 2500 chunks of the usual size."""

MAX_SCANS = 100
"""Maximum number of scans of a progressive JPEG: each takes as long as a whole image and may have a
few bytes only. libtiff has the same limit; encoders write about ten."""

MAX_DICOM_PIXELS = 20_000_000
"""Maximum number of pixels of a DICOM frame, which is windowed in floating-point numbers."""

MAX_MISSING_ROWS = 0.3
"""Maximum share of rows that an image may lack; they are shown grey."""

GREY = 127
"""Value of missing pixels."""

MAX_INFLATED_BYTES = 48_000_000
"""Maximum size of an inflated file, in bytes."""

_DECODER_COPIES = {"AVIF": 4, "JPEG": 0, "JPEG2000": 4.5, "MPO": 0, "TIFF": 2, "WEBP": 4}
"""Number of full-size copies that the decoder of a format holds, 1 if not listed. JPEG has none,
because it is shrunk while it is decoded."""

_FRAMES_OF_PNG = re.compile(rb"[\0\1]...acTL", re.DOTALL)
"""The chunk of a PNG file that declares frames, after its length."""


class SlowImage(OverflowError):
    """Pillow would take long and make other visitors wait: the child process decodes the file."""


class CountedReads:
    """A file that may be read ``MAX_READS`` times; then it raises ``SlowImage``.

    Pillow reads headers in small parts, and a file may have millions of them: empty segments of
    JPEG, chunks of PNG, empty lines of XPM.

    Args:
        file: an open file.
    """

    def __init__(self, file: io.BufferedIOBase):
        self._file = file
        self._left = MAX_READS
        self.seek, self.tell = file.seek, file.tell

    def read(self, size: int = -1) -> bytes:
        """Read up to ``size`` bytes."""
        self._count()
        return self._file.read(size)

    def readline(self, size: int = -1) -> bytes:
        """Read a line of up to ``size`` bytes."""
        self._count()
        return self._file.readline(size)

    def _count(self) -> None:
        self._left -= 1
        if self._left < 0:
            raise SlowImage


def check_size(
    image: Image.Image, file: io.BufferedIOBase, max_slow_pixels: int = MAX_SLOW_PIXELS
) -> None:
    """Refuse an image that would take too much memory or time to decode.

    Args:
        image: opened by Pillow, not loaded.
        file: the open file that contains it.
        max_slow_pixels: maximum number of pixels if the decoder is written in Python.

    Raises:
        SlowImage: its decoder is written in Python, and it has more pixels.
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
    if decoded_bytes > MAX_DECODED_BYTES:
        raise OverflowError(f"{image.size} pixels")
    if pixels > max_slow_pixels and any(tile.codec_name in Image.DECODERS for tile in image.tile):
        raise SlowImage


def check_animated_png(file: io.BufferedIOBase) -> None:
    """Refuse a large animated PNG before Pillow opens it, which takes two copies of the image.

    Raises:
        OverflowError: it would take more than ``MAX_DECODED_BYTES``.
    """
    head = file.read(24)
    if head.startswith(b"\x89PNG"):
        width, height = struct.unpack_from(">2I", head.ljust(24, b"\0"), 16)
        if 2 * 4 * width * height > MAX_DECODED_BYTES and _FRAMES_OF_PNG.search(file.read()):
            raise OverflowError(f"{width} x {height} pixels")
    file.seek(0)


def _count_scans(file) -> int:
    position = file.tell()
    file.seek(0)
    scans = file.read().count(b"\xff\xda")
    file.seek(position)
    return scans
