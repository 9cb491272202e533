import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from model import batch_predict
from model.batch_predict import (
    OutputError,
    Prediction,
    find_images,
    json_line,
    predict_file,
    predict_files,
    read_records,
)
from model.imaging import ERROR_MESSAGES, UnreadableImage

EXAMPLES = Path(__file__).parents[2] / "examples"


def test_a_folder_is_searched_recursively_for_images(tmp_path):
    (tmp_path / "b").mkdir()
    images = [tmp_path / "a.png", tmp_path / "b" / "scan.DCM", tmp_path / "c.jpeg"]
    others = [tmp_path / "notes.txt", tmp_path / "._a.png", tmp_path / "no ending"]
    for file in (*images, *others):
        file.touch()
    (tmp_path / "folder.png").mkdir()
    assert find_images([tmp_path]) == (images, {})


def test_files_are_taken_with_any_ending_and_in_the_given_order(tmp_path):
    files = [tmp_path / "b.txt", tmp_path / "a"]
    for file in files:
        file.touch()
    assert find_images(files) == (files, {})


def test_paths_without_an_image_get_a_message_each(tmp_path):
    missing, folder = tmp_path / "missing.png", tmp_path / "folder"
    folder.mkdir()
    assert find_images([missing, folder]) == (
        [],
        {missing: "no such file", folder: "there is no image in this folder"},
    )


def test_every_format_that_can_be_read_is_found_in_a_folder(tmp_path):
    grey = Image.fromarray(np.zeros((8, 8), np.uint8))
    for suffix in ("bmp", "gif", "jfif", "jp2", "jpg", "png", "tga", "tif", "tiff", "webp"):
        grey.save(tmp_path / f"image.{suffix}")
    predictions = list(predict_files(find_images([tmp_path])[0]))
    assert len(predictions) == 10
    assert all(isinstance(prediction, Prediction) for _, prediction in predictions)


def test_of_a_stack_a_prediction_says_how_many_frames_were_sampled(tmp_path):
    with Image.open(EXAMPLES / "brain-mri.png") as image:
        frames = [image.convert("L").rotate(angle) for angle in range(20)]
    file = tmp_path / "stack.tif"
    frames[0].save(file, save_all=True, append_images=frames[1:])
    prediction = predict_file(file)
    assert (prediction.label, prediction.sampled) == ("brain", "12 of 20 frames")
    assert json.loads(json_line(file, prediction))["frames"] == "12 of 20 frames"
    assert "frames" not in json.loads(json_line(file, predict_file(EXAMPLES / "brain-mri.png")))


def test_predictions_keep_the_order_of_the_files_across_batches(tmp_path, monkeypatch):
    monkeypatch.setattr(batch_predict, "BATCH", 3)
    # The second batch has no image that can be read, the third is not full.
    names = ("brain-mri.png", "lung-ct.png", "landscape.jpg", *3 * [""], "lung-ct-coronal.png")
    files = [tmp_path / f"{i}.png" for i in range(len(names))]
    for file, name in zip(files, names, strict=True):
        if name:
            shutil.copy(EXAMPLES / name, file)
        else:
            file.touch()
    predicted, predictions = zip(*predict_files(files), strict=True)
    assert list(predicted) == files
    assert predictions[3:6] == 3 * ("this is an empty file, not an image",)
    labels = [predictions[i].label for i in (0, 1, 2, 6)]
    assert labels == ["brain", "lung", "other", "lung"]


def test_every_reason_has_an_error_message():
    assert ERROR_MESSAGES.keys() == {*UnreadableImage.REASONS, "other_kind"}


def records(folder, content):
    """Read the records of an output file; return them and the bytes that the file then has."""
    file = folder / "out.jsonl"
    file.write_bytes(content)
    with open(file, "ab+") as out:
        found = read_records(out)
        out.write(b"appended")
    return found, file.read_bytes()


GOOD = json_line(Path("a.png"), Prediction({"brain": 0.9, "lung": 0.1})).encode() + b"\n"
FAILED = json_line(Path("b.png"), "damaged").encode() + b"\n"


@pytest.mark.parametrize("unfinished", [b"", b"{", FAILED[:-1]])
def test_records_are_read_and_an_unfinished_line_is_cut_off(tmp_path, unfinished):
    found, content = records(tmp_path, GOOD + FAILED + unfinished)
    assert found == {"a.png": False, "b.png": True}
    assert content == GOOD + FAILED + b"appended"


def test_a_new_file_has_no_records(tmp_path):
    assert records(tmp_path, b"") == ({}, b"appended")


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (GOOD + b"notes\n", 2),
        (b"[1]\n", 1),
        (b'{"label": "brain"}\n', 1),
        (b'{"my": "settings"}', 1),
    ],
)
def test_a_file_with_other_lines_is_refused(tmp_path, content, line):
    with pytest.raises(OutputError, match=rf"^line {line} of .*out\.jsonl is not a prediction"):
        records(tmp_path, content)
    assert (tmp_path / "out.jsonl").read_bytes() == content
