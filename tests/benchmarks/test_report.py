"""The arithmetic and the report of python -m benchmarks; its timings are for idle machines."""

import dataclasses
import itertools

import pytest
from PIL import Image

from benchmarks import report
from benchmarks.arithmetic import floating_point_operations
from benchmarks.growth_plot import plot_growth
from benchmarks.rounds import compare, interleave
from model.networks import NETWORKS


def test_calls_take_turns_and_each_round_gives_a_median():
    order = []

    def call(name, seconds):
        following = itertools.cycle(seconds)

        def once():
            order.append(name)
            return next(following)

        return once

    # The first call of each does not count.
    calls = {"one": call("one", [9, 1, 5, 2]), "other": call("other", [9, 4, 4, 4])}
    medians = interleave(calls, rounds=1, repeats=3)
    assert medians == {"one": [2], "other": [4]}
    assert order == ["one", "other"] * 4


def test_a_ratio_is_the_median_of_the_rounds_ratios_not_the_ratio_of_medians():
    row = compare("a", [1, 10, 3], "b", [1, 5, 6], at_most=1)
    assert (row.value, row.reference) == (3, 5)
    assert (row.ratio, row.lowest, row.highest) == (1, 0.5, 2)


@pytest.mark.parametrize(
    ("goal", "met"),
    [
        ({"at_most": 1.9}, False),
        ({"at_most": 2}, True),
        ({"at_least": 2}, True),
        ({"at_least": 2.1}, False),
        ({}, True),
    ],
)
def test_a_goal_is_met_or_missed(goal, met):
    assert compare("a", [2], "b", [1], **goal).met == met


def test_one_of_something_is_too_many_where_none_is_allowed():
    assert compare("errors", [0, 0], "none", [0, 0], at_most=0).met
    assert not compare("errors", [1], "none", [0], at_most=0).met


def test_a_row_reads_as_a_line_of_the_table():
    row = compare("answer", [0.0123], "`bare` one", [0.01], at_most=1.15)
    assert report.row_text(row) == (
        "| answer | 12.3 ms | `bare` one | 10 ms | 1.23 (1.23 to 1.23) | ≤ 1.15: missed |"
    )


def test_the_table_replaces_what_stands_between_its_marks_in_the_readme():
    row = dataclasses.asdict(compare("speed", [50.0], "peak", [100.0], "GFLOP/s", at_least=0.4))
    results = {"network": {"machine": report.machine(), "rounds": 5, "rows": [row]}}
    text = f"before {report.START} old {report.END} after"
    new = report.with_table(text, results, {})
    assert new.startswith(f"before {report.START}\n")
    assert new.endswith(f"\n{report.END} after")
    assert "old" not in new
    assert "| speed | 50 GFLOP/s | peak | 100 GFLOP/s | 0.50 (0.50 to 0.50) | ≥ 0.4: met |" in new
    with pytest.raises(ValueError, match="restore it from git"):
        report.with_table("no marks", results, {})


GROWTH = {
    "pictures": {"JPEG": [[0.1, 200], [50, 5]], "PNG": [[0.1, 100], [50, 0.5]]},
    "clients": {
        "by mail": {
            "answers a second": [[1, 40], [64, 60]],
            "median wait": [[1, 0.025], [64, 1.2]],
        },
        "by hand": {
            "answers a second": [[1, 80], [64, 120]],
            "median wait": [[1, 0.01], [64, 0.6]],
        },
    },
    "folders": {"python -m model": [[1, 0.5], [1000, 8]]},
    "workers": [[1, 100], [2, 190]],
    "speed-up": 1.9,
}


def test_how_cost_grows_is_said_in_a_sentence_below_the_plot():
    text = report.with_table(f"{report.START}{report.END}", {}, GROWTH)
    *_, plot, _, sentence, _ = text.splitlines()
    assert plot == "![How cost grows](tests/bench/growth.png)"
    assert sentence == (
        "From 0.1 to 50 megapixels, a picture takes 5 ms to 200 ms for a JPEG and 10 ms to 2 s for "
        "a PNG; from 1 to 64 clients at once, answers a second go from 40 to 60 and the median "
        "wait from 25 ms to 1.20 s by mail, from 80 to 120 and the median wait from 10 ms to "
        "600 ms by hand; a folder of 1,000 pictures takes 8 s (500 ms for one) by "
        "`python -m model`, start included; once started, 2 workers of bulk work do 1.90 times "
        "what one does."
    )


def test_how_cost_grows_is_drawn_at_the_width_of_a_page_on_white(tmp_path):
    plot_growth(GROWTH, tmp_path / "growth.png")
    with Image.open(tmp_path / "growth.png") as picture:
        assert 800 <= picture.width <= 1200
        assert picture.convert("RGB").getpixel((0, 0)) == (255, 255, 255)
        # Both ways of the panel on clients are there, in colours of their own.
        colours = {colour for _, colour in picture.convert("RGB").getcolors(2**24)}
    assert {(31, 119, 180), (255, 127, 14)} <= colours


def test_the_readme_shows_what_was_measured_last():
    text = report.README.read_text(encoding="utf-8")
    assert report.with_table(text, report.read(), report.read(report.GROWTH)) == text


def test_operations_are_counted_as_in_the_literature():
    # The reference names 407 million multiplications at 224 pixels; this network takes 160.
    network = NETWORKS["efficientnet_lite0"]()
    assert floating_point_operations(network) / 2 == pytest.approx(
        407e6 * (160 / 224) ** 2, rel=0.06
    )


def test_what_the_readme_says_of_the_hard_goals_was_measured():
    text = " ".join(report.README.read_text(encoding="utf-8").split())
    results = report.read()

    def measured(part, what, against):
        (row,) = (
            row
            for row in results[part]["rows"]
            if row["what"] == what and row["against"].startswith(against)
        )
        return row

    assert "a bare Interface, which neither decodes nor computes, misses its goal too" in text
    answers = "64 clients by Gradio: answers a second"
    goal = measured("crowd", answers, "2 processes")
    bare = measured("crowd", answers, "a bare Interface")
    assert bare["reference"] < goal["goal"] * goal["reference"]
    assert (
        "most of the time from file to answer is that of decoding by Pillow and of LiteRT" in text
    )
    needed = measured("answer", "file to answer in process", "decoding by Pillow")
    assert needed["ratio"] < 2
