"""Files of scanners, studies and phones, to predictions."""

import argparse
import tempfile
from functools import partial
from pathlib import Path

import imagecodecs
import nibabel
import numpy as np
import pillow_heif
from PIL import Image
from pydicom.encaps import encapsulate
from pydicom.uid import JPEG2000Lossless

from benchmarks.predict import tiled_photograph
from benchmarks.rows import interleave
from model.batch_predict import bundled_classifier, predict_file
from model.decoding.dicom.codecs import decode_jpeg_2000
from tests.helpers.dicom_file import dicom
from tests.helpers.running_app import EXAMPLES


def measure(options: argparse.Namespace) -> dict[str, list[float]]:
    """Predict files by turns with their decoders or, for DICOM, a PNG."""
    classifier = bundled_classifier()
    least = np.zeros((1, classifier.input_size, classifier.input_size, 3), np.uint8)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        files = {
            "DICOM": folder / "scan.dcm",
            "PNG": folder / "scan.png",
            "JPEG 2000": folder / "compressed.dcm",
            "HEIC": folder / "photo.heic",
            "NIfTI": folder / "volume.nii.gz",
        }
        scan = _scan()
        codestream = imagecodecs.jpeg2k_encode(scan, codecformat="J2K", reversible=True)
        compressed = dicom(scan, syntax=JPEG2000Lossless, PixelData=encapsulate([codestream]))
        files["DICOM"].write_bytes(dicom(scan))
        files["JPEG 2000"].write_bytes(compressed)
        Image.fromarray((scan // 3).astype(np.uint8)).save(files["PNG"])
        photo = pillow_heif.from_pillow(tiled_photograph(4032, 3024))
        photo.save(files["HEIC"], quality=40, chroma="420", tile_size=512)
        nibabel.Nifti1Image(_volume(), np.eye(4)).to_filename(files["NIfTI"])
        calls = {name: partial(predict_file, file) for name, file in files.items()}
        calls["OpenJPEG"] = lambda: (
            decode_jpeg_2000(codestream),
            classifier.logits(least),
        )
        calls["libheif"] = lambda: pillow_heif.open_heif(files["HEIC"])[0].load()
        calls["nibabel"] = lambda: np.asarray(nibabel.load(files["NIfTI"]).dataobj)
        return interleave(calls, options.rounds, repeats=10)


def _scan() -> np.ndarray:
    """Return a CT of 512 x 512 pixels, uint16; in JPEG 2000 it takes as many bytes as real ones."""
    return 3 * np.asarray(Image.open(EXAMPLES["lung"]).convert("L"), np.uint16)


def _volume() -> np.ndarray:
    """Return an MRI of 256 x 256 x 256, int16, that fades to both ends, with noise."""
    grey = np.asarray(Image.open(EXAMPLES["brain"]).convert("L").resize((256, 256)), np.float32)
    fading = np.sin(np.linspace(0, np.pi, 256))[:, None, None]
    noise = np.random.default_rng(0).integers(0, 8, (256, 256, 256))
    return (grey * fading * 4 + noise).astype(np.int16)
