import os
import shlex
import shutil

import pytest

from model.batch_predict import find_images
from model.decoding.file_formats import SUFFIXES
from model.release import LABELS
from train.data.dataset import (
    Dataset,
    LabelledImage,
    count_by_class,
    drop_unreadable,
    read_dataset,
)
from train.errors import UserError


def refusal(call, *arguments):
    """Return the one-line message of the UserError that a call raises."""
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
        name: sorted((p.label, p.source, p.path.name) for p in images)
        for name, images in splits.items()
    }


def test_a_dataset_with_splits_is_read_with_labels_and_sources(tmp_path):
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
    assert shape(read_dataset([tmp_path])) == {
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


def test_other_files_and_folders_are_ignored(tmp_path):
    unsplit(tmp_path, {"brain": 2, "lung": 2, "other": 2})
    touch(
        tmp_path, "brain/notes.txt", "brain/.DS_Store", "brain/._0.png", "readme.md", "spare/9.png"
    )
    (tmp_path / "brain" / "folder.png").mkdir()
    assert sum(map(len, read_dataset([tmp_path]).values())) == 6


@pytest.mark.parametrize("names", [("Cerveau", "Poumon", "Autres"), ("BRAIN", "poumon", "Other")])
def test_class_folders_may_have_french_names_in_any_case(tmp_path, names):
    for name in names:
        touch(tmp_path, f"train/{name}/1.png", f"val/{name}/2.png")
    splits = read_dataset([tmp_path])
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
def test_split_folders_may_have_other_usual_names(tmp_path, folder, names):
    unsplit(tmp_path / folder, {"brain": 10, "lung": 10, "other": 10})
    assert set(read_dataset([tmp_path])) == names


def test_folders_of_the_same_split_and_class_are_merged(tmp_path):
    for folder in ("train/brain", "training/Cerveau", "training/brain"):
        touch(tmp_path, f"{folder}/1.png")
    for folder in ("train", "training", "val", "valid"):
        touch(tmp_path, f"{folder}/lung/2.png", f"{folder}/other/3.png")
        touch(tmp_path, f"{folder}/brain/4.png")
    splits = read_dataset([tmp_path])
    assert set(splits) == {"train", "val"}
    assert count_by_class(splits["train"]) == {"brain": 5, "lung": 2, "other": 2}
    assert count_by_class(splits["val"]) == {"brain": 2, "lung": 2, "other": 2}


def test_a_dataset_without_splits_is_split_class_by_class(tmp_path):
    counts = {"brain": 500, "lung": 200, "other": 2}
    splits = read_dataset([unsplit(tmp_path, counts)])
    assert set(splits) == {"train", "val"}
    shares = {label: n / counts[label] for label, n in count_by_class(splits["val"]).items()}
    assert shares == pytest.approx({"brain": 0.2, "lung": 0.2, "other": 0.5}, abs=0.05)
    assert len(set(splits["train"]) | set(splits["val"])) == sum(counts.values())


@pytest.mark.parametrize("sources", [1, 5])
def test_what_was_trained_on_is_not_validated_on_when_images_are_added(tmp_path, sources):
    for label in LABELS:
        touch(tmp_path, *(f"{label}/{s}/{i}.png" for s in range(sources) for i in range(20)))
        touch(tmp_path, f"{label}/0/caf\udce9.png")  # As old archives have names.
    before = read_dataset([tmp_path])
    for label in LABELS:
        touch(tmp_path, *(f"{label}/new/{i}.png" for i in range(10)), f"{label}/0/added.png")
    after = read_dataset([tmp_path])
    assert not set(after["val"]) & set(before["train"])


def test_the_validation_split_is_shuffled_and_reproducible(tmp_path):
    unsplit(tmp_path / "first", {"brain": 50, "lung": 20, "other": 20})
    shutil.copytree(tmp_path / "first", tmp_path / "second")
    first, again, second = (
        shape(read_dataset([tmp_path / name])) for name in ("first", "first", "second")
    )
    assert first == again == second
    chosen = {int(name.removesuffix(".png")) for label, _, name in first["val"] if label == "brain"}
    assert max(chosen) - min(chosen) > 20  # not consecutive files


def test_a_missing_validation_split_is_taken_from_train_only(tmp_path):
    unsplit(tmp_path / "train", {"brain": 10, "lung": 10, "other": 10})
    unsplit(tmp_path / "external", {"brain": 3, "lung": 3, "other": 3})
    splits = read_dataset([tmp_path])
    assert len(splits["external"]) == 9
    assert len(splits["train"]) + len(splits["val"]) == 30
    assert {image.path.parts[-3] for image in splits["val"]} == {"train"}


def test_a_class_of_one_image_cannot_be_split(tmp_path):
    unsplit(tmp_path, {"brain": 10, "lung": 1, "other": 10})
    assert "val of" in (message := refusal(read_dataset, [tmp_path]))
    assert "no readable image of lung; add some" in message


def write_classes(root, **contents):
    """Write one file with the given content for each "label_source", in the split ``root``."""
    for name, content in contents.items():
        label, _, source = name.partition("_")
        file = root / label / source / "1.png"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content)


def test_folders_are_merged_by_split_class_and_source(tmp_path):
    first, second = tmp_path / "first", tmp_path / "second"
    write_classes(first / "train", brain_a="1", lung_a="2", other_a="3")
    write_classes(first / "val", brain_a="4", lung_a="5", other_a="6")
    # A class that one folder lacks is in the other.
    write_classes(second / "train", brain_a="7", brain_b="8")
    write_classes(second / "val", brain_b="12")
    write_classes(second / "external", brain_c="9", lung_c="10", other_c="11")
    splits = read_dataset([first, second])
    assert {name: [f"{i.label}/{i.source}" for i in images] for name, images in splits.items()} == {
        "train": ["brain/a", "lung/a", "other/a", "brain/a", "brain/b"],
        "val": ["brain/a", "lung/a", "other/a", "brain/b"],
        "external": ["brain/c", "lung/c", "other/c"],
    }


def test_a_folder_given_twice_is_refused(tmp_path):
    unsplit(tmp_path, {"brain": 4, "lung": 4, "other": 4})
    message = refusal(read_dataset, [tmp_path, tmp_path / "brain" / ".."])
    assert "is given 2 times" in message


@pytest.mark.parametrize("split", ["train", "val"])
def test_a_source_is_not_both_trained_and_evaluated_on(tmp_path, split):
    first, second = tmp_path / "first", tmp_path / "second"
    write_classes(first / "train", brain_a="1", lung_a="2", other_a="3")
    write_classes(first / "val", brain_a="1", lung_a="2", other_a="3")
    write_classes(first / split, lung_b="4")
    write_classes(second / "external", brain_c="5", lung_b="6", other_c="7")
    assert "lung/b is in train or val and in external" in refusal(read_dataset, [first, second])


def test_an_image_is_not_both_trained_and_evaluated_on(tmp_path):
    first, second = tmp_path / "first", tmp_path / "second"
    write_classes(first / "train", brain_a="1", lung_a="2", other_a="3")
    write_classes(first / "val", brain_a="4", lung_a="5", other_a="6")
    write_classes(second / "external", brain_c="7", lung_c="2", other_c="8")
    message = refusal(read_dataset, [first, second])
    assert str(first / "train" / "lung" / "a" / "1.png") in message
    assert str(second / "external" / "lung" / "c" / "1.png") in message


def test_a_missing_folder_is_refused(tmp_path):
    assert "is not a folder" in refusal(read_dataset, [tmp_path / "missing"])
    touch(tmp_path, "file")
    assert "is not a folder" in refusal(read_dataset, [tmp_path / "file"])


def test_a_folder_without_class_folders_is_refused(tmp_path):
    assert "brain, lung and other" in refusal(read_dataset, [tmp_path])
    touch(tmp_path, "cats/1.png", "train/dogs/2.png")
    assert "has no class folders" in refusal(read_dataset, [tmp_path])


@pytest.mark.parametrize("parent", ["", "training"])
def test_the_advice_for_other_classes_can_be_followed(tmp_path, parent):
    touch(tmp_path / parent, "sea lion/1.png", "cat/2.png", ".checkpoints/3.png")
    _, _, labels = refusal(read_dataset, [tmp_path]).partition("fit --labels ")
    assert shlex.split(labels) == ["cat", "sea lion"]


def test_class_folders_may_have_accents_of_their_own_characters(tmp_path):
    labels = ("tête", "pied")
    for name in ("te\N{COMBINING CIRCUMFLEX ACCENT}te", "pied"):
        touch(tmp_path, *(f"{name}/{i}.png" for i in range(10)))
    assert set(count_by_class(read_dataset([tmp_path], labels)["train"], labels)) == set(labels)


def test_folders_that_are_links_are_read_once(tmp_path):
    root, elsewhere = tmp_path / "root", tmp_path / "elsewhere"
    unsplit(root, {"brain": 4, "lung": 4, "other": 4})
    touch(elsewhere, "linked.png")
    (root / "brain" / "scanner").symlink_to(elsewhere)
    (elsewhere / "loop").symlink_to(root / "brain")
    images = [image for images in read_dataset([root]).values() for image in images]
    linked = [image for image in images if image.path.name == "linked.png"]
    assert [(image.label, image.source) for image in linked] == [("brain", "scanner")]
    assert len(images) == 13


def test_a_folder_that_cannot_be_opened_is_named(tmp_path, monkeypatch):
    unsplit(tmp_path, {"brain": 4, "lung": 4, "other": 4})
    closed = tmp_path / "brain" / "closed"
    closed.mkdir()
    refuse_to_open(closed, monkeypatch)
    assert refusal(read_dataset, [tmp_path]) == f"{closed} cannot be opened (Permission denied)"
    files, errors = find_images([tmp_path])
    assert len(files) == 12
    assert errors == {closed: "this folder cannot be opened (Permission denied)"}


def refuse_to_open(folder, monkeypatch):
    """Do to one folder what its permissions would do, which do not hold for root."""
    scandir = os.scandir

    def refuse(path):
        if str(path) == str(folder):
            raise PermissionError(13, "Permission denied", str(folder))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)


@pytest.mark.parametrize("where", ["", "train"])
def test_an_empty_or_missing_class_is_named(tmp_path, where):
    unsplit(tmp_path / where, {"brain": 4})
    (tmp_path / where / "lung").mkdir()
    message = refusal(read_dataset, [tmp_path])
    assert "no readable image of lung, other" in message
    assert str(tmp_path) in message
    assert "train of" in message


def test_a_missing_split_is_refused_with_the_available_names(tmp_path):
    dataset = Dataset({"train": [1], "val": [2]}, [tmp_path], LABELS)
    assert dataset.require("val") == [2]
    message = refusal(dataset.require, "external")
    assert "'external'" in message
    assert message.endswith("train, val")


def test_unreadable_files_are_skipped_and_reported(tmp_path, write_tree, capsys):
    root = write_tree(tmp_path, train=2, val=2)
    folder = root / "train" / "brain" / "train-a"
    (folder / "text.jpg").write_text("not an image")
    (folder / "empty.png").touch()
    truncated = (folder / "0.png").read_bytes()[:500]
    (folder / "truncated.png").write_bytes(truncated)
    images = read_dataset([root])["train"]
    kept, bad = drop_unreadable(images, "train")
    assert {path.name for path in bad} == {"text.jpg", "empty.png", "truncated.png"}
    assert kept == [image for image in images if image.path not in bad]
    shown = capsys.readouterr().out
    for path in bad:
        assert f"skipped, not a readable image: {path}\n" in shown
    assert f"train: 3 of {len(images)} images skipped" in shown


def test_a_deleted_file_is_skipped_like_an_unreadable_one(tmp_path, write_tree):
    images = read_dataset([write_tree(tmp_path, train=2, val=2)])["val"]
    images[3].path.unlink()
    kept, bad = drop_unreadable(images, "val")
    assert bad == [images[3].path]
    assert len(kept) == len(images) - 1


def test_a_class_without_readable_files_is_refused(tmp_path, write_images):
    images = [
        LabelledImage(path, label, "source")
        for label in ("brain", "lung", "other")
        for path in write_images(tmp_path / label, label, 2)
    ]
    for image in images[2:4]:
        image.path.write_bytes(b"")
    assert "val: no readable image of lung" in refusal(drop_unreadable, images, "val")


def test_nothing_is_reported_if_every_file_is_readable(tree, capsys):
    images = read_dataset([tree])["val"]
    assert drop_unreadable(images, "val") == (images, [])
    assert "skipped" not in capsys.readouterr().out


def test_training_reads_the_same_file_types_as_batch_prediction(tmp_path):
    for label in ("brain", "lung", "other"):
        touch(tmp_path, *(f"train/{label}/1{suffix}" for suffix in SUFFIXES))
        touch(tmp_path, f"train/{label}/2.JPG", f"train/{label}/._1.png", f"train/{label}/1.txt")
        touch(tmp_path, f"val/{label}/1.png")
    read = [image.path for split in read_dataset([tmp_path]).values() for image in split]
    predicted, _ = find_images([tmp_path])
    assert len(read) == 3 * (len(SUFFIXES) + 2)
    assert sorted(read) == sorted(predicted)
