import csv

import pytest

from model.release import LABELS
from train.data.dataset import LabelledImage
from train.data.origins import write_origins
from train.errors import UserError


def read_origins(file):
    with open(file, newline="", encoding="utf-8") as opened:
        return list(csv.DictReader(opened))


def test_origins_of_the_initial_weights_stay_listed(tmp_path):
    earlier = tmp_path / "earlier.csv"
    earlier.write_text(
        "class,source,train,val,external,origin,licence\n"
        "brain,a,9,9,9,old,old\nlung,b,3,2,1,example.org/b,MIT\n"
    )
    images = [LabelledImage(tmp_path / "1.png", "brain", "a")]
    write_origins({"train": images}, [tmp_path], tmp_path / "origins.csv", earlier)
    rows = [tuple(row.values()) for row in read_origins(tmp_path / "origins.csv")]
    assert rows == [
        ("brain", "a", "1", "0", "0", "", ""),
        ("lung", "b", "3", "2", "1", "example.org/b", "MIT"),
    ]


def test_origins_list_every_source_with_its_counts(run):
    rows = read_origins(run / "origins.csv")
    assert [row["class"] for row in rows] == sorted(row["class"] for row in rows)
    counts = {
        (row["class"], row["source"]): tuple(int(row[s]) for s in ("train", "val", "external"))
        for row in rows
    }
    assert counts == {
        (label, f"{split}-{letter}"): count
        for label in LABELS
        for letter in "ab"
        for split, count in {"train": (4, 0, 0), "val": (0, 2, 0), "external": (0, 0, 4)}.items()
    }


@pytest.mark.parametrize(
    ("sources", "expected"),
    [
        (
            'class,source,origin,licence\nbrain,train-a,"example.org, part 2",CC BY 4.0\n',
            ("example.org, part 2", "CC BY 4.0"),
        ),
        ("class;source;origin;licence\nBrain;train-a;example.org;MIT\n", ("example.org", "MIT")),
        ("\ufeffclass,source,origin,licence\ncerveau,train-a,a,b\n", ("a", "b")),
        ("name,value\nbrain,1\n", ("", "")),
        ("", ("", "")),
    ],
    ids=["stated", "semicolons", "byte order mark", "another table", "empty"],
)
def test_origin_and_licence_come_from_sources_csv(tmp_path, sources, expected):
    (tmp_path / "sources.csv").write_text(sources, encoding="utf-8")
    images = [LabelledImage(tmp_path / "1.png", label, "train-a") for label in LABELS]
    write_origins({"train": images, "val": []}, [tmp_path], tmp_path / "origins.csv")
    stated = [(row["origin"], row["licence"]) for row in read_origins(tmp_path / "origins.csv")]
    assert stated == [expected, ("", ""), ("", "")]


def test_a_table_in_another_encoding_is_named(tmp_path):
    (tmp_path / "sources.csv").write_bytes("class,source,origin\nbrain,a,café\n".encode("cp1252"))
    with pytest.raises(UserError, match=r"sources\.csv is not in UTF-8"):
        write_origins({"train": []}, [tmp_path], tmp_path / "origins.csv")


def test_a_source_may_have_a_name_that_is_not_text(tmp_path):
    images = [LabelledImage(tmp_path / "1.png", "brain", "caf\udce9")]
    write_origins({"train": images}, [tmp_path], tmp_path / "origins.csv")
    assert [row["source"] for row in read_origins(tmp_path / "origins.csv")] == ["caf?"]
