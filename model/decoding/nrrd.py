"""Read slices of NRRD volumes and images; called in the decoder process."""

import io
import itertools
import re

import numpy as np

from model.decoding.volumes import COLOURS, chosen_slices

_RIGHT = ("right", "ra")
_FORWARD = ("right-anterior", "left-anterior", "ra", "la")
"""Beginnings of the names of spaces whose first or second axis points there; those of other spaces
point to the left and backward."""

_SPATIAL = ("domain", "space", "none", "???")
"""Kinds of axes that are directions in space."""

_COLOUR_KINDS = ("rgb-color", "rgba-color", "3-color", "4-color", "vector")
"""Kinds of axes that are colours, if their values have 8 bits: ITK calls colours a vector."""

_PAIR = re.compile(rb"[^:]*:=")
"""Beginning of a line with a key and a value, which may be any text; fields have only a colon."""

_VECTOR = re.compile(rb"\([^()]*\)")


def read_nrrd(data: bytes) -> list[np.ndarray]:
    """Read slices of a NRRD file, as ``nifti.read_nifti`` does."""
    import nrrd

    file = io.BytesIO(data)
    header = _header(file)
    if "data file" in header or "datafile" in header:
        raise ValueError("the values are in another file")
    if header["encoding"] == "hex":  # pynrrd does not support it.
        file, header["encoding"] = io.BytesIO(bytes.fromhex(file.read().decode("ascii"))), "raw"
    values = nrrd.read_data(header, file)
    kinds = [kind.lower() for kind in header.get("kinds", ["domain"] * values.ndim)]
    directions = _directions(header, kinds)
    # ITK gives time, the last of four axes, a direction too.
    spatial = np.flatnonzero(np.isfinite(directions).all(axis=1))[:3]
    # Axes without a direction in space, such as time or colour, come last.
    values = np.moveaxis(values, spatial, range(len(spatial)))
    is_colour = values.shape[-1] in (3, 4) and any(kind in _COLOUR_KINDS for kind in kinds)
    if values.dtype == np.uint8 and is_colour:
        values = np.ascontiguousarray(values[..., :3]).view(COLOURS)[..., 0]
    return chosen_slices(values, _affine(directions[spatial], header.get("space", "").lower()))


def _header(file: io.BytesIO) -> dict:
    """Read the fields of the header, up to the values."""
    import nrrd

    lines = itertools.takewhile(bytes.strip, file)
    # pynrrd takes pairs for fields, and refuses fields that Slicer of 2018 wrote twice.
    fields = {line.partition(b":")[0]: line for line in lines if not _PAIR.match(line)}
    # It splits vectors at white space, and knows values in lower case only.
    header = nrrd.read_header(
        [_VECTOR.sub(lambda vector: b"".join(vector[0].split()), line) for line in fields.values()]
    )
    names = header.keys() & {"type", "encoding", "endian"}
    return header | {name: header[name].lower() for name in names}


def _directions(header: dict, kinds: list[str]) -> np.ndarray:
    """Return the step of each axis in space (axes, 3), not finite for other axes."""
    if "space directions" in header:
        steps = np.array(header["space directions"], float)
        return np.pad(steps, ((0, 0), (0, max(0, 3 - steps.shape[1]))))[:, :3]
    steps = np.full((len(kinds), 3), np.nan)
    spacings = np.array(header.get("spacings", np.ones(len(kinds))), float)
    is_spatial = np.isin(kinds, _SPATIAL)
    if np.isfinite(spacings[is_spatial]).any():  # Other axes have none.
        is_spatial &= np.isfinite(spacings)
    axes = np.flatnonzero(is_spatial)[:3]
    steps[axes] = np.eye(3)[: len(axes)]
    return steps * np.nan_to_num(spacings, nan=1)[:, None]


def _affine(directions: np.ndarray, space: str) -> np.ndarray:
    """Return the matrix from voxels to millimetres to the right, forward and up."""
    affine = np.eye(4)
    affine[:3, : len(directions)] = directions.T
    if len(directions) == 2:
        affine[:3, 2] = np.cross(*directions)
    affine[0] *= 1 if space.startswith(_RIGHT) else -1
    affine[1] *= 1 if space.startswith(_FORWARD) else -1
    return affine
