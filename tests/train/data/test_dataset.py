import shutil

import pytest

from train.data.dataset import (
    LabelledImage,
    count_by_class,
    drop_unreadable,
    read_tree,
    require_split,
)
from train.errors import UserError


def refusal(call, *arguments):
    with pytest.raises(UserError) as caught:
        call(*arguments)
    message = str(caught.value)
    assert "\n" not in message
    return message


def touch(root, *names):
    for name in names:
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()


def unsplit(root, counts):
    for label, count in counts.items():
        touch(root, *(f"{label}/{i}.png" for i in range(count)))
    return root


def shape(splits):
    return {
        name: sorted((p.label, p.source, p.path.name) for p in pictures)
        for name, pictures in splits.items()
    }


def test_a_split_tree_gives_every_picture_with_class_and_source(tmp_path):
    touch(
        tmp_path,
        "train/brain/one/a.png",
        "train/brain/one/deeper/b.JPG",
        "train/brain/two/c.webp",
        "train/brain/d.tif",
        "train/lung/e.jpeg",
        "train/other/f.gif",
        "val/brain/g.bmp",
        "val/lung/h.tiff",
        "val/other/i.avif",
        "external/brain/j.jp2",
        "external/lung/k.png",
        "external/other/l.png",
    )
    assert shape(read_tree(tmp_path)) == {
        "train": [
            ("brain", "brain", "d.tif"),
            ("brain", "one", "a.png"),
            ("brain", "one", "b.JPG"),
            ("brain", "two", "c.webp"),
            ("lung", "lung", "e.jpeg"),
            ("other", "other", "f.gif"),
        ],
        "val": [
            ("brain", "brain", "g.bmp"),
            ("lung", "lung", "h.tiff"),
            ("other", "other", "i.avif"),
        ],
        "external": [
            ("brain", "brain", "j.jp2"),
            ("lung", "lung", "k.png"),
            ("other", "other", "l.png"),
        ],
    }


def test_what_is_no_picture_by_its_name_is_passed_over(tmp_path):
    unsplit(tmp_path, {"brain": 2, "lung": 2, "other": 2})
    touch(tmp_path, "brain/notes.txt", "brain/.DS_Store", "readme.md", "spare/9.png")
    (tmp_path / "brain" / "folder.png").mkdir()
    assert sum(map(len, read_tree(tmp_path).values())) == 6


@pytest.mark.parametrize("names", [("Cerveau", "Poumon", "Autres"), ("BRAIN", "poumon", "Other")])
def test_class_folders_may_have_french_names_in_any_case(tmp_path, names):
    for name in names:
        touch(tmp_path, f"train/{name}/1.png", f"val/{name}/2.png")
    splits = read_tree(tmp_path)
    for split in ("train", "val"):
        assert count_by_class(splits[split]) == {"brain": 1, "lung": 1, "other": 1}
        assert list(count_by_class(splits[split])) == ["brain", "lung", "other"]


@pytest.mark.parametrize(
    ("folder", "names"),
    [
        ("training", {"train", "val"}),
        ("Validation", {"val"}),
        ("valid", {"val"}),
        ("Test", {"test"}),
    ],
)
def test_splits_may_have_their_usual_names(tmp_path, folder, names):
    unsplit(tmp_path / folder, {"brain": 10, "lung": 10, "other": 10})
    assert set(read_tree(tmp_path)) == names


def test_folders_that_mean_the_same_are_put_together(tmp_path):
    for folder in ("train/brain", "training/Cerveau", "training/brain"):
        touch(tmp_path, f"{folder}/1.png")
    for folder in ("train", "training", "val", "valid"):
        touch(tmp_path, f"{folder}/lung/2.png", f"{folder}/other/3.png")
        touch(tmp_path, f"{folder}/brain/4.png")
    splits = read_tree(tmp_path)
    assert set(splits) == {"train", "val"}
    assert count_by_class(splits["train"]) == {"brain": 5, "lung": 2, "other": 2}
    assert count_by_class(splits["val"]) == {"brain": 2, "lung": 2, "other": 2}


def test_a_tree_without_splits_is_divided_class_by_class(tmp_path):
    counts = {"brain": 50, "lung": 20, "other": 7}
    splits = read_tree(unsplit(tmp_path, counts))
    assert set(splits) == {"train", "val"}
    assert count_by_class(splits["val"]) == {"brain": 10, "lung": 4, "other": 1}
    assert count_by_class(splits["train"]) == {"brain": 40, "lung": 16, "other": 6}
    assert len(set(splits["train"]) | set(splits["val"])) == sum(counts.values())


def test_the_division_is_mixed_and_always_the_same(tmp_path):
    unsplit(tmp_path / "first", {"brain": 50, "lung": 20, "other": 20})
    shutil.copytree(tmp_path / "first", tmp_path / "second")
    first = shape(read_tree(tmp_path / "first"))
    assert first == shape(read_tree(tmp_path / "first")) == shape(read_tree(tmp_path / "second"))
    chosen = {int(name.removesuffix(".png")) for label, _, name in first["val"] if label == "brain"}
    assert max(chosen) - min(chosen) > 20  # not one stretch of the list


def test_training_pictures_without_val_are_divided_and_other_splits_stay(tmp_path):
    unsplit(tmp_path / "train", {"brain": 10, "lung": 10, "other": 10})
    unsplit(tmp_path / "external", {"brain": 3, "lung": 3, "other": 3})
    splits = read_tree(tmp_path)
    assert {name: len(pictures) for name, pictures in splits.items()} == {
        "train": 24,
        "val": 6,
        "external": 9,
    }


def test_one_picture_cannot_be_divided(tmp_path):
    unsplit(tmp_path, {"brain": 10, "lung": 1, "other": 10})
    assert "one picture of lung" in refusal(read_tree, tmp_path)


def test_a_missing_folder_is_one_line(tmp_path):
    assert "is not a folder" in refusal(read_tree, tmp_path / "missing")
    touch(tmp_path, "file")
    assert "is not a folder" in refusal(read_tree, tmp_path / "file")


def test_a_folder_without_class_folders_is_one_line(tmp_path):
    assert "brain, lung and other" in refusal(read_tree, tmp_path)
    touch(tmp_path, "cats/1.png", "train/dogs/2.png")
    assert "holds no class folders" in refusal(read_tree, tmp_path)


@pytest.mark.parametrize("where", ["", "train"])
def test_an_empty_or_missing_class_is_named(tmp_path, where):
    unsplit(tmp_path / where, {"brain": 4})
    (tmp_path / where / "lung").mkdir()
    message = refusal(read_tree, tmp_path)
    assert "no readable picture of lung, other" in message
    assert str(tmp_path / where) in message


def test_a_missing_split_is_one_line_that_names_those_there_are(tmp_path):
    splits = {"train": [1], "val": [2]}
    assert require_split(splits, "val", tmp_path) == [2]
    message = refusal(require_split, splits, "external", tmp_path)
    assert "'external'" in message
    assert message.endswith("train, val")


def test_unreadable_files_are_named_counted_and_skipped(tmp_path, write_tree, capsys):
    root = write_tree(tmp_path, train=2, val=2)
    folder = root / "train" / "brain" / "train-a"
    (folder / "text.jpg").write_text("no picture")
    (folder / "empty.png").touch()
    truncated = (folder / "0.png").read_bytes()[:500]
    (folder / "truncated.png").write_bytes(truncated)
    pictures = read_tree(root)["train"]
    kept, bad = drop_unreadable(pictures, "train")
    assert {path.name for path in bad} == {"text.jpg", "empty.png", "truncated.png"}
    assert kept == [picture for picture in pictures if picture.path not in bad]
    shown = capsys.readouterr().out
    for path in bad:
        assert f"skipped, not a readable picture: {path}\n" in shown
    assert f"train: 3 of {len(pictures)} pictures skipped" in shown


def test_a_file_that_vanished_is_skipped_like_an_unreadable_one(tmp_path, write_tree):
    pictures = read_tree(write_tree(tmp_path, train=2, val=2))["val"]
    pictures[3].path.unlink()
    kept, bad = drop_unreadable(pictures, "val")
    assert bad == [pictures[3].path]
    assert len(kept) == len(pictures) - 1


def test_a_class_of_unreadable_files_is_one_line(tmp_path, write_pictures):
    pictures = [
        LabelledImage(path, label, "source")
        for label in ("brain", "lung", "other")
        for path in write_pictures(tmp_path / label, label, 2)
    ]
    for picture in pictures[2:4]:
        picture.path.write_bytes(b"")
    assert "val: no readable picture of lung" in refusal(drop_unreadable, pictures, "val")


def test_a_sound_tree_says_nothing_of_skipping(tree, capsys):
    pictures = read_tree(tree)["val"]
    assert drop_unreadable(pictures, "val") == (pictures, [])
    assert "skipped" not in capsys.readouterr().out
