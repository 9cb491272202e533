"""Decoders for the compressions of DICOM, run in ``decoder_process``."""

import numpy as np
from imagecodecs import (
    htj2k_decode,
    jpeg2k_decode,
    jpeg8_decode,
    jpegls_decode,
    jpegsof3_decode,
    jpegxl_decode,
    packbits_decode,
)

from model.decoding.jpeg_2000 import completed
from model.decoding.limits import MAX_DICOM_PIXELS

_THREADS = 4
"""For JPEG 2000. With one for each of two cores, one core often waits for the other."""


def decode_jpeg(data: bytes) -> np.ndarray:
    """Decode lossy JPEG of 8 or 12 bits."""
    return jpeg8_decode(data)


def decode_lossless_jpeg(data: bytes, samples: int) -> np.ndarray:
    """Decode lossless JPEG of 2 to 16 bits, colours as they are stored."""
    stored = {"colorspace": "RGB", "outcolorspace": "RGB"} if samples == 3 else {}
    try:
        return jpeg8_decode(data, **stored)
    except Exception:  # Another decoder accepts some files that libjpeg-turbo rejects.
        return jpegsof3_decode(data)


def decode_jpeg_ls(data: bytes) -> np.ndarray:
    """Decode JPEG-LS."""
    return jpegls_decode(data)


def decode_jpeg_2000(data: bytes) -> np.ndarray:
    """Decode JPEG 2000, high-throughput or not."""
    data = completed(data)
    if b"\xff\x50" in data[:200]:  # The marker of its extensions.
        try:
            return htj2k_decode(data)  # Faster, but for codestreams without a container only.
        except Exception:
            return jpeg2k_decode(data, numthreads=_THREADS)
    return jpeg2k_decode(data, numthreads=_THREADS)


def decode_jpeg_xl(data: bytes) -> np.ndarray:
    """Decode JPEG XL.

    Raises:
        OverflowError: it has more pixels than ``MAX_DICOM_PIXELS``.
    """
    values = jpegxl_decode(data, numthreads=1)
    if values.shape[0] * values.shape[1] > MAX_DICOM_PIXELS:
        raise OverflowError(f"{values.shape} pixels")
    return values


def decode_rle(data: bytes, pixels: int) -> np.ndarray:
    """Decode the run lengths of DICOM (PS3.5, annex G).

    Args:
        data: a frame, with its header of segment offsets.
        pixels: number of pixels of the frame.

    Returns:
        uint8 (segments, pixels), the most significant bytes of a sample first.
    """
    count, *offsets = np.frombuffer(data[:64], "<u4").tolist()
    if not 1 <= count <= 15:
        raise ValueError(f"{count} segments")
    offsets = [*offsets[:count], len(data)]
    planes = np.empty((count, pixels), np.uint8)
    for plane, start, end in zip(planes, offsets, offsets[1:], strict=False):
        # Some encoders write a little more than the frame.
        decoded = packbits_decode(data[start:end], out=pixels + 2**16)
        plane[:] = np.frombuffer(decoded, np.uint8, pixels)
    return planes
