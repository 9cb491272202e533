"""The tab about the model, against the files that its figures come from."""

import functools
import itertools
import json
import re
import shutil

import pytest
from playwright.sync_api import expect

from model.release import LABELS, read_release
from page.about.rendering import SECTIONS, render_sections
from page.about.results import read_results
from page.about.texts import NAMES, TEXTS
from page.about.views import views
from page.about.wording import Wording

LANGUAGES = ("en", "fr")
LOCALES = {"en": "en-US", "fr": "fr-FR"}
TAB = {"en": "About the model", "fr": "À propos du modèle"}
LAST = {"en": "The network, layer by layer", "fr": "Le réseau, couche par couche"}
EXTERNAL = {"en": "External", "fr": "Externe"}
RECALL = {"en": "Recall", "fr": "Rappel"}

release = read_release()
figures = json.loads((release.results_folder / "figures.json").read_text())


@pytest.fixture(scope="module")
def open_tab(app, browser):
    """What shows the tab to a visitor of a language, complete; the same page to all tests."""

    @functools.cache
    def open_tab(language):
        page = browser.new_page(locale=LOCALES[language])
        page.goto(app.url)
        page.get_by_role("tab", name=TAB[language]).click()
        # What was measured and what is running come apart.
        expect(page.locator(".about .tile").first).to_be_visible()
        expect(page.get_by_role("heading", name=LAST[language])).to_be_visible()
        return page

    return open_tab


@pytest.fixture
def results_copy(tmp_path):
    """A copy of the release whose results folder a test may change."""
    shutil.copytree(release.results_folder, tmp_path / "results")
    return type(release)(**vars(release) | {"folder": tmp_path, "results": "results"})


def written(number, language, places=3):
    """A number as the page must write it, by other means than the page's own."""
    whole, _, rest = f"{number:.{places}f}".partition(".")
    groups = re.sub(r"(?<=\d)(?=(\d{3})+$)", {"en": ",", "fr": "\u202f"}[language], whole)
    return groups + ({"en": ".", "fr": ","}[language] + rest if rest else "")


def cell(figure, language):
    """The text of a cell with a figure and its interval."""
    value, low, high = (written(figure[key], language) for key in ("value", "low", "high"))
    return f"{value}{low}\N{EN DASH}{high}"


def rows(table):
    """The texts of a table's cells, row by row, without hyphenation points."""
    texts = table.locator("tr").evaluate_all(
        "(rows) => rows.map((row) => [...row.cells].map((cell) => cell.textContent.trim()))"
    )
    return [[text.replace("\N{SOFT HYPHEN}", "") for text in row] for row in texts]


def html(release, language="en"):
    """The measured part of the tab."""
    wording = Wording(language)
    results = read_results(release)
    return render_sections(results, wording, views(results, wording))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_tables_show_the_figures_of_every_split_with_their_intervals(open_tab, language):
    tables = open_tab(language).locator("table.figures")
    splits = figures["splits"].values()
    overall, by_class = rows(tables.nth(0)), rows(tables.nth(1))
    keys = (
        "balanced_accuracy",
        "accuracy",
        "auroc_other",
        "expected_calibration_error",
        "brier_score",
    )
    for row, key in zip(overall[1:], keys, strict=True):
        assert row[1:] == [cell(split[key], language) for split in splits]
    assert overall[0][2].startswith(EXTERNAL[language])
    assert written(figures["splits"]["external"]["images"], language, 0) in overall[0][2]
    shown = [row[1:] for row in by_class if row[0] == RECALL[language]]
    assert shown == [
        [cell(split["classes"][label]["recall"], language) for split in splits] for label in LABELS
    ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_confusion_matrices_show_the_counts(open_tab, language):
    tables = open_tab(language).locator("table.confusion")
    expect(tables).to_have_count(len(figures["splits"]))
    for i, split in enumerate(figures["splits"].values()):
        for shown, counts in zip(rows(tables.nth(i))[1:], split["confusion_matrix"], strict=True):
            for text, count in zip(shown[1:], counts, strict=True):
                share = f"{written(100 * count / sum(counts), language, 1)}"
                assert text.startswith(written(count, language, 0) + share)


def test_a_source_is_shown_with_its_class_its_pictures_and_its_recall(open_tab):
    page = open_tab("en")
    page.locator("summary", has_text="External: recall of each").click()
    table = page.get_by_role("table", name="External: recall of each")
    measured = figures["splits"]["external"]["recall_per_source"]
    shown = rows(table)[1:]
    assert {
        f"{label}/{source}": (int(pictures), float(recall))
        for source, label, pictures, recall in shown
    } == {name: (row["images"], round(row["recall"], 3)) for name, row in measured.items()}
    recalls = [float(row[3]) for row in shown]
    assert recalls == sorted(recalls)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_tab_speaks_the_language_of_the_visitor_throughout(open_tab, language):
    page = open_tab(language)
    shown = page.locator(".about").all_inner_texts()
    other = LANGUAGES[1 - LANGUAGES.index(language)]
    for text in TEXTS.values():
        if "{" not in text[other] and len(text[other].split()) > 2:
            assert text[other] not in " ".join(shown)
    headings = page.locator(".about h2").all_inner_texts()
    known = {Wording(language).text(key) for key in TEXTS if "{" not in TEXTS[key][language]}
    assert len(headings) == len(SECTIONS) + 2
    assert set(headings) <= known


def test_every_text_and_name_is_there_in_both_languages_with_the_same_values():
    for key, text in (TEXTS | NAMES).items():
        assert set(text) == set(LANGUAGES), key
        assert all(words.strip() for words in text.values()), key
        values = [sorted(re.findall(r"{(\w+)}", words)) for words in text.values()]
        assert values[0] == values[1], key


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_the_measurements_name_has_a_name_in_the_language(language):
    results = read_results(release)
    names = {*results["robustness"]["networks"], *results["comparison"]["networks"]}
    names |= set(next(iter(results["robustness"]["networks"].values())))
    names |= {*results["ood"]["kinds"], *figures["splits"], *LABELS}
    assert names <= set(NAMES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_tab_fits_a_narrow_phone_with_everything_open(open_tab, language):
    page = open_tab(language)
    size = page.viewport_size
    page.set_viewport_size({"width": 320, "height": 640})
    details = page.locator(".about details")
    details.evaluate_all("(all) => all.forEach((one) => (one.open = true))")
    width = page.evaluate("document.documentElement.scrollWidth")
    beyond = page.locator(".about *").evaluate_all(
        """(parts) => parts
            .filter((part) => !part.closest(".scroll, .unseen"))
            .filter((part) => part.getBoundingClientRect().right > 320)
            .map((part) => part.outerHTML.slice(0, 100))"""
    )
    details.evaluate_all("(all) => all.forEach((one) => (one.open = false))")
    page.set_viewport_size(size)
    assert width == 320
    assert beyond == []


def test_headings_descend_step_by_step_and_every_table_says_what_its_cells_are(open_tab):
    page = open_tab("en")
    levels = page.locator("h1, h2, h3, h4").evaluate_all(
        "(all) => all.filter((one) => one.checkVisibility()).map((one) => +one.tagName[1])"
    )
    assert levels[0] == 1
    assert all(below - above <= 1 for above, below in itertools.pairwise(levels))
    for table in page.locator(".about table").all():
        assert table.locator("caption").text_content().strip()
        assert table.locator("th:not([scope])").count() == 0
        assert table.locator("thead th").count() == len(rows(table)[0])


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_chart_has_a_name_and_a_description_with_its_figures(open_tab, language):
    page = open_tab(language)
    charts = page.locator(".about svg")
    expect(charts).to_have_count(len(figures["splits"]) + 2)
    for i, split in enumerate(figures["splits"].values()):
        expect(charts.nth(i)).to_have_role("img")
        expect(charts.nth(i)).to_have_accessible_name(re.compile(r"\w+"))
        error = written(split["expected_calibration_error"]["value"], language)
        expect(charts.nth(i)).to_have_accessible_description(re.compile(re.escape(error)))
    titles = [Wording(language).text(f"curve_{name}") for name in ("loss", "accuracy")]
    for chart, title in zip(charts.all()[-2:], titles, strict=True):
        expect(chart).to_have_accessible_name(title)


def test_the_tab_names_the_weights_and_the_layers_that_are_running(open_tab):
    page = open_tab("en")
    expect(page.locator(".about")).to_contain_text([release.sha256])
    expect(page.get_by_text("the copy bundled with the app")).to_be_visible()
    stages = rows(page.get_by_role("table", name="From the picture to the three labels"))[1:]
    parameters = sum(int(row[2].replace(",", "")) for row in stages)
    expect(page.get_by_text(f"{parameters:,} (")).to_be_visible()
    assert stages[-1][0] == str(len(LABELS))
    summary = page.locator("summary", has_text=re.compile(r"All \d+ layers"))
    summary.click()
    layers = rows(page.get_by_role("table", name=summary.inner_text()))[1:]
    assert sum(int(row[2].replace(",", "")) for row in layers) == parameters


def test_the_origins_are_counted_as_they_are_listed(open_tab):
    page = open_tab("en")
    page.locator("summary", has_text="origins with their licences").click()
    listed = rows(page.locator("table.origins"))[1:]
    totals = rows(page.get_by_role("table", name="Pictures, and the origins they come from"))[-1]
    for column, total in enumerate(totals[1:], 2):
        counts = [int(row[column].replace(",", "")) for row in listed]
        assert total == f"{sum(counts):,}{sum(map(bool, counts))} origins"


def test_what_a_file_says_is_shown_as_text_and_never_run(results_copy):
    with open(results_copy.results_folder / "origins.csv", "a", encoding="utf-8") as origins:
        origins.write("other,<img src=x onerror=alert(1)>,1,0,0,<b>a</b>,{{ w }} ${alert(2)}\n")
    shown = html(results_copy)
    assert "<img" not in shown and "<b>a" not in shown
    assert "&lt;img src=x onerror=alert(1)&gt;" in shown
    assert "{{ w }} ${alert(2)}" in shown


@pytest.mark.parametrize(
    "missing", ["robustness", "ood", "comparison", "figures", "settings", "history"]
)
def test_without_a_file_its_section_is_left_out_and_the_others_stand(results_copy, missing):
    (results_copy.results_folder / f"{missing}.json").unlink()
    lost = [section for section, needed in SECTIONS.items() if needed == missing]
    shown = html(results_copy)
    for section in SECTIONS:
        heading = f"<h2>{Wording('en').text(section)}</h2>"
        assert (heading in shown) == (section not in lost)


@pytest.mark.parametrize(
    ("language", "average"),
    [
        ("en", "the average of 3 from such runs"),
        ("fr", "la moyenne de 3 issus de tels entraînements"),
    ],
)
def test_weights_that_are_an_average_are_said_to_be_one(results_copy, language, average):
    file = results_copy.results_folder / "settings.json"
    settings = json.loads(file.read_text())
    for parts in ([{}] * 3, []):
        file.write_text(json.dumps(settings | {"average_of": parts}))
        shown = html(results_copy, language)
        assert (average in shown) == bool(parts)


@pytest.mark.parametrize("damage", ["{", '{"splits": {"val": {}}}', "[]"])
def test_a_damaged_file_costs_its_own_sections_only(results_copy, damage):
    (results_copy.results_folder / "figures.json").write_text(damage)
    shown = html(results_copy)
    assert "<h2>Measured results</h2>" not in shown
    assert "<h2>Unconventional pictures</h2>" in shown


def test_figures_of_other_weights_are_not_shown(results_copy):
    file = results_copy.results_folder / "figures.json"
    file.write_text(json.dumps(figures | {"sha256": "0" * 64}))
    assert "<h2>Measured results</h2>" not in html(results_copy)


@pytest.mark.parametrize(("language", "sure"), [("en", "99.1%"), ("fr", "99,1\N{NO-BREAK SPACE}%")])
def test_how_often_it_is_right_when_sure_is_shown_where_it_was_measured(
    results_copy, language, sure
):
    unsure = {
        "threshold": 0.9,
        "coverage": 0.966,
        "selective_accuracy": {"value": 0.9912, "low": 0.981, "high": 0.996},
        "rejected_accuracy": {"value": 0.731, "low": 0.61, "high": 0.82},
    }
    splits = {name: split | {"selective": unsure} for name, split in figures["splits"].items()}
    file = results_copy.results_folder / "figures.json"
    file.write_text(json.dumps(figures | {"splits": splits}))
    assert html(results_copy, language).count(f"<td>{sure}<small>") == len(splits)
    for split in splits.values():
        del split["selective"]
    file.write_text(json.dumps(figures | {"splits": splits}))
    assert Wording(language).text("selective_accuracy") not in html(results_copy, language)
