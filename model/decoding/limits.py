"""Limits on what is decoded, checked against what a file declares."""

import io
import re
import struct

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

ANIMATION_PIXEL_BYTES = 20
"""Bytes that Pillow takes for a pixel of a later frame of an animated PNG, and nearly for one of a
GIF: this frame, the one before, what is disposed of, a mask and a copy, of four bytes each."""

MAX_SLOW_PIXELS = 5_000_000
"""Images with more pixels are refused if their decoder is written in Python, which makes it about a
thousand times slower than the others."""

MAX_READS = 50_000
"""Files of which Pillow reads more parts are decoded in a child process, since that may take long.
Chunks of PNG have two or three parts, and 20 MB have 2500 chunks of the usual size."""

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

_FRAMES_OF_PNG = re.compile(rb"[\0\1]...acTL", re.DOTALL)
"""The chunk of a PNG file that declares frames, after its length."""


class SlowImage(OverflowError):
    """Pillow takes long for a file, and other visitors would wait: the child process decodes it."""


class CountedReads:
    """A file that may be read ``MAX_READS`` times; then it raises ``SlowImage``.

    Pillow reads headers in small parts, of which a file may have millions: empty segments of JPEG,
    chunks of PNG, empty lines of XPM.

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
        max_slow_pixels: an image whose decoder is written in Python may have so many pixels.

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
