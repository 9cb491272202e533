import io
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import keras
import numpy as np
import pytest
import scipy.special
from keras import layers
from PIL import Image

from model.classifier import Classifier, softmax
from model.imaging import network_input, read_image
from model.networks import load_network, original
from model.release import LABELS, ReleaseError, read_release
from train.export.tflite import convert_to_tflite

EXAMPLES = Path(__file__).parents[2] / "examples"
PICTURES = sorted(EXAMPLES.glob("*.*g"))


def tiny():
    """A network that tells pictures apart without training."""
    stack = [keras.Input((16, 16, 3)), layers.Rescaling(1 / 255), layers.Flatten()]
    return keras.Sequential([*stack, layers.Dense(8, activation="relu"), layers.Dense(3)])


def compiled(network, folder):
    file = folder / "tiny.tflite"
    file.write_bytes(convert_to_tflite(network))
    return file


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    """The file of a tiny network with random weights."""
    keras.utils.set_random_seed(0)
    return compiled(tiny(), tmp_path_factory.mktemp("weights"))


@pytest.fixture
def classifier(weights):
    return Classifier(weights, LABELS, 1.0)


@pytest.fixture(scope="module")
def released():
    release = read_release()
    return Classifier(release.weights_file, release.labels, release.temperature)


def refusal(file):
    with pytest.raises(ReleaseError) as caught:
        Classifier(file, LABELS, 1.0)
    message = str(caught.value)
    assert "\n" not in message
    assert str(file.parent) not in message
    return message


@pytest.mark.parametrize("file", PICTURES, ids=lambda file: file.stem)
def test_the_released_network_answers_with_every_label(released, file):
    answer = released.classify(read_image(file))
    assert tuple(answer) == LABELS == ("brain", "lung", "other")
    assert all(type(value) is float and 0 <= value <= 1 for value in answer.values())
    assert sum(answer.values()) == pytest.approx(1, abs=1e-9)


def test_labels_stand_in_the_order_of_the_logits(classifier):
    for file in PICTURES:
        picture = read_image(file)
        logits = classifier.logits(network_input(picture, 16)[None])[0]
        answer = classifier.classify(picture)
        assert max(answer, key=answer.get) == LABELS[logits.argmax()]
        assert list(answer.values()) == pytest.approx(scipy.special.softmax(logits))


@pytest.mark.parametrize("file", PICTURES, ids=lambda file: file.stem)
def test_keras_gives_the_answers_that_it_explains(released, file):
    inputs = network_input(read_image(file), released.input_size)[None]
    logits = load_network(read_release())(inputs, training=False).numpy()
    # Logits lie tens apart; weights in half precision move them by hundredths.
    np.testing.assert_allclose(released.logits(inputs), logits, atol=0.1)


def test_pictures_get_different_answers(classifier):
    answers = {tuple(classifier.classify(read_image(file)).values()) for file in PICTURES}
    assert len(answers) == len(PICTURES)


def test_logits_of_a_batch_are_those_of_its_pictures(classifier):
    inputs = np.stack([network_input(read_image(file), 16) for file in PICTURES])
    logits = classifier.logits(inputs)
    assert (logits.shape, logits.dtype) == ((len(PICTURES), 3), np.float64)
    for row, picture in zip(logits, inputs, strict=True):
        np.testing.assert_allclose(classifier.logits(picture[None])[0], row, rtol=1e-5)


@pytest.mark.parametrize("mode", ["RGB", "L", "P"])
def test_a_picture_gets_the_same_answer_in_every_lossless_file(released, mode):
    with Image.open(EXAMPLES / "landscape.jpg") as image:
        picture = image.resize((300, 200))
    picture = picture.quantize(64) if mode == "P" else picture.convert(mode)
    expected = released.classify(picture.convert("RGB"))
    for format, options in {
        "PNG": {},
        "WEBP": {"lossless": True, "exact": True},
        "TIFF": {"compression": "tiff_lzw"},
        "BMP": {},
    }.items():
        encoded = io.BytesIO()
        picture.save(encoded, format, **options)
        assert released.classify(read_image(encoded)) == expected


def test_a_16_bit_copy_gets_the_same_answer(classifier):
    values = np.asarray(read_image(EXAMPLES / "brain-mri.png"))[..., 0]
    assert (values.min(), values.max()) == (0, 255)  # the whole range, so that scaling undoes this
    encoded = io.BytesIO()
    Image.fromarray(values.astype(np.uint16) * 200).save(encoded, "PNG")
    expected = classifier.classify(read_image(EXAMPLES / "brain-mri.png"))
    assert classifier.classify(read_image(encoded)) == expected


def test_a_temperature_flattens_answers_and_keeps_their_order(weights):
    picture = read_image(PICTURES[0])
    temperatures = (0.05, 0.5, 1.0, 2.0, 50.0)
    classifiers = [Classifier(weights, LABELS, temperature) for temperature in temperatures]
    answers = [list(classifier.classify(picture).values()) for classifier in classifiers]
    assert len({tuple(np.argsort(answer)) for answer in answers}) == 1
    tops = [max(answer) for answer in answers]
    assert tops == sorted(tops, reverse=True)
    assert tops[0] > tops[-1] + 0.05
    assert answers[-1] == pytest.approx([1 / 3] * 3, abs=0.02)


def test_softmax_divides_by_the_temperature_and_never_overflows():
    logits = np.array([[2.0, 0.0, -1.0], [1e4, -1e4, 0.0], [-1e4, -1e4, -1e4]])
    for temperature in (0.05, 1.0, 3.0):
        expected = scipy.special.softmax(logits / temperature, axis=-1)
        np.testing.assert_allclose(softmax(logits, temperature), expected, atol=1e-12)


@pytest.mark.parametrize("other", ["smaller", "more labels"])
def test_a_network_for_other_pictures_or_labels_is_refused(tmp_path, other):
    inputs = keras.Input((16, 16, 1 if other == "smaller" else 3))
    outputs = layers.Dense(3 if other == "smaller" else 4)(layers.Flatten()(inputs))
    file = compiled(keras.Model(inputs, outputs), tmp_path)
    assert "for other pictures or other labels" in refusal(file)


@pytest.mark.parametrize("content", ["missing", b"", b"version https://git-lfs", "truncated"])
def test_a_file_that_holds_no_network_is_refused(weights, tmp_path, content):
    file = tmp_path / "tiny.tflite"
    if content == "truncated":
        content = weights.read_bytes()[:-1]
    if content != "missing":
        file.write_bytes(content)
    assert "holds no network" in refusal(file)


@pytest.mark.parametrize("make", [tiny, original])
def test_a_weight_that_is_no_number_is_refused(tmp_path, make):
    """An infinite one cannot be in the file: half precision makes it the largest number."""
    broken = make()
    arrays = broken.get_weights()
    arrays[0].flat[0] = np.nan
    broken.set_weights(arrays)
    assert "not finite" in refusal(compiled(broken, tmp_path))


def test_many_threads_get_the_answers_of_one(released):
    pictures = [read_image(file) for file in PICTURES] * 5
    expected = [released.classify(picture) for picture in pictures]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(released.classify, pictures)) == expected


def test_answers_need_no_tensorflow():
    code = (
        "import sys; from model.classifier import Classifier; from model.imaging import *;"
        "from model.release import read_release; release = read_release();"
        "classifier = Classifier(release.weights_file, release.labels, release.temperature);"
        f"classifier.classify(read_image({str(PICTURES[0])!r}));"
        "assert not {'tensorflow', 'keras'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], cwd=EXAMPLES.parent, check=True)
