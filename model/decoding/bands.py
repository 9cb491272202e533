"""Process images in bands of rows, so that no copy of a wider type exists of a whole image."""

from collections.abc import Iterator

BAND_PIXELS = 2**20
"""A band has about this many pixels."""


def row_bands(rows: int, columns: int, multiple: int = 1) -> Iterator[slice]:
    """Divide an image into bands.

    Args:
        rows: height of the image.
        columns: its width.
        multiple: of how many rows all bands but the last consist.
    """
    height = max(1, BAND_PIXELS // (columns * multiple)) * multiple
    return (slice(top, min(top + height, rows)) for top in range(0, rows, height))
