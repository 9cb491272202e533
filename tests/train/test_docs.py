"""docs/results.md and the figures in README.md are those of the result files."""

import dataclasses
import json

import pytest

from model.release import LABELS, read_release
from train import docs
from train.errors import UserError
from train.eval import tables


def test_the_results_page_is_current():
    assert docs.RESULTS_PAGE.read_text(encoding="utf-8") == docs.results_page()


@pytest.mark.parametrize(
    "renew", [docs.with_independent_test, docs.with_headline, docs.with_training]
)
def test_the_figures_in_the_readme_are_current(renew):
    text = docs.README.read_text(encoding="utf-8")
    assert renew(text) == text


def test_the_headline_figures_are_those_of_the_release():
    table = docs.with_headline(f"before\n{docs.START}\nstale\n{docs.END}\nafter")
    assert table.startswith(f"before\n{docs.START}\n")
    assert table.endswith(f"\n{docs.END}\nafter")
    assert "stale" not in table
    figures = json.loads((read_release().results_folder / "figures.json").read_text())
    for split in figures["splits"].values():
        assert f"{split['images']:,} images, {split['sources']} sources" in table
        assert f"{split['balanced_accuracy']['value']:.3f} [" in table
        assert f"{split['selective']['coverage']:.1%}" in table


def test_the_independent_test_says_if_it_is_of_an_earlier_release():
    independent = json.loads(docs.INDEPENDENT_TEST.read_text())
    familiar, new = independent["sets"]
    for sha256, earlier in ((independent["weights_sha256"], False), ("0" * 64, True)):
        headline = tables.independent_headline(independent, sha256)
        table = tables.independent_table(independent, sha256)
        for text in (headline, table):
            assert ("earlier release" in text) == earlier
            assert f"{familiar['images']:,} images" in text
            assert f"{new['balanced_accuracy']:.3f} [{new['interval'][0]:.3f}" in text


@pytest.mark.parametrize("splits", [("val",), ("val", "external")])
def test_figures_of_validation_images_only_are_marked(splits):
    figures = json.loads((read_release().results_folder / "figures.json").read_text())
    figures["splits"] = dict.fromkeys(splits, figures["splits"]["val"])
    for table in (tables.headline_table, tables.summary_table):
        assert ("on validation images only" in table(figures)) == (splits == ("val",))


@pytest.mark.parametrize("text", ["", docs.START, docs.END, docs.END + docs.START])
def test_a_readme_without_markers_is_refused(text):
    with pytest.raises(UserError, match="restore it from git"):
        docs.with_headline(text)


def test_a_table_about_one_folder_of_a_split_names_it():
    figures = {"splits": {"val": {}, "external": {}}, "folders": {"a": {"images": 9, "sources": 3}}}
    counts = {"images": 9, "sources": 3}
    for content in ({"split": "external", **counts}, {"splits": {"val": {}, "external": counts}}):
        (note,) = docs._folder_note(content, figures)
        assert "the folder `a`" in note
    for content in ({"split": "external", "images": 8, "sources": 3}, {"networks": {}}):
        assert docs._folder_note(content, figures) == []


def test_every_plot_of_the_release_is_shown():
    page = docs.results_page()
    folders = (read_release().results_folder.resolve(), docs.RESULTS / "studies")
    files = [file for folder in folders for file in folder.glob("*.png")]
    plots = [file.relative_to(docs.ROOT).as_posix() for file in files]
    assert [plot for plot in plots if f"(../{plot})" not in page and "mistakes" not in plot] == []


@pytest.mark.skipif(read_release().labels != LABELS, reason="a study of brain, lung and other")
def test_the_original_network_is_compared_on_few_and_many_sources():
    page = docs.results_page()
    assert "| sources to train on | 7 | 93 |" in page
    assert "| validation accuracy after each epoch | 0.9734, 0.9862, 0.9691 | 0.9229," in page
    assert "Why validation is not generalisation" in page


def test_figures_of_other_weights_are_marked_and_studies_are_of_our_labels(monkeypatch):
    release = read_release()
    other = dataclasses.replace(release, sha256="0" * 64)
    monkeypatch.setattr(docs, "read_release", lambda: other)
    page = docs.results_page()
    for title in docs.RELEASE_SECTIONS:
        section = page.partition(f"\n## {title}\n\n")[2]
        assert section.startswith("Measured with the weights of another release.\n")
    other = dataclasses.replace(release, labels=("cat", "dog"))
    page = docs.results_page()
    assert "## The released network" in page
    assert "original project" not in page
    assert "rejecting wrong predictions" not in page
