"""Process images in bands of rows, to avoid copies of whole images in wider types."""

from collections.abc import Iterator

BAND_PIXELS = 2**20
"""Approximate number of pixels in a band."""


def row_bands(rows: int, columns: int, multiple: int = 1) -> Iterator[slice]:
    """Divide an image into bands.

    Args:
        rows: height of the image.
        columns: its width.
        multiple: the height of all bands but the last is a multiple of it.
    """
    height = max(1, BAND_PIXELS // (columns * multiple)) * multiple
    return (slice(top, min(top + height, rows)) for top in range(0, rows, height))
