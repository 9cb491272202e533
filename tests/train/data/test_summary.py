from pathlib import Path

import pytest

from train.data.dataset import read_dataset
from train.data.summary import summarize


def write(root, **contents):
    """Write files by "path": content, with "/" for "__" and "." for "_dot_"."""
    for name, content in contents.items():
        file = root / name.replace("__", "/").replace("_dot_", ".")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content)


@pytest.fixture
def folder(tmp_path):
    for label in ("brain", "lung", "other"):
        for split in ("train", "val"):
            write(tmp_path, **{f"{split}__{label}__{split}__1_dot_png": f"{split} {label}"})
    return tmp_path


def lines(folder):
    return summarize([folder], read_dataset([folder])).splitlines()


def test_images_and_sources_are_counted_and_nothing_else_is_said(folder):
    write(folder, train__lung__second__2_dot_png="2")
    assert lines(folder) == [
        "train: 4 images of 4 sources (brain 1, lung 2, other 1)",
        "val: 3 images of 3 sources (brain 1, lung 1, other 1)",
    ]


def test_sources_in_both_splits_are_a_warning(folder):
    write(folder, val__lung__train__2_dot_png="2")
    assert "its metrics do NOT show" in lines(folder)[2]


def test_ignored_folders_and_files_are_named_or_counted(folder):
    write(folder, train__spine__a_dot_png="3", train__LUNGS__a_dot_png="4")
    write(folder, train__lung__notes_dot_txt="5", val__other__val__README="6")
    found = lines(folder)
    assert "lung 2" in found[0]
    assert (
        found[2]
        == f"{folder}: ignored folders without a label (see --labels): {folder / 'train' / 'spine'}"
    )
    assert found[3] == f"{folder}: 2 files of other kinds ignored: .txt 1, no ending 1"


def test_images_given_twice_or_in_two_classes_are_named(folder):
    write(folder, train__lung__train__2_dot_png="same", val__lung__val__2_dot_png="same")
    first, second = (folder / split / "lung" / split / "2.png" for split in ("train", "val"))
    assert lines(folder)[2:] == [f"images given twice: 1, such as {first}, {second}"]
    write(folder, train__brain__train__2_dot_png="same")
    assert [line.partition(", such")[0] for line in lines(folder)[2:]] == [
        "images in two classes: 1",
        "images given twice: 1",
    ]
    assert str(Path("brain", "train", "2.png")) in lines(folder)[2]
