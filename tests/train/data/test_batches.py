import dataclasses
from collections import Counter

import numpy as np
import pytest
from PIL import Image

from model.imaging import network_input, read_image
from model.release import LABELS
from train.data.batches import ordered_batches, steps_per_epoch, training_batches
from train.data.dataset import LabelledImage, read_tree
from train.recipes import Recipe

SIZE = 16
PLAIN = Recipe(network="tiny", batch_size=5, epochs=2)
AUGMENTED = dataclasses.replace(PLAIN, augmented=True)
DRAWN = dataclasses.replace(PLAIN, samples_per_epoch=33)


@pytest.fixture(scope="module")
def pictures(tree):
    return read_tree(tree)["train"]


def read(dataset):
    return [(inputs.numpy(), labels.numpy()) for inputs, labels in dataset]


def epoch(pictures, recipe, number=0, skip=0):
    return read(training_batches(pictures, recipe, SIZE, number, skip))


def assert_equal(batches, others):
    assert len(batches) == len(others)
    for (inputs, labels), (other_inputs, other_labels) in zip(batches, others, strict=True):
        np.testing.assert_array_equal(inputs, other_inputs)
        np.testing.assert_array_equal(labels, other_labels)


def pairs(batches):
    """Every picture of some batches, as the bytes of its pixels, with its label."""
    return [
        (picture.tobytes(), LABELS[label])
        for inputs, labels in batches
        for picture, label in zip(inputs, labels, strict=True)
    ]


def expected_pairs(pictures):
    return [(network_input(read_image(p.path), SIZE).tobytes(), p.label) for p in pictures]


def test_an_epoch_holds_every_picture_once_with_its_label(pictures):
    batches = epoch(pictures, PLAIN)
    assert Counter(pairs(batches)) == Counter(expected_pairs(pictures))
    assert pairs(batches) != expected_pairs(pictures)  # it is shuffled
    for inputs, labels in batches:
        assert (inputs.dtype, labels.dtype) == (np.uint8, np.int32)
        assert inputs.shape == (len(labels), SIZE, SIZE, 3)
    assert [len(labels) for _, labels in batches] == [5, 5, 5, 5, 4]


@pytest.mark.parametrize("recipe", [PLAIN, AUGMENTED, DRAWN], ids=["plain", "augmented", "drawn"])
def test_an_epoch_depends_on_seed_and_number_alone(pictures, recipe):
    first = epoch(pictures, recipe)
    assert_equal(first, epoch(pictures, recipe))
    assert pairs(first) != pairs(epoch(pictures, recipe, number=1))
    other_seed = dataclasses.replace(recipe, seed=1)
    assert pairs(first) != pairs(epoch(pictures, other_seed))


@pytest.mark.parametrize("recipe", [PLAIN, AUGMENTED, DRAWN], ids=["plain", "augmented", "drawn"])
@pytest.mark.parametrize("skip", [1, 3, 5])
def test_an_epoch_goes_on_where_it_was_left(pictures, recipe, skip):
    assert_equal(epoch(pictures, recipe, skip=skip), epoch(pictures, recipe)[skip:])


@pytest.mark.parametrize("recipe", [PLAIN, DRAWN, dataclasses.replace(PLAIN, batch_size=24)])
def test_the_steps_of_an_epoch_are_counted_right(pictures, recipe):
    assert steps_per_epoch(pictures, recipe) == len(epoch(pictures, recipe))


def test_variations_change_pictures_and_keep_their_labels(pictures):
    plain, varied = epoch(pictures, PLAIN), epoch(pictures, AUGMENTED)
    for (inputs, labels), (varied_inputs, varied_labels) in zip(plain, varied, strict=True):
        np.testing.assert_array_equal(labels, varied_labels)
        assert inputs.shape == varied_inputs.shape
    unchanged = set(pairs(plain)) & set(pairs(varied))
    assert len(unchanged) < len(pictures) / 4


def test_each_epoch_varies_a_picture_in_another_way(pictures):
    one = [pictures[0]] * 8
    seen = {picture for number in (0, 1) for picture, _ in pairs(epoch(one, AUGMENTED, number))}
    assert len(seen) > 12


def test_draws_are_even_over_classes_and_by_square_root_over_sources(tmp_path):
    sizes = {
        ("brain", "large"): 64,
        ("brain", "small"): 4,
        ("lung", "large"): 9,
        ("lung", "single"): 1,
        ("other", "large"): 16,  # the same name as in other classes, another source
    }
    pictures, groups = [], {}
    for group, size in sizes.items():
        for _ in range(size):
            value = 2 * len(pictures)
            path = tmp_path / f"{value}.png"
            Image.new("RGB", (8, 8), (value, value, value)).save(path)
            pictures.append(LabelledImage(path, *group))
            groups[value] = group
    draws = 3000
    recipe = Recipe(network="tiny", batch_size=500, epochs=1, samples_per_epoch=draws)
    drawn = [
        (int(picture[0, 0, 0]), LABELS[label])
        for inputs, labels in read(training_batches(pictures, recipe, 8, 0, 0))
        for picture, label in zip(inputs, labels, strict=True)
    ]
    assert len(drawn) == draws
    assert all(groups[value][0] == label for value, label in drawn)
    shares = {group: 0 for group in sizes}
    for value, _ in drawn:
        shares[groups[value]] += 1 / draws
    assert shares == {
        ("brain", "large"): pytest.approx(8 / 10 / 3, abs=0.03),
        ("brain", "small"): pytest.approx(2 / 10 / 3, abs=0.03),
        ("lung", "large"): pytest.approx(3 / 4 / 3, abs=0.03),
        ("lung", "single"): pytest.approx(1 / 4 / 3, abs=0.03),
        ("other", "large"): pytest.approx(1 / 3, abs=0.03),
    }
    of_largest = Counter(v for v, _ in drawn if groups[v] == ("brain", "large"))
    assert len(of_largest) == 64
    assert max(of_largest.values()) < 4 * draws * 0.8 / 3 / 64


def test_ordered_batches_keep_the_order(pictures):
    batches = read(ordered_batches(pictures, SIZE, 7))
    assert pairs(batches) == expected_pairs(pictures)
    assert [len(labels) for _, labels in batches] == [7, 7, 7, 3]


def test_a_share_of_the_draws_is_made_up_and_labelled_other(pictures):
    recipe = dataclasses.replace(DRAWN, samples_per_epoch=300, negative_fraction=0.2)
    real = dict(expected_pairs(pictures))
    made_up = [label for picture, label in pairs(epoch(pictures, recipe)) if picture not in real]
    assert 30 <= len(made_up) <= 90
    assert set(made_up) == {"other"}
