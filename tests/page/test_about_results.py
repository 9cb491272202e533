"""The tab "About the model" with other result files."""

import json
import re
import shutil

import pytest

from model.release import LABELS, read_release
from page.about.results import read_results
from page.about.sections import SECTIONS, render_results
from page.i18n import LANGUAGES, TEXTS, Locale
from tests.helpers.formatted import formatted
from train.files import RESULTS

release = read_release()
figures = json.loads((release.results_folder / "figures.json").read_text())
results = read_results(release)

PRESENT = [section for section, needed in SECTIONS.items() if needed in results]
"""The sections about the released network; not everything is measured for every release."""


@pytest.fixture
def results_copy(tmp_path):
    """Return a copy of the release whose results folder a test may change."""
    shutil.copytree(release.results_folder, tmp_path / "results")
    return type(release)(**vars(release) | {"folder": tmp_path, "results": "results"})


def html(release, language="en"):
    """Render the sections about the results."""
    return render_results(release, read_results(release), Locale(language))


def heading(section, language="en"):
    """Return the HTML of a section's heading."""
    return f"<h2>{Locale(language).text(section)}</h2>"


@pytest.mark.skipif(release.labels != LABELS, reason="it is about brain, lung and other")
def test_the_independent_test_comes_first_and_says_if_it_is_of_an_earlier_release(results_copy):
    independent = json.loads((RESULTS / "independent_test.json").read_text())
    file = results_copy.results_folder.parent / "independent_test.json"
    for sha256 in (release.sha256, "0" * 64):
        file.write_text(json.dumps(independent | {"weights_sha256": sha256}))
        shown = html(results_copy)
        for one in independent["sets"]:
            assert f"<strong>{one['balanced_accuracy']:.1%}</strong>" in shown
        earlier = sha256 != release.sha256
        assert (TEXTS["independent_earlier"]["en"] in shown) == earlier
        # Beside figures of an earlier release, those of the running one on other sources.
        others = set(figures["splits"]) - {"val"}
        assert (TEXTS["correct_answers"]["en"] in shown) == bool(earlier and others)
        assert shown.index("independent test:") < shown.index(TEXTS["short_deleted"]["en"])
    file.unlink()
    assert "independent test:" not in html(results_copy)


def test_markup_in_a_result_file_is_escaped(results_copy):
    with open(results_copy.results_folder / "origins.csv", "a", encoding="utf-8") as origins:
        origins.write("other,<img src=x onerror=alert(1)>,1,0,0,<b>a</b>,{{ w }} ${alert(2)}\n")
    shown = html(results_copy)
    assert "<img" not in shown and "<b>a" not in shown
    assert "&lt;img src=x onerror=alert(1)&gt;" in shown
    assert "{{ w }} ${alert(2)}" in shown


@pytest.mark.parametrize("missing", ["robustness", "ood", "comparison", "figures", "settings"])
def test_without_a_file_only_its_sections_are_left_out(results_copy, missing):
    (results_copy.results_folder / f"{missing}.json").unlink(missing_ok=True)
    shown = html(results_copy)
    for section in SECTIONS:
        remains = section in PRESENT and SECTIONS[section] != missing
        assert (heading(section) in shown) == remains


HISTORY = [
    {"loss": 0.5, "accuracy": 0.8, "val_loss": 0.25, "val_accuracy": 0.93},
    {"loss": 0.125, "accuracy": 0.96, "val_loss": 0.1, "val_accuracy": 0.97},
]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_curves_of_a_single_run_are_shown(results_copy, language):
    settings = json.loads((results_copy.results_folder / "settings.json").read_text())
    settings.pop("average_of", None)
    (results_copy.results_folder / "settings.json").write_text(json.dumps(settings))
    (results_copy.results_folder / "history.json").write_text(json.dumps(HISTORY))
    shown = html(results_copy, language)
    for metric in ("loss", "accuracy"):
        title = Locale(language).text(metric)
        assert re.search(f'<title id="chart-\\d+-title">{title}</title>', shown)
    assert formatted(0.125, language) in shown
    assert Locale(language).text("average_note", count=3) not in shown


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_average_of_runs_shows_their_number_and_no_curve_of_one(results_copy, language):
    file = results_copy.results_folder / "settings.json"
    run = json.loads(file.read_text())
    runs = [run | {"learning_rate": rate} for rate in (0.0003, 0.0002, 0.0003)]
    file.write_text(json.dumps(run | {"average_of": runs}))
    (results_copy.results_folder / "history.json").write_text(json.dumps(HISTORY))
    shown = html(results_copy, language)
    assert Locale(language).text("average_note", count=3) in shown
    assert formatted(0.125, language) not in shown
    rates = f"{formatted(0.0003, language, 4)}, {formatted(0.0002, language, 4)}"
    assert f"<td>{rates}</td>" in shown


@pytest.mark.parametrize("damage", ["{", '{"splits": {"val": {}}}', "[]"])
def test_a_damaged_file_loses_only_its_own_sections(results_copy, damage):
    (results_copy.results_folder / "figures.json").write_text(damage)
    shown = html(results_copy)
    assert heading("results") not in shown
    assert heading("training") in shown


def test_results_of_other_weights_are_not_shown(results_copy):
    file = results_copy.results_folder / "figures.json"
    file.write_text(json.dumps(figures | {"sha256": "0" * 64}))
    assert heading("results") not in html(results_copy)


@pytest.mark.parametrize(
    ("language", "accuracy"), [("en", "99.1%"), ("fr", "99,1\N{NO-BREAK SPACE}%")]
)
def test_selective_accuracy_is_shown_where_it_was_measured(results_copy, language, accuracy):
    selective = {
        "threshold": 0.9,
        "coverage": 0.966,
        "selective_accuracy": {"value": 0.9912, "low": 0.981, "high": 0.996},
        "rejected_accuracy": {"value": 0.731, "low": 0.61, "high": 0.82},
    }
    splits = {name: split | {"selective": selective} for name, split in figures["splits"].items()}
    file = results_copy.results_folder / "figures.json"
    file.write_text(json.dumps(figures | {"splits": splits}))
    assert html(results_copy, language).count(f"<td>{accuracy}<small>") == len(splits)
    for split in splits.values():
        del split["selective"]
    file.write_text(json.dumps(figures | {"splits": splits}))
    assert Locale(language).text("selective_accuracy") not in html(results_copy, language)
