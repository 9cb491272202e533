import dataclasses

import h5py
import keras
import numpy as np
import pytest
from keras import layers

from model.release import LABELS, ReleaseError, read_release
from model.weights import sha256_of
from train.networks import (
    NETWORKS,
    FusedBatchNormalization,
    efficientnet_lite0,
    input_size,
    load_network,
    original,
)


@pytest.fixture(scope="module")
def lite0():
    return efficientnet_lite0()


# The network of 224 pixels has the layers of efficientnet_lite0.
@pytest.fixture(scope="module", params=[name for name in NETWORKS if not name.endswith("_224")])
def network(request):
    keras.utils.set_random_seed(0)
    return NETWORKS[request.param]()


def random_images(network, count=2):
    side = input_size(network)
    return np.random.default_rng(0).integers(0, 256, (count, side, side, 3), np.uint8)


def predict_logits(network, batch):
    return network(batch, training=False).numpy()


def difference(logits, others):
    """Compute the largest difference relative to the largest logit, which may be small."""
    return np.abs(logits - others).max() / np.abs(logits).max()


def test_the_original_network_has_the_published_layers():
    network = original()
    found = [
        (type(layer).__name__, layer.output.shape[1:], layer.count_params())
        for layer in network.layers
    ]
    assert network.input_shape == (None, 200, 200, 3)
    assert found == [
        ("Rescaling", (200, 200, 3), 0),
        # Without padding, a 4x4 convolution removes 3 pixels; pooling halves, rounded down.
        ("Conv2D", (197, 197, 128), 4 * 4 * 3 * 128 + 128),
        ("MaxPooling2D", (98, 98, 128), 0),
        ("Conv2D", (95, 95, 64), 4 * 4 * 128 * 64 + 64),
        ("MaxPooling2D", (47, 47, 64), 0),
        ("Conv2D", (44, 44, 32), 4 * 4 * 64 * 32 + 32),
        ("MaxPooling2D", (22, 22, 32), 0),
        ("Conv2D", (19, 19, 16), 4 * 4 * 32 * 16 + 16),
        ("MaxPooling2D", (9, 9, 16), 0),
        ("Flatten", (9 * 9 * 16,), 0),
        ("Dense", (64,), 9 * 9 * 16 * 64 + 64),
        ("Dense", (3,), 64 * 3 + 3),
    ]
    assert network.count_params() == 261_619
    assert network.layers[0].scale == pytest.approx(1 / 255)
    for layer in network.layers:
        match layer:
            case layers.Conv2D():
                settings = (layer.kernel_size, layer.strides, layer.padding)
                assert (*settings, layer.activation.__name__) == ((4, 4), (1, 1), "valid", "relu")
            case layers.MaxPooling2D():
                assert (layer.pool_size, layer.strides, layer.padding) == ((2, 2), (2, 2), "valid")
    assert network.layers[-2].activation.__name__ == "relu"


def test_efficientnet_lite0_has_the_published_number_of_parameters(lite0):
    trainable = sum(int(np.prod(weight.shape)) for weight in lite0.trainable_weights)
    # The published network has 4,652,008 with a dense layer of 1000 classes instead of three.
    assert trainable == 4_652_008 - 1281 * 1000 + 1281 * 3


def test_efficientnet_lite0_224_takes_larger_images_and_the_same_weights(lite0, tmp_path):
    larger = NETWORKS["efficientnet_lite0_224"]()
    assert larger.name == "efficientnet_lite0_224"
    assert larger.input_shape == (None, 224, 224, 3)
    assert larger.output_shape == (None, len(LABELS))
    file = tmp_path / "saved.weights.h5"
    lite0.save_weights(file)
    larger.load_weights(file)
    for array, other in zip(larger.get_weights(), lite0.get_weights(), strict=True):
        np.testing.assert_array_equal(array, other)


@pytest.mark.parametrize("training", [False, True])
def test_fused_batch_normalization_equals_that_of_keras(training):
    rng = np.random.default_rng(0)
    inputs = rng.normal(3, 2, (8, 40, 40, 5)).astype(np.float32)
    state = [rng.uniform(0.5, 2, 5) for _ in range(4)]  # scale, shift, moving mean and variance
    outputs, moved = [], []
    for kind in (FusedBatchNormalization, layers.BatchNormalization):
        layer = kind(momentum=0.9, epsilon=1e-3)
        layer.build(inputs.shape)
        layer.set_weights(state)
        outputs.append(layer(inputs, training=training).numpy())
        moved.append(np.stack(layer.get_weights()))
    np.testing.assert_allclose(*outputs, atol=1e-4)
    # The kernel updates with the unbiased variance, Keras with the biased one.
    np.testing.assert_allclose(*moved, rtol=1e-4)
    assert np.allclose(moved[0], state) != training


def test_every_network_outputs_one_logit_per_label(network):
    logits = predict_logits(network, random_images(network))
    assert logits.shape == (2, len(LABELS))
    assert network.layers[-1].activation.__name__ == "linear"
    # Confidences would be positive and sum to one.
    assert (logits < 0).any()
    assert np.abs(logits.sum(axis=1) - 1).min() > 1e-3


def test_logits_do_not_depend_on_other_images_of_the_batch(network):
    batch = random_images(network)
    together = predict_logits(network, batch)
    assert difference(together[1:], predict_logits(network, batch[1:])) < 1e-4
    assert difference(together[0], together[1]) > 1e-3


def test_saved_weights_give_a_new_network_the_same_logits(network, tmp_path):
    file = tmp_path / "saved.weights.h5"
    network.save_weights(file)
    new = NETWORKS[network.name]()
    expected = predict_logits(network, random_images(network))
    assert difference(expected, predict_logits(new, random_images(network))) > 0.01
    new.load_weights(file)
    assert difference(expected, predict_logits(new, random_images(network))) < 1e-6


@pytest.fixture
def saved(tmp_path):
    """A function that saves the weights of a network and returns a release of them."""

    def save(network, name):
        file = tmp_path / "saved.weights.h5"
        network.save_weights(file)
        return dataclasses.replace(
            read_release(),
            folder=tmp_path,
            network=name,
            keras_weights=file.name,
            keras_sha256=sha256_of(file),
        )

    return save


def refusal(release):
    with pytest.raises(ReleaseError) as caught:
        load_network(release)
    message = str(caught.value)
    assert "\n" not in message
    assert str(release.folder) not in message
    return message


def test_the_network_of_a_release_has_its_weights(saved):
    network = original()
    loaded = load_network(saved(network, "original"))
    np.testing.assert_array_equal(loaded.get_weights()[0], network.get_weights()[0])


def test_an_unknown_network_is_refused(saved):
    message = refusal(saved(original(), "resnet"))
    assert "'resnet'" in message
    assert "original" in message


def test_weights_of_another_network_are_refused(saved):
    release = saved(original(), "efficientnet_lite0")
    assert "saved.weights.h5 does not fit the network 'efficientnet_lite0'" in refusal(release)


def test_weights_that_are_not_the_released_ones_are_refused(saved):
    release = saved(original(), "original")
    with open(release.keras_weights_file, "ab") as opened:
        opened.write(b"0")
    assert "is not the file that release.json names" in refusal(release)
    release.keras_weights_file.unlink()
    assert "is missing" in refusal(release)


def test_weights_with_an_external_link_are_refused(saved):
    release = saved(original(), "original")
    with h5py.File(release.keras_weights_file, "a") as file:
        del file["layers"]
        file["layers"] = h5py.ExternalLink("/etc/hostname", "/")
    assert "is not the file that release.json names" in refusal(release)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_weights_that_are_not_finite_are_refused(saved, value):
    broken = original()
    arrays = broken.get_weights()
    arrays[0].flat[0] = value
    broken.set_weights(arrays)
    assert "is not finite" in refusal(saved(broken, "original"))
