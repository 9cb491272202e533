"""The tab "About the model" shows what the result files contain."""

import functools
import itertools
import json
import re

import pytest
from playwright.sync_api import expect

from model.batch_predict import bundled_classifier
from model.imaging import read_image
from model.release import LABELS, read_release
from page.about.results import read_results
from page.about.sections import SECTIONS
from page.addresses import APP, AUTHOR, SOURCE
from page.examples import FILES, HARD
from page.i18n import LANGUAGES, NAMES, TEXTS
from tests.helpers.answers import expected_answer, hardest_example
from tests.helpers.formatted import formatted

LOCALES = {"en": "en-US", "fr": "fr-FR"}

SOFT_HYPHEN = "\N{SOFT HYPHEN}"

release = read_release()

figures = json.loads((release.results_folder / "figures.json").read_text())

results = read_results(release)

PRESENT = [section for section, needed in SECTIONS.items() if needed in results]
"""The sections about the released network; not everything is measured for every release."""

OPEN_SECTIONS = """
new MutationObserver(() => {
  for (const part of document.querySelectorAll(":is(.closed, .more):not([open])")) part.open = true;
}).observe(document, { subtree: true, childList: true, attributeFilter: ["open"] });
"""


@functools.cache
def confidences(key):
    """Return the confidences for an example."""
    return bundled_classifier().classify(read_image(FILES[key]))


@functools.cache
def failed():
    """Return the hard examples with a wrong or an unsure answer; other labels have none."""
    if release.labels != LABELS:
        return []
    return [key for key in HARD if confidences(key)["other"] < release.confidence_threshold]


@pytest.fixture(scope="module")
def open_tab(app, browser):
    """Return a function that shows the complete tab in a language; all tests share its pages."""

    @functools.cache
    def open_tab(language):
        page = browser.new_page(locale=LOCALES[language])
        # Gradio may render the sections again, which closes them.
        page.add_init_script(OPEN_SECTIONS)
        page.goto(app.url)
        page.get_by_role("tab", name=TEXTS["tab_about"][language]).click()
        # The results and the running network arrive separately.
        expect(page.locator(".about .tile").first).to_be_visible()
        expect(page.get_by_role("heading", name=TEXTS["network_layers"][language])).to_be_visible()
        return page

    return open_tab


def test_on_a_phone_three_screens_come_before_the_closed_sections_and_code_is_copied(app, browser):
    context = browser.new_context(
        locale="fr-FR",
        viewport={"width": 360, "height": 740},
        has_touch=True,
        permissions=["clipboard-read", "clipboard-write"],
    )
    page = context.new_page()
    page.goto(f"{app.url}/#about")
    expect(page.locator(".failures img")).to_have_count(len(failed()))
    closed = page.locator(".about .closed")
    expect(closed.first).to_be_visible()
    top = "(part) => part.getBoundingClientRect().top + scrollY"
    assert closed.first.evaluate(top) < 3 * 740
    assert closed.evaluate_all("(parts) => parts.filter(({ open }) => open)") == []
    page.locator("summary", has_text=TEXTS["programs"]["fr"]).click()
    page.locator(".copy").first.click()
    expect(page.locator(".copy").first).to_have_text(TEXTS["copied"]["fr"])
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith("curl") and copied.endswith(f"{APP}/predict")
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    context.close()


def cell(figure, language):
    """Return the text of a cell with a figure and its interval."""
    value, low, high = (formatted(figure[key], language) for key in ("value", "low", "high"))
    return f"{value}{low}\N{EN DASH}{high}"


def rows(table):
    """Return the texts of a table's cells, row by row, without soft hyphens."""
    texts = table.locator("tr").evaluate_all(
        "(rows) => rows.map((row) => [...row.cells].map((cell) => cell.textContent.trim()))"
    )
    return [[text.replace(SOFT_HYPHEN, "") for text in row] for row in texts]


def name(key, language="en"):
    """Return the name of a split, without soft hyphens."""
    return NAMES[key][language].replace(SOFT_HYPHEN, "")


@pytest.mark.parametrize("language", LANGUAGES)
def test_tables_show_the_figures_of_every_split_with_intervals(open_tab, language):
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
    measured = [key for key in keys if key in figures["splits"]["val"]]
    for row, key in zip(overall[1:], measured, strict=True):
        assert row[1:] == [cell(split[key], language) for split in splits]
    for heading, (key, split) in zip(overall[0][1:], figures["splits"].items(), strict=True):
        assert heading.startswith(name(key, language))
        assert formatted(split["images"], language, 0) in heading
    shown = [row[1:] for row in by_class if row[0] == TEXTS["recall"][language]]
    assert shown == [
        [cell(split["classes"][label]["recall"], language) for split in splits]
        for label in release.labels
    ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_confusion_matrices_show_the_counts(open_tab, language):
    tables = open_tab(language).locator("table.confusion")
    expect(tables).to_have_count(len(figures["splits"]))
    for i, split in enumerate(reversed(figures["splits"].values())):
        for shown, counts in zip(rows(tables.nth(i))[1:], split["confusion_matrix"], strict=True):
            for text, count in zip(shown[1:], counts, strict=True):
                share = f"{formatted(100 * count / sum(counts), language, 1)}"
                assert text.startswith(formatted(count, language, 0) + share)


def test_a_source_has_its_class_images_and_recall(open_tab):
    page = open_tab("en")
    key, split = list(figures["splits"].items())[-1]
    caption = TEXTS["per_source_caption"]["en"].format(split=name(key), sources=split["sources"])
    page.locator("summary", has_text=caption).click()
    table = page.get_by_role("table", name=caption)
    shown = rows(table)[1:]
    assert {
        f"{label}/{source}": (int(images), float(recall)) for source, label, images, recall in shown
    } == {
        name: (row["images"], round(row["recall"], 3))
        for name, row in split["recall_per_source"].items()
    }
    recalls = [float(row[3]) for row in shown]
    assert recalls == sorted(recalls)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_whole_tab_is_in_the_visitors_language(open_tab, language):
    page = open_tab(language)
    shown = page.locator(".about").all_inner_texts()
    other = LANGUAGES[1 - LANGUAGES.index(language)]
    for text in TEXTS.values():
        if "{" not in text[other] and len(text[other].split()) > 2:
            assert text[other] not in " ".join(shown)
    headings = page.locator(".about h2").all_inner_texts()
    known = {text[language] for text in TEXTS.values()}
    # With the weights, the network, the code to copy and the failures.
    assert len(headings) == len(PRESENT) + 3 + bool(failed())
    assert set(headings) <= known


def test_every_name_in_the_results_is_translated():
    names = {*figures["splits"], *LABELS, *results.get("ood", {}).get("kinds", ())}
    for file in ("robustness", "comparison"):
        names |= set(results.get(file, {}).get("networks", ()))
    for corruptions in results.get("robustness", {}).get("networks", {}).values():
        names |= set(corruptions)
    names |= {results["settings"][key] for key in ("network", "initial_weights")}
    assert names <= set(NAMES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_tab_fits_a_narrow_phone_with_all_details_open(open_tab, language):
    page = open_tab(language)
    size = page.viewport_size
    page.set_viewport_size({"width": 320, "height": 640})
    details = page.locator(".about details")
    details.evaluate_all("(all) => all.forEach((one) => (one.open = true))")
    width = page.evaluate("document.documentElement.scrollWidth")
    beyond = page.locator(".about *").evaluate_all(
        """(parts) => parts
            .filter((part) => !part.closest(".scroll, .visually-hidden"))
            .filter((part) => part.getBoundingClientRect().right > 320)
            .map((part) => part.outerHTML.slice(0, 100))"""
    )
    details.evaluate_all("(all) => all.forEach((one) => (one.open = false))")
    page.set_viewport_size(size)
    assert width == 320
    assert beyond == []


def test_headings_skip_no_level_and_every_table_has_caption_and_headers(open_tab):
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
def test_every_chart_has_a_name_and_a_description_with_its_values(open_tab, language):
    page = open_tab(language)
    charts = page.locator(".about svg")
    curves = 2 if "history" in results and "average_of" not in results["settings"] else 0
    expect(charts).to_have_count(len(figures["splits"]) + curves)
    for i, split in enumerate(reversed(figures["splits"].values())):
        expect(charts.nth(i)).to_have_role("img")
        expect(charts.nth(i)).to_have_accessible_name(re.compile(r"\w+"))
        error = formatted(split["expected_calibration_error"]["value"], language)
        expect(charts.nth(i)).to_have_accessible_description(re.compile(re.escape(error)))


def test_the_tab_names_the_weights_in_use_and_their_layers(open_tab):
    page = open_tab("en")
    expect(page.locator(".about")).to_contain_text([release.sha256])
    expect(page.get_by_text("copy bundled with the app")).to_be_visible()
    stages = rows(page.get_by_role("table", name=TEXTS["stages_caption"]["en"]))[1:]
    parameters = sum(int(row[2].replace(",", "")) for row in stages)
    expect(page.get_by_text(f"{parameters:,} (")).to_be_visible()
    assert stages[-1][0] == str(len(release.labels))
    summary = page.locator("summary", has_text=re.compile(r"All \d+ layers"))
    summary.click()
    layers = rows(page.get_by_role("table", name=summary.inner_text()))[1:]
    assert sum(int(row[2].replace(",", "")) for row in layers) == parameters


def test_failures_are_the_hard_examples_with_a_wrong_or_unsure_answer(open_tab):
    captions = open_tab("fr").locator(".failures figcaption")
    expect(captions).to_have_count(len(failed()))
    if not failed():
        return
    expect(captions).to_contain_text([TEXTS[key]["fr"] for key in failed()])
    key = hardest_example()
    share = max(confidences(key).values())
    said = f"{expected_answer(key, 'fr')}, {share:.0%}"[:-1]
    expect(captions.filter(has_text=TEXTS[key]["fr"])).to_contain_text(said)


def test_the_tab_names_author_source_and_model_page(open_tab):
    page = open_tab("en")
    expect(page.locator(".about")).to_contain_text([AUTHOR])
    source = page.get_by_role("link", name=TEXTS["short_source"]["en"])
    expect(source).to_have_attribute("href", SOURCE)
    model = page.get_by_role("link", name=TEXTS["short_model_page"]["en"])
    if release.repository:
        expect(model).to_have_attribute("href", f"https://huggingface.co/{release.repository}")
    else:
        expect(model).to_have_count(0)


def test_the_totals_are_those_of_the_listed_sources(open_tab):
    page = open_tab("en")
    page.locator("summary", has_text="sources and their licences").click()
    listed = rows(page.locator("table.origins"))[1:]
    totals = rows(page.get_by_role("table", name=TEXTS["data_caption"]["en"]))[-1]
    for column, total in enumerate(totals[1:], 2):
        counts = [int(row[column].replace(",", "")) for row in listed]
        assert total == f"{sum(counts):,}{sum(map(bool, counts))} sources"
