"""Rows, limits, report and a short load of python -m benchmarks; nothing here depends on timing."""

import argparse
import csv
import dataclasses
import itertools
import json
import runpy
import socket
import sys

import pytest
import tensorflow as tf

from benchmarks import predict, report, rows, training
from benchmarks.__main__ import PARTS, main
from benchmarks.crowd import EXPIRY_SECONDS, WAYS, generate_load
from benchmarks.http_client import HttpClient
from benchmarks.processes import FAST_EXPIRY, REFERENCE, memory, running_app
from page import uploads
from tests.helpers.running_app import EXAMPLES
from train.errors import UserError
from train.recipes import load_recipe


@pytest.fixture(scope="module")
def results():
    return json.loads(report.RESULTS.read_text(encoding="utf-8"))


ROW = {"name": "prediction", "value": 0.0123, "reference": "`bare` one", "reference_value": 0.01}
ROW |= {"unit": "s", "ratio": 1.23, "lowest": 1.1, "highest": 1.4, "limit": "≤ 1.15", "rounds": 5}


def test_calls_take_turns_and_each_round_gives_a_median(monkeypatch):
    order = []

    def call(name, seconds):
        following = itertools.cycle(seconds)
        return lambda: order.append(name) or next(following)

    monkeypatch.setattr(rows, "timed", lambda call: call())
    # The first call of each is not counted.
    calls = {"one": call("one", [9, 1, 5, 2]), "other": call("other", [9, 4, 4, 4])}
    assert rows.interleave(calls, rounds=1, repeats=3) == {"one": [2], "other": [4]}
    assert order == ["one", "other"] * 4


def test_ratio_is_the_median_of_the_ratios_of_the_rounds(tmp_path, monkeypatch):
    file = tmp_path / "rows.csv"
    file.write_text(
        "part,name,limit,unit,measured,reference series,reference\n"
        "x,one,≤ 1,s,a,b,bare\n"
        "x,errors,≤ 0,,c,none,none\n"
        "y,other,≤ 1,s,d,e,bare\n",
        encoding="utf-8",
    )
    monkeypatch.setattr(rows, "ROWS", file)
    series = {"a": [1, 10, 3], "b": [1, 5, 6], "c": [2], "none": [0]}
    one, errors = rows.make_rows("x", series)
    assert one == {
        **{"name": "one", "reference": "bare", "unit": "s", "limit": "≤ 1"},
        **{"value": 3, "reference_value": 5, "ratio": 1, "lowest": 0.5, "highest": 2, "rounds": 3},
    }
    # Without a reference the ratio is the value.
    assert errors["ratio"] == 2
    assert not rows.meets_limit(errors)


@pytest.mark.parametrize(
    ("limit", "within"),
    [("≤ 1.9", False), ("≤ 2", True), ("≥ 2", True), ("≥ 2.1", False)],
)
def test_limit(limit, within):
    assert rows.meets_limit(ROW | {"ratio": 2, "limit": limit}) == within


def test_command_fails_and_names_the_rows_whose_limit_is_not_met(tmp_path, monkeypatch):
    with rows.ROWS.open(encoding="utf-8") as file:
        lines = [line for line in csv.DictReader(file) if line["part"] == "predict"]
    series = {line[column]: [1] for line in lines for column in ("measured", "reference series")}
    monkeypatch.setattr(predict, "measure", lambda options: series)
    for name in ("RESULTS", "PAGE"):
        copy = tmp_path / getattr(report, name).name
        copy.write_bytes(getattr(report, name).read_bytes())
        monkeypatch.setattr(report, name, copy)
    before = report.RESULTS.read_bytes(), report.PAGE.read_bytes()

    monkeypatch.setattr("sys.argv", ["benchmarks", "--only", "predict", "--check"])
    main()
    series["Python client"] = [1.2]
    with pytest.raises(
        SystemExit, match=r"^error: limit not met: `/predict` through the Python client$"
    ):
        main()
    assert (report.RESULTS.read_bytes(), report.PAGE.read_bytes()) == before

    monkeypatch.setattr("sys.argv", ["benchmarks", "--only", "predict", "--rounds", "1"])
    with pytest.raises(SystemExit, match="Python client"):
        main()
    saved = json.loads(report.RESULTS.read_text(encoding="utf-8"))
    assert saved["predict"]["rows"][0]["rounds"] == 1
    assert [line["value"] for line in saved["predict"]["rows"]] == [1, 1, 1.2, 1, 1, 1]
    assert saved["start"] == json.loads(before[0])["start"]
    assert "| 1.20 (1.20 to 1.20) | **≤ 1.15: not met** |" in report.PAGE.read_text("utf-8")


def test_row_as_a_line_of_the_table():
    assert report.table_line(ROW) == (
        "| prediction | 12.3 ms | `bare` one | 10 ms "
        "| 1.23 (1.10 to 1.40) | **≤ 1.15: not met** | 5 |"
    )
    assert report.table_line(ROW | {"limit": "≤ 2", "unit": "MB", "value": 187.3}) == (
        "| prediction | 187 MB | `bare` one | 0.01 MB | 1.23 (1.10 to 1.40) | ≤ 2 | 5 |"
    )


def test_page_shows_the_results_and_keeps_the_text_around_them(results):
    page = report.PAGE.read_text(encoding="utf-8")
    assert report.renew(page, results) == page
    new = report.renew(f"before {report.START} old {report.END} after", results)
    assert new.startswith(f"before {report.START}\n")
    assert new.endswith(f"\n{report.END} after")
    assert " old " not in new
    assert new.removeprefix("before ").removesuffix(" after") in page
    with pytest.raises(UserError, match="restore it from git"):
        report.renew("no markers", results)


def test_results_have_the_rows_and_limits_of_the_list(results):
    columns = ("name", "limit", "unit", "reference")
    with rows.ROWS.open(encoding="utf-8") as file:
        listed = [(line["part"], *(line[c] for c in columns)) for line in csv.DictReader(file)]
    measured = [
        (part, *(line[c] for c in columns)) for part in results for line in results[part]["rows"]
    ]
    assert measured == listed
    assert tuple(results) == PARTS


def test_what_the_page_says_limits_performance_was_measured(results):
    def measured(part, name, reference):
        (found,) = (
            line
            for line in results[part]["rows"]
            if line["name"] == name and line["reference"].startswith(reference)
        )
        return found

    # "Even the bare Interface reaches little more than half of what two processes reach."
    name = "64 clients by Gradio: predictions per second"
    bare = measured("crowd", name, "a bare Interface")["reference_value"]
    assert bare < 0.6 * measured("crowd", name, "2 processes")["reference_value"]
    # "Most of the time is decoding by Pillow and the forward pass by LiteRT."
    assert measured("predict", "file to prediction in process", "decoding by Pillow")["ratio"] < 2


def test_clients_get_predictions_in_both_ways_and_errors_are_counted(app):
    for predict_by in WAYS.values():
        waits, errors, rate = generate_load(app.url, predict_by, clients=2, predictions=6)
        assert errors == []
        assert 6 <= len(waits) <= 7
        assert rate > 0
        with pytest.raises(RuntimeError):
            predict_by(HttpClient(app.url), b"not an image")
    assert HttpClient(app.url).predict_by_post(EXAMPLES["lung"].read_bytes()) == "lung"
    assert memory(app.process.pid) > 50
    with socket.create_server(("127.0.0.1", 0)) as closed:
        url = f"http://127.0.0.1:{closed.getsockname()[1]}"
    waits, errors, _ = generate_load(url, HttpClient.predict_by_post, clients=2, seconds=0)
    assert (len(waits), len(errors)) == (0, 2)


def test_uploads_of_the_crowd_have_expired_when_they_are_counted(monkeypatch):
    # tests/page/gradio_compat/test_sessions.py starts this app.
    for name in ("SWEEP_SECONDS", "KEEP_SECONDS"):
        monkeypatch.setattr(uploads, name, getattr(uploads, name))  # To restore it at the end.
    monkeypatch.setattr(sys, "path", [*sys.path])
    run = runpy.run_path
    monkeypatch.setattr(runpy, "run_path", lambda *_, **__: None)
    run(str(FAST_EXPIRY / "app.py"))
    # A folder may be deleted one sweep after the file in it.
    assert uploads.KEEP_SECONDS + 2 * uploads.SWEEP_SECONDS <= EXPIRY_SECONDS


def test_steps_of_a_recipe_are_timed(monkeypatch):
    small = dataclasses.replace(load_recipe("original"), batch_size=2)
    monkeypatch.setattr(training, "load_recipe", lambda name: small)
    monkeypatch.setattr(training, "STEPS", 1)
    monkeypatch.setattr(training, "BATCHES_AHEAD", 0)
    tf.config.run_functions_eagerly(True)
    try:
        series = training.measure(argparse.Namespace(rounds=2))
    finally:
        tf.config.run_functions_eagerly(False)
    assert {name: len(seconds) for name, seconds in series.items()} == {"network": 2, "step": 2}


def test_bare_interface_gives_its_constant_prediction(tmp_path):
    with running_app(REFERENCE, tmp_path) as app:
        client = HttpClient(app.url)
        assert client.predict_by_gradio(EXAMPLES["lung"].read_bytes()) == "brain"
