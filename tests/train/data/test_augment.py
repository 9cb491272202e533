from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from model.imaging import read_image
from model.release import LABELS
from train.data.augment import AUGMENTATIONS, UNREALISTIC, augment
from train.data.augment.charts import add_charts
from train.data.augment.rendering import posterize
from train.data.synthetic_diagrams import synthetic_diagram
from train.data.synthetic_negatives import synthetic_negative
from train.data.synthetic_renderings import synthetic_rendering

EXAMPLES = sorted((Path(__file__).parents[3] / "examples").glob("*.*g"))


def augmented(image, seed):
    result = augment(image, np.random.default_rng(seed))
    assert result.mode == "RGB"
    assert min(result.size) >= 1
    return result


@pytest.fixture(scope="module")
def brain():
    image = read_image(EXAMPLES[0])
    image.thumbnail((128, 128))
    return image


@pytest.mark.parametrize("i", range(len(EXAMPLES)), ids=lambda i: EXAMPLES[i].stem)
def test_augmentation_never_fails_on_a_real_image(i):
    image = read_image(EXAMPLES[i])
    image.thumbnail((160, 160))  # smaller than in training, to save time
    before = image.tobytes()
    for seed in range(50 * i, 50 * i + 50):  # others for each image
        augmented(image, seed)
    assert image.tobytes() == before  # the image itself is unchanged


@pytest.mark.parametrize("size", [(1, 1), (1, 300), (300, 1), (7, 5), (33, 20), (40, 40)])
def test_images_of_a_few_pixels_can_be_augmented(size):
    pixels = np.random.default_rng(0).integers(0, 256, (*size[::-1], 3), np.uint8)
    image = Image.fromarray(pixels)
    for seed in range(200):
        augmented(image, seed)


def test_an_image_of_camera_size_can_be_augmented():
    image = read_image(EXAMPLES[-1]).resize((3000, 2000))
    for seed in range(1, 7):
        augmented(image, seed)


def test_the_same_seed_gives_the_same_image(brain):
    for seed in range(30):
        first, second = augmented(brain, seed), augmented(brain, seed)
        assert (first.size, first.tobytes()) == (second.size, second.tobytes())


def test_other_seeds_give_other_images(brain):
    results = [augmented(brain, seed) for seed in range(100)]
    assert len({result.tobytes() for result in results}) > 95


@pytest.mark.parametrize("augmentation", [each for _, each in AUGMENTATIONS])
def test_each_augmentation_changes_an_image_and_leaves_its_original(augmentation):
    photo = read_image(EXAMPLES[-1])
    photo.thumbnail((128, 128))
    before = photo.tobytes()
    results = [augmentation(photo, np.random.default_rng(seed)) for seed in range(20)]
    assert {image.mode for image in results} == {"RGB"}
    assert sum(image.tobytes() != before for image in results) >= 18
    assert photo.tobytes() == before


def test_augmentations_can_be_left_out(brain):
    every = [each for _, each in AUGMENTATIONS]
    assert set(UNREALISTIC) < set(every)
    for seed in range(20):
        image = augment(brain, np.random.default_rng(seed), left_out=every)
        assert image.tobytes() == brain.tobytes()


def test_charts_stand_beside_an_image_and_not_over_it(brain):
    for seed in range(20):
        page = np.asarray(add_charts(brain, np.random.default_rng(seed)))
        height, width = np.asarray(brain).shape[:2]
        assert any(
            np.array_equal(page[top : top + height, left : left + width], brain)
            for top in range(page.shape[0] - height + 1)
            for left in range(page.shape[1] - width + 1)
        )


def test_a_segmentation_has_two_to_five_colours_and_a_plain_image_stays(brain):
    for seed in range(20):
        image = posterize(brain, np.random.default_rng(seed))
        assert 2 <= len(image.getcolors()) <= 5
    plain = Image.new("RGB", (40, 30), (10, 20, 30))
    assert posterize(plain, np.random.default_rng(0)).getcolors() == plain.getcolors()


def test_most_augmented_images_keep_contrast(brain):
    spread = [np.asarray(augmented(brain, seed).convert("L")).std() for seed in range(200)]
    assert np.mean(np.array(spread) > 10) > 0.95


def test_augmentation_changes_sizes_and_aspect_ratios(brain):
    sizes = np.array([augmented(brain, seed).size for seed in range(200)])
    assert sizes.min() < 100
    assert sizes.max() > 200
    aspect_ratios = sizes[:, 0] / sizes[:, 1]
    assert aspect_ratios.min() < 0.8
    assert aspect_ratios.max() > 1.25


def test_synthetic_negatives_differ_and_are_reproducible():
    images = [synthetic_negative(np.random.default_rng(seed)) for seed in range(60)]
    assert {image.mode for image in images} == {"RGB"}
    assert all(20 <= side <= 600 for image in images for side in image.size)
    assert len({image.tobytes() for image in images}) == 60
    assert synthetic_negative(np.random.default_rng(7)).tobytes() == images[7].tobytes()


@pytest.fixture(scope="module")
def renderings():
    return {label: [rendering(label, seed) for seed in range(8)] for label in LABELS}


def rendering(label, seed):
    return synthetic_rendering(label, np.random.default_rng(seed))


@pytest.mark.parametrize("label", LABELS)
def test_renderings_show_a_lit_body_whole_and_are_reproducible(renderings, label):
    images = renderings[label]
    assert len({image.tobytes() for image in images}) == len(images)
    assert rendering(label, 7).tobytes() == images[7].tobytes()
    shares, shades = [], []
    for image in images:
        grey = np.asarray(image.convert("L"), int)
        body = np.abs(grey - grey[:, :1]) > 3
        # Nothing but the ground reaches the left and the right border.
        assert not body[:, -1].any()
        shares.append(body.mean())
        shades.append(np.ptp(grey[body]))
    assert 0.05 < np.median(shares) < 0.8
    assert np.median(shades) > 60


def test_renderings_of_every_label_have_dark_and_light_grounds(renderings):
    for images in renderings.values():
        assert {sum(image.getpixel((0, 0))) < 60 for image in images} == {True, False}


def test_diagrams_are_of_many_colours_and_greys_and_have_a_plain_ground():
    images = [synthetic_diagram(np.random.default_rng(seed)) for seed in range(60)]
    coloured = [np.ptp(np.asarray(image), axis=2).max() > 30 for image in images]
    assert 0.2 < np.mean(coloured) < 0.8
    for image in images:
        pixels = np.asarray(image).reshape(-1, 3).astype(int)
        corner = np.abs(pixels - pixels[0]).max(axis=1) < 60
        assert corner.mean() > 0.1
        assert pixels.std() > 1
