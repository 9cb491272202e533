from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageChops

from model.imaging import read_image
from train.eval.corruptions import CORRUPTIONS

EXAMPLES = Path(__file__).parents[3] / "examples"
SEEDS = range(10)

MAGENTA = (255, 0, 255)
"""Colour of an image to be located: nothing that is drawn around it has this hue."""


def example(name):
    image = read_image(EXAMPLES / name)
    image.thumbnail((224, 224))
    # Pillow compares this metadata too.
    image.info.clear()
    return image


@pytest.fixture(scope="module")
def brain():
    return example("brain-mri.png")


@pytest.fixture(scope="module")
def lung():
    return example("lung-ct-coronal.png")


@pytest.fixture(scope="module")
def landscape():
    return example("landscape.jpg")


@pytest.fixture(scope="module")
def photograph(landscape):
    return landscape.resize((4000, 3000), Image.Resampling.NEAREST)


def corrupt(name, image, seed=0):
    return CORRUPTIONS[name](image, np.random.default_rng(seed))


def values(image):
    return np.asarray(image).astype(int)


def grey(image):
    return values(image.convert("L"))


def roughness(image):
    return np.abs(np.diff(grey(image), axis=1)).mean()


def is_magenta(image):
    pixels = values(image)
    return pixels[..., [0, 2]].min(axis=-1) - pixels[..., 1] > 60


def box_of(mask):
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


@pytest.mark.parametrize("name", CORRUPTIONS)
def test_a_corruption_is_reproducible_and_leaves_its_input_unchanged(name, brain, lung, landscape):
    for image in (brain, lung, landscape):
        before = image.copy()
        first, second = corrupt(name, image, 3), corrupt(name, image, 3)
        assert first.mode == "RGB"
        assert first == second
        assert first != image
        assert image == before


@pytest.mark.parametrize(
    "name",
    [
        "cropped to 60%",
        "noise",
        "arrows",
        "text",
        "photo of a film",
        "photo of a screen",
        "on a page of text",
    ],
)
def test_another_seed_gives_another_image(name, lung):
    assert corrupt(name, lung, 1) != corrupt(name, lung, 2)


@pytest.mark.parametrize("name", CORRUPTIONS)
@pytest.mark.parametrize("size", [(1, 1), (1, 300), (300, 1), (1, 2000), (2000, 1), (224, 20)])
def test_odd_sizes_are_accepted(name, size):
    for seed in SEEDS:
        result = corrupt(name, Image.new("RGB", size, "gray"), seed)
        assert result.mode == "RGB"
        assert min(result.size) >= 1


@pytest.mark.parametrize("name", CORRUPTIONS)
def test_a_photograph_of_12_megapixels_is_accepted(name, photograph):
    assert corrupt(name, photograph).mode == "RGB"


def test_rotations_are_counterclockwise(landscape):
    for quarters in (1, 2, 3):
        turned = corrupt(f"rotated by {90 * quarters}°", landscape)
        assert np.array_equal(values(turned), np.rot90(values(landscape), quarters))


def test_mirrored_and_upside_down_flip_the_axes(landscape):
    assert np.array_equal(values(corrupt("mirrored", landscape)), values(landscape)[:, ::-1])
    assert np.array_equal(
        values(corrupt("flipped upside down", landscape)), values(landscape)[::-1]
    )


def test_a_crop_is_60_percent_of_each_side_from_near_the_centre(landscape):
    width, height = landscape.size
    for seed in SEEDS:
        part = corrupt("cropped to 60%", landscape, seed)
        assert part.size == (round(0.6 * width), round(0.6 * height))
        positions = [
            (x, y)
            for x in range(width - part.width + 1)
            for y in range(height - part.height + 1)
            if landscape.getpixel((x, y)) == part.getpixel((0, 0))
            and landscape.crop((x, y, x + part.width, y + part.height)) == part
        ]
        assert len(positions) == 1
        x, y = positions[0]
        assert abs(x + part.width / 2 - width / 2) <= 0.1 * width + 1
        assert abs(y + part.height / 2 - height / 2) <= 0.1 * height + 1


@pytest.mark.parametrize("colour", ["white", "black"])
def test_margins_are_wide_and_keep_the_whole_image(colour, brain, landscape):
    image = brain if colour == "white" else landscape
    for seed in SEEDS:
        result = corrupt(f"{colour} margins", image, seed)
        empty = Image.new("RGB", result.size, colour)
        left, top, right, bottom = box = ImageChops.difference(result, empty).getbbox()
        assert result.crop(box) == image
        for margin in (left, result.width - right):
            assert 0.24 * image.width <= margin <= 0.51 * image.width
        for margin in (top, result.height - bottom):
            assert 0.24 * image.height <= margin <= 0.51 * image.height


def test_inverted_makes_a_black_background_white(brain):
    assert brain.getpixel((0, 0)) == (0, 0, 0)
    assert corrupt("inverted", brain).getpixel((0, 0)) == (255, 255, 255)


def test_contrast_is_scaled_around_the_same_brightness(landscape):
    before = grey(landscape)
    for seed in SEEDS:
        low, high = (grey(corrupt(f"{name} contrast", landscape, seed)) for name in ("low", "high"))
        assert 0.2 < low.std() / before.std() < 0.45
        assert 1.3 < high.std() / before.std() < 2.5
        assert low.mean() == pytest.approx(before.mean(), abs=3)


def test_dark_and_bright_keep_black_and_white(landscape):
    ends = Image.fromarray(np.array([[[0] * 3, [255] * 3]], np.uint8))
    for seed in SEEDS:
        for name, sign in (("darker", -1), ("brighter", 1)):
            after = grey(corrupt(name, landscape, seed))
            assert sign * (after.mean() - grey(landscape).mean()) > 20
            assert corrupt(name, ends, seed) == ends


def test_blur_smooths_without_changing_the_brightness(landscape):
    for seed in SEEDS:
        blurred = corrupt("blur", landscape, seed)
        assert roughness(blurred) < 0.7 * roughness(landscape)
        assert grey(blurred).mean() == pytest.approx(grey(landscape).mean(), abs=1)


@pytest.mark.parametrize("size", [(100, 80), (1200, 900)])
def test_noise_is_equally_strong_at_every_size_after_downscaling(size):
    for seed in SEEDS:
        noisy = corrupt("noise", Image.new("RGB", size, "gray"), seed)
        noisy.thumbnail((256, 256), Image.Resampling.BOX)
        assert 0.05 < grey(noisy).std() / 255 < 0.12
        assert grey(noisy).mean() == pytest.approx(128, abs=2)


def test_jpeg_10_has_visible_block_edges(landscape):
    steps = np.abs(np.diff(grey(corrupt("JPEG quality 10", landscape)), axis=1)).mean(axis=0)
    at_edges = steps[7::8].mean()
    assert at_edges > 1.5 * np.delete(steps, np.s_[7::8]).mean()


def test_the_48_pixel_copy_keeps_the_aspect_ratio_and_loses_detail(landscape):
    copy = corrupt("reduced to 48 pixels", landscape)
    assert copy.size == (48, 36)
    assert roughness(copy.resize(landscape.size)) < 0.6 * roughness(landscape)


@pytest.mark.parametrize("name", ["false colours", "tint"])
def test_every_grey_value_is_mapped_to_one_colour(name, brain):
    shades = grey(brain)
    for seed in SEEDS:
        coloured = values(corrupt(name, brain, seed))
        # A shade with two colours has two of these numbers.
        numbers = shades << 24 | coloured @ (1 << 16, 1 << 8, 1)
        assert len(np.unique(numbers)) == len(np.unique(shades))
        assert np.ptp(coloured, axis=-1).max() > 20


def test_arrows_cover_little_and_point_into_the_middle(lung):
    for seed in SEEDS:
        changed = (values(corrupt("arrows", lung, seed)) != values(lung)).any(axis=-1)
        height, width = changed.shape
        assert 0.002 < changed.mean() < 0.1
        assert changed[
            int(0.28 * height) : int(0.72 * height), int(0.28 * width) : int(0.72 * width)
        ].any()


def test_text_is_in_the_corners_and_not_in_the_middle(lung):
    for seed in SEEDS:
        changed = (values(corrupt("text", lung, seed)) != values(lung)).any(axis=-1)
        height, width = changed.shape
        assert not changed[height // 3 : -height // 3, width // 4 : -width // 4].any()
        for corner in (changed, changed[::-1], changed[:, ::-1], changed[::-1, ::-1]):
            assert corner[: height // 4, : width // 3].any()


def test_annotations_of_a_thumbnail_are_drawn_at_a_legible_size(lung):
    lung = lung.resize((60, 58))
    for name in ("arrows", "text"):
        assert corrupt(name, lung).width == 224


def test_a_film_is_tilted_on_a_light_box(brain):
    leans = []
    for seed in SEEDS:
        photograph = grey(corrupt("photo of a film", brain, seed))
        edge = np.concatenate([photograph[:3].ravel(), photograph[-3:].ravel()])
        middle = photograph[photograph.shape[0] // 4 : -photograph.shape[0] // 4]
        assert np.median(edge) > 150 > np.median(middle)
        upper, lower = (np.flatnonzero(row < 130)[0] for row in photograph[[60, 200]])
        leans.append(abs(int(upper) - int(lower)))
    assert np.median(leans) >= 2


def test_only_a_screen_has_coloured_fringes():
    white = Image.new("RGB", (224, 224), "white")
    for seed in SEEDS:
        hue = {}
        for name in ("photo of a film", "photo of a screen"):
            middle = values(corrupt(name, white, seed))[90:150, 90:150]
            hue[name] = np.std(middle[..., 0] / np.maximum(middle[..., 2], 1))
        assert hue["photo of a screen"] > 2 * hue["photo of a film"]


@pytest.mark.parametrize("name", ["photo of a film", "photo of a screen", "in a window"])
def test_the_image_stays_prominent_and_inside_its_surroundings(name):
    for seed in SEEDS:
        result = corrupt(name, Image.new("RGB", (224, 224), MAGENTA), seed)
        mask = is_magenta(result)
        left, top, right, bottom = box_of(mask)
        assert 0.25 < mask.mean() < 0.85
        assert min(left, top) > 0
        assert right < result.width
        assert bottom < result.height


@pytest.mark.parametrize("side", [40, 224, 1000])
def test_a_page_is_white_with_text_around_the_image_and_a_caption_below(side):
    for seed in SEEDS:
        result = corrupt("on a page of text", Image.new("RGB", (side, side), MAGENTA), seed)
        left, top, right, bottom = box_of(is_magenta(result))
        assert 0.3 < (right - left) / result.width < 0.47

        shades = grey(result)
        for edge in (shades[:20], shades[-20:], shades[:, :20], shades[:, -20:]):
            assert (edge == 255).all()
        caption = shades[bottom + 2 : bottom + 20, left:right]
        assert (caption < 128).any()
        around = shades.copy()
        around[top:bottom, left:right] = 255
        assert np.median(around) == 255
        assert 0.02 < (around < 128).mean() < 0.3


@pytest.mark.parametrize(
    "name, rows, columns", [("one of 4 panels", 2, 2), ("one of 3 panels", 1, 3)]
)
def test_panels_are_the_image_and_different_variants(name, rows, columns, landscape):
    small = landscape.resize((160, 120), Image.Resampling.BICUBIC, reducing_gap=3.0)
    for seed in SEEDS:
        figure = corrupt(name, landscape, seed)
        gap = (figure.width - columns * 160) // (columns - 1)
        assert 2 <= gap <= 8
        assert figure.size == (columns * (160 + gap) - gap, rows * (120 + gap) - gap)
        # Letters may stand in the upper left corners.
        panels = [
            values(figure)[y : y + 120, x : x + 160][40:]
            for y in range(0, figure.height, 120 + gap)
            for x in range(0, figure.width, 160 + gap)
        ]
        assert any(np.array_equal(panel, values(small)[40:]) for panel in panels)
        for number, panel in enumerate(panels):
            for other in panels[:number]:
                assert np.abs(panel - other).mean() > 5
