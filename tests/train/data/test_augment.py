from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from model.imaging import read_image
from train.data.augment import augment
from train.data.synthetic_negatives import nothing

EXAMPLES = sorted((Path(__file__).parents[3] / "examples").glob("*.*g"))


def varied(picture, seed):
    result = augment(picture, np.random.default_rng(seed))
    assert result.mode == "RGB"
    assert min(result.size) >= 1
    return result


@pytest.fixture(scope="module")
def brain():
    picture = read_image(EXAMPLES[0])
    picture.thumbnail((128, 128))
    return picture


@pytest.mark.parametrize("file", EXAMPLES, ids=lambda file: file.stem)
def test_no_variation_of_a_real_picture_fails(file):
    picture = read_image(file)
    picture.thumbnail((160, 160))  # smaller than in training, for the sake of time
    before = picture.tobytes()
    for seed in range(200):
        varied(picture, seed)
    assert picture.tobytes() == before  # the picture itself is left as it was


@pytest.mark.parametrize("size", [(1, 1), (1, 300), (300, 1), (7, 5), (33, 20), (40, 40)])
def test_pictures_of_a_few_pixels_can_be_varied(size):
    pixels = np.random.default_rng(0).integers(0, 256, (*size[::-1], 3), np.uint8)
    picture = Image.fromarray(pixels)
    for seed in range(200):
        varied(picture, seed)


def test_a_picture_of_a_camera_s_size_can_be_varied():
    picture = read_image(EXAMPLES[-1]).resize((3000, 2000))
    for seed in range(1, 7):
        varied(picture, seed)


def test_the_same_generator_gives_the_same_picture(brain):
    for seed in range(30):
        first, second = varied(brain, seed), varied(brain, seed)
        assert (first.size, first.tobytes()) == (second.size, second.tobytes())


def test_another_generator_gives_another_picture(brain):
    results = [varied(brain, seed) for seed in range(100)]
    assert len({result.tobytes() for result in results}) > 95


def test_most_variations_still_show_something(brain):
    spread = [np.asarray(varied(brain, seed).convert("L")).std() for seed in range(200)]
    assert np.mean(np.array(spread) > 10) > 0.95


def test_sizes_and_shapes_vary(brain):
    sizes = np.array([varied(brain, seed).size for seed in range(200)])
    assert sizes.min() < 100
    assert sizes.max() > 200
    aspects = sizes[:, 0] / sizes[:, 1]
    assert aspects.min() < 0.8
    assert aspects.max() > 1.25


def test_pictures_of_nothing_are_many_and_repeatable():
    made = [nothing(np.random.default_rng(seed)) for seed in range(60)]
    assert {(picture.mode, picture.size) for picture in made} == {("RGB", (224, 224))}
    assert len({picture.tobytes() for picture in made}) == 60
    assert nothing(np.random.default_rng(7)).tobytes() == made[7].tobytes()
