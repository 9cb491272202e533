"""How a DICOM file says its pixels are stored."""

from dataclasses import dataclass


@dataclass
class PixelFormat:
    """How a file says its pixels are stored.

    Args:
        rows: height in pixels.
        columns: width in pixels.
        samples: 1 for grey values and palettes, 3 or 4 for colours.
        allocated: bits that a sample takes.
        signed: samples are two's complement.
        planar: each colour is stored as an image of its own.
        photometric: photometric interpretation, in capitals.
        syntax: UID of the transfer syntax, "" if unknown.
    """

    rows: int
    columns: int
    samples: int
    allocated: int
    signed: bool
    planar: bool
    photometric: str
    syntax: str
