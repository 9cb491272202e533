"""Read slices of MetaImage volumes (.mha); called in the decoder process."""

import re
import zlib

import numpy as np

from model.decoding.volumes import COLOURS, MAX_BYTES, chosen_slices

_TYPES = {
    **{"CHAR": "i1", "UCHAR": "u1", "SHORT": "i2", "USHORT": "u2", "INT": "i4", "UINT": "u4"},
    **{"LONG": "i4", "ULONG": "u4", "LONG_LONG": "i8", "ULONG_LONG": "u8"},
    **{"FLOAT": "f4", "DOUBLE": "f8"},
}
"""Types of numbers by the name in the header, after MET_ and without _ARRAY."""

_TRUE = ("T", "t", "1")
"""First characters of the values that MetaIO, which reads these files for ITK, takes for true."""

_MAX_HEADER_BYTES = 2**22
"""Maximum size of a header, in bytes; one with the poses of 1000 frames takes 1 MB."""

_LAST_FIELD = re.compile(rb"^ElementDataFile[ \t]*=[ \t]*(\S*)[ \t]*\r?\n", re.MULTILINE)


def read_metaimage(data: bytes) -> list[np.ndarray]:
    """Read slices of a MetaImage file with its values in it, as ``nifti.read_nifti`` does.

    Raises:
        OverflowError: the unpacked values are larger than ``volumes.MAX_BYTES``.
        Exception: any exception of numpy or zlib, for a broken file.
    """
    last = _LAST_FIELD.search(data, 0, _MAX_HEADER_BYTES)
    if last is None or last[1].upper() != b"LOCAL":
        raise ValueError("the values are in another file")
    # Names may have any characters, such as 0008|0060 for an element of DICOM.
    fields = (line.partition("=") for line in data[: last.start()].decode("latin-1").split("\n"))
    header = {name.strip(): value.strip() for name, _, value in fields}
    values = data[last.end() :]
    if header.get("CompressedData", "").startswith(_TRUE):
        stream = zlib.decompressobj()
        values = stream.decompress(values, MAX_BYTES)
        if stream.unconsumed_tail:
            raise OverflowError(f"more than {MAX_BYTES} bytes")
    return chosen_slices(_array(values, header), _affine(header))


def _array(values: bytes, header: dict[str, str]) -> np.ndarray:
    """Return the values of the file, the first axis fastest; channels, such as time, last."""
    big = header.get("BinaryDataByteOrderMSB", header.get("ElementByteOrderMSB", ""))
    name = header["ElementType"].removeprefix("MET_").removesuffix("_ARRAY")
    dtype = np.dtype(_TYPES[name]).newbyteorder(">" if big.startswith(_TRUE) else "<")
    if not header.get("BinaryData", "True").startswith(_TRUE):
        values = np.fromstring(bytes(values), sep=" ").astype(dtype)
    channels = int(header.get("ElementNumberOfChannels", 1))
    shape = [int(size) for size in header["DimSize"].split()]
    array = np.moveaxis(np.ndarray((channels, *shape), dtype, values, order="F"), 0, -1)
    if name == "UCHAR" and channels in (3, 4):
        array = array[..., :3].view(COLOURS)
    return array[..., 0] if array.shape[-1] == 1 else array


def _affine(header: dict[str, str]) -> np.ndarray:
    """Return the matrix from voxels to millimetres to the right, forward and up."""
    count = len(header["DimSize"].split())
    spacing = _numbers(header, ("ElementSpacing", "ElementSize"), np.ones(count))
    directions = _numbers(header, ("TransformMatrix", "Rotation", "Orientation"), np.eye(count))
    matrix = np.eye(max(3, count))
    # Each axis of the image has a row.
    matrix[:count, :count] = directions.reshape(count, count).T * spacing
    affine = np.eye(4)
    affine[:3, :3] = matrix[:3, :3]
    affine[:2] *= -1  # The axes of space point to the left and backward.
    return affine


def _numbers(header: dict[str, str], names: tuple[str, ...], default: np.ndarray) -> np.ndarray:
    """Return the numbers of the first of several fields that the header has."""
    found = next((header[name] for name in names if name in header), None)
    return default if found is None else np.array(found.split(), float)
