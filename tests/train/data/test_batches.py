import dataclasses
from collections import Counter

import numpy as np
import pytest
from PIL import Image

from model.imaging import network_input, read_image
from model.release import LABELS
from train.data import batches
from train.data import batches as batches_module
from train.data.batches import (
    BATCHES_AHEAD,
    ordered_batches,
    steps_per_epoch,
    training_batches,
)
from train.data.dataset import LabelledImage, read_dataset
from train.recipes import Recipe

SIZE = 16
PLAIN = Recipe(network="tiny", batch_size=5, epochs=2)
AUGMENTED = dataclasses.replace(PLAIN, augmented=True)
SAMPLED = dataclasses.replace(PLAIN, samples_per_epoch=33)

each_recipe = pytest.mark.parametrize(
    "recipe", [PLAIN, AUGMENTED, SAMPLED], ids=["plain", "augmented", "sampled"]
)


@pytest.fixture(scope="module")
def images(tree):
    return read_dataset([tree])["train"]


def epoch(images, recipe, number=0, skip=0):
    return list(training_batches(images, recipe, SIZE, number, skip))


def assert_equal(batches, others):
    assert len(batches) == len(others)
    for (inputs, labels), (other_inputs, other_labels) in zip(batches, others, strict=True):
        np.testing.assert_array_equal(inputs, other_inputs)
        np.testing.assert_array_equal(labels, other_labels)


def pairs(batches):
    """Return the bytes and the label of every image in some batches."""
    return [
        (image.tobytes(), LABELS[label])
        for inputs, labels in batches
        for image, label in zip(inputs, labels, strict=True)
    ]


def expected_pairs(images):
    return [(network_input(read_image(p.path), SIZE).tobytes(), p.label) for p in images]


def test_an_epoch_contains_every_image_once_with_its_label(images):
    batches = epoch(images, PLAIN)
    assert Counter(pairs(batches)) == Counter(expected_pairs(images))
    assert pairs(batches) != expected_pairs(images)  # it is shuffled
    for inputs, labels in batches:
        assert (inputs.dtype, labels.dtype) == (np.uint8, np.int32)
        assert inputs.shape == (len(labels), SIZE, SIZE, 3)
    assert [len(labels) for _, labels in batches] == [5, 5, 5, 5, 4]


@each_recipe
def test_an_epoch_depends_only_on_seed_and_number(images, recipe):
    first = epoch(images, recipe)
    assert_equal(first, epoch(images, recipe))
    assert pairs(first) != pairs(epoch(images, recipe, number=1))
    other_seed = dataclasses.replace(recipe, seed=1)
    assert pairs(first) != pairs(epoch(images, other_seed))


@each_recipe
@pytest.mark.parametrize("skip", [1, 3, 5])
def test_an_interrupted_epoch_resumes_after_the_skipped_batches(images, recipe, skip):
    assert_equal(epoch(images, recipe, skip=skip), epoch(images, recipe)[skip:])


@pytest.mark.parametrize("recipe", [PLAIN, SAMPLED, dataclasses.replace(PLAIN, batch_size=24)])
def test_steps_per_epoch_is_the_number_of_batches(images, recipe):
    assert steps_per_epoch(images, recipe) == len(epoch(images, recipe))


def test_augmentation_changes_images_and_keeps_labels(images):
    plain, augmented = epoch(images, PLAIN), epoch(images, AUGMENTED)
    for (inputs, labels), (other_inputs, other_labels) in zip(plain, augmented, strict=True):
        np.testing.assert_array_equal(labels, other_labels)
        assert inputs.shape == other_inputs.shape
    unchanged = set(pairs(plain)) & set(pairs(augmented))
    assert len(unchanged) < len(images) / 4


def test_each_epoch_augments_an_image_differently(images):
    one = [images[0]] * 8
    seen = {image for number in (0, 1) for image, _ in pairs(epoch(one, AUGMENTED, number))}
    assert len(seen) > 12


def test_sampling_is_even_over_classes_and_by_square_root_of_size_over_sources(tmp_path):
    sizes = {
        ("brain", "large"): 64,
        ("brain", "small"): 4,
        ("lung", "large"): 9,
        ("lung", "single"): 1,
        ("other", "large"): 16,  # same name as in other classes, but another source
    }
    images, groups = [], {}
    for group, size in sizes.items():
        for _ in range(size):
            value = 2 * len(images)
            path = tmp_path / f"{value}.png"
            Image.new("RGB", (8, 8), (value, value, value)).save(path)
            images.append(LabelledImage(path, *group))
            groups[value] = group
    count = 3000
    recipe = Recipe(network="tiny", batch_size=500, epochs=1, samples_per_epoch=count)
    samples = [
        (int(image[0, 0, 0]), LABELS[label])
        for inputs, labels in training_batches(images, recipe, 8, 0, 0)
        for image, label in zip(inputs, labels, strict=True)
    ]
    assert len(samples) == count
    assert all(groups[value][0] == label for value, label in samples)
    shares = {group: 0 for group in sizes}
    for value, _ in samples:
        shares[groups[value]] += 1 / count
    assert shares == {
        ("brain", "large"): pytest.approx(8 / 10 / 3, abs=0.03),
        ("brain", "small"): pytest.approx(2 / 10 / 3, abs=0.03),
        ("lung", "large"): pytest.approx(3 / 4 / 3, abs=0.03),
        ("lung", "single"): pytest.approx(1 / 4 / 3, abs=0.03),
        ("other", "large"): pytest.approx(1 / 3, abs=0.03),
    }
    of_largest = Counter(v for v, _ in samples if groups[v] == ("brain", "large"))
    assert len(of_largest) == 64
    assert max(of_largest.values()) < 4 * count * 0.8 / 3 / 64


def test_batches_are_made_a_little_ahead_until_nobody_takes_more(images, monkeypatch):
    opened, shut_down = [], []

    class Immediate:
        """Does at once what threads would do a little later."""

        def __init__(self, threads):
            pass

        def map(self, load, positions):
            opened.extend(positions)
            return [load(position) for position in positions]

        def shutdown(self, cancel_futures):
            shut_down.append(cancel_futures)

    monkeypatch.setattr(batches_module, "ThreadPoolExecutor", Immediate)
    batches = ordered_batches(images, SIZE, 4)
    for taken in (1, 2):
        next(batches)
        assert len(opened) == 4 * (taken + BATCHES_AHEAD) < len(images)
    batches.close()
    assert shut_down == [True]


def test_an_image_that_disappears_is_named(images, tmp_path):
    gone = dataclasses.replace(images[0], path=tmp_path / "gone.png")
    with pytest.raises(FileNotFoundError, match=r"gone\.png"):
        list(ordered_batches([*images, gone], SIZE, 4))


def test_ordered_batches_keep_the_order(images):
    batches = list(ordered_batches(images, SIZE, 7))
    assert pairs(batches) == expected_pairs(images)
    assert [len(labels) for _, labels in batches] == [7, 7, 7, 3]


def test_a_fraction_of_samples_is_synthetic_and_labelled_other(images):
    recipe = dataclasses.replace(SAMPLED, samples_per_epoch=300, negative_fraction=0.2)
    real = dict(expected_pairs(images))
    synthetic = [label for image, label in pairs(epoch(images, recipe)) if image not in real]
    assert 30 <= len(synthetic) <= 90
    assert set(synthetic) == {"other"}


def test_a_fraction_of_samples_is_replaced_by_a_rendering_of_their_label(images, monkeypatch):
    colours = dict(zip(LABELS, ("red", "lime", "blue"), strict=True))
    drawn = {label: Image.new("RGB", (SIZE, SIZE), colour) for label, colour in colours.items()}
    monkeypatch.setattr(batches, "synthetic_rendering", lambda label, rng: drawn[label])
    recipe = dataclasses.replace(SAMPLED, samples_per_epoch=90, rendering_fraction=0.3)
    unrendered = pairs(epoch(images, dataclasses.replace(recipe, rendering_fraction=0)))
    rendered = pairs(epoch(images, recipe))
    differing = [new for new, old in zip(rendered, unrendered, strict=True) if new != old]
    assert [label for _, label in rendered] == [label for _, label in unrendered]
    assert set(differing) == {(drawn[label].tobytes(), label) for label in LABELS}
    assert 12 <= len(differing) <= 45


def test_labels_of_ones_own_are_not_rendered(images):
    recipe = dataclasses.replace(SAMPLED, rendering_fraction=1.0)
    own = [dataclasses.replace(image, label="kidney") for image in images]
    batches = list(training_batches(own, recipe, SIZE, 0, 0, labels=["kidney"]))
    real = {image for image, _ in expected_pairs(images)}
    assert {image.tobytes() for inputs, _ in batches for image in inputs} <= real
