"""Write docs/results.md and the figures in README.md from the result files."""

import json
import os
from pathlib import Path

from model.release import LABELS, read_release
from train.errors import UserError
from train.eval import tables
from train.eval.markdown import SPLIT_TITLES
from train.files import INDEPENDENT_TEST, RESULTS
from train.studies import tables as study_tables

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
RESULTS_PAGE = ROOT / "docs" / "results.md"
TEST_START, TEST_END = "<!-- independent test -->", "<!-- end of independent test -->"
START, END = "<!-- figures -->", "<!-- end of figures -->"
TRAINING_START, TRAINING_END = "<!-- training -->", "<!-- end of training -->"

INTRODUCTION = """\
# Results

`python -m train docs` writes this page from the files in [train/results](../train/results).

All metrics are measured on images that the network was not trained on, from these sets:

{sets}

The intervals come from resampling whole sources, because images of one source resemble each other:
the number of sources limits how precise a metric is, not the number of images."""

SETS = {
    "val": """\
- **Validation set**, the split `val`: other images, mostly from the sources of the training images.
  Temperature and threshold are fitted to these images, so calibration error and selective accuracy
  on them are optimistic.""",
    "external": """\
- **Selection set**, the split `external`: images from other sources. Nothing is trained or
  calibrated on them, but the released network, and the size to which the page reduces photos, were
  chosen by metrics on them, so these metrics are slightly optimistic.""",
    "test": """\
- **Test set**, the split `test`: images that were used neither for training nor for selection.""",
    "independent": """\
- **Independent test set**: images from further sources that were seen neither in training nor in
  selection. A release is tested on them from outside; the result shows what to expect on new
  images.""",
}
"""Description of each set of images, by the name of its split."""

RELEASE_SECTIONS = {
    "Comparison with other networks": ("comparison", tables.comparison_table),
    "Robustness to corruptions": ("robustness", tables.robustness_table),
    "Out-of-distribution images": ("ood", tables.ood_table),
    "Faithfulness of the heat maps": ("explanation", tables.explanation_table),
    "Photos reduced by the page": ("scaled_photos", tables.scaled_photos_table),
}
"""Sections about the released network: a JSON file in its results folder, and its table."""

ORIGINAL_STUDY = """\
The author of the original project reports a validation accuracy of 0.9919 after three epochs, on
4,217 images. The recipe `original` repeats his training on as many images of many sources, and
`original_uniform` on a few uniform sources like his: brain tumour MRI and paediatric chest X-rays
from Kaggle, and everyday photographs."""

WHY_VALIDATION_IS_NOT_GENERALISATION = """\
**Why validation is not generalisation.** A validation set that is split off at random has images
of the same sources as the training set: the same scanners, crops, sizes and compression, often
the same patients. Where each class comes from few sources, a cue that separates the sources also
separates the classes, such as a black border, a resolution or the absence of colour. A network
learns the easiest cue. The validation set cannot reveal this, because the same shortcuts work
there; it measures how well the network recognises more of the same.

Images of other sources lack these cues, and accuracy on them is what visitors experience. With more
varied sources, validation accuracy falls because the task is harder, while accuracy on other
sources can rise, as it does here. Therefore this project splits by source for every claim about new
images, computes intervals over sources, and has an independent test set besides the selection
set."""

STUDY_SECTIONS = {
    "Kinds of source left out of training": (
        "leave_one_group_out",
        study_tables.leave_one_group_out_table,
    ),
    "Scores for rejecting wrong predictions": ("rejection", study_tables.rejection_table),
    "What each part of the training contributes": ("ablations", study_tables.ablations_table),
    "Adapting to a small folder": ("small_folders", study_tables.small_folders_table),
    "Shortcuts by size and background": ("shortcuts", study_tables.shortcuts_table),
}
"""Sections about recipe and dataset: a JSON file in train/results/studies, and its table."""

RUN_FILES = ("settings", "history", "figures")
"""JSON files of an archived run."""

PLOTS = {
    "confusion": "Confusion matrices",
    "reliability": "Reliability diagrams",
    "robustness": "Balanced accuracy under each corruption",
    "ood": "Confidence in brain or lung by type of image",
    "curves": "Loss and accuracy by epoch",
}
"""Alternative texts of the plots, by the name of the file."""


def write_docs() -> None:
    """Write docs/results.md and the figures in README.md.

    Raises:
        UserError: README.md lacks a marker.
    """
    readme = README.read_text(encoding="utf-8")
    for renew in (with_independent_test, with_headline, with_training):
        readme = renew(readme)
    RESULTS_PAGE.write_text(results_page(), encoding="utf-8")
    README.write_text(readme, encoding="utf-8")
    print(f"wrote {RESULTS_PAGE} and the figures in {README}")


def with_independent_test(text: str) -> str:
    """Return the text of README.md with the current result of the independent test.

    Raises:
        UserError: the text has no markers.
    """
    release, sentence = read_release(), ""
    if release.labels == LABELS:
        sentence = tables.independent_headline(_read(INDEPENDENT_TEST), release.sha256) + "\n"
    return replace_between(text, TEST_START, sentence, TEST_END)


def with_headline(text: str) -> str:
    """Return the text of README.md with the current headline figures.

    Raises:
        UserError: the text has no markers.
    """
    table = tables.headline_table(_read(read_release().results_folder / "figures.json"))
    return replace_between(text, START, table, END)


def with_training(text: str) -> str:
    """Return the text of README.md with the current duration of training.

    Raises:
        UserError: the text has no markers.
    """
    sentence = study_tables.training_sentence(_read(RESULTS / "studies" / "small_folders.json"))
    return replace_between(text, TRAINING_START, f"{sentence}\n", TRAINING_END)


def replace_between(text: str, start: str, content: str, end: str) -> str:
    """Replace what is between the lines ``start`` and ``end`` of a page.

    Raises:
        UserError: the text lacks one of them.
    """
    before, found, rest = text.partition(start)
    _, also_found, after = rest.partition(end)
    if not (found and also_found):
        raise UserError(f"a page has no {start} and {end}; restore it from git")
    return f"{before}{start}\n{content}{end}{after}"


def _curves(folder: Path) -> list[str]:
    """Show the curves of a run, or of the runs that it is an average of, in results/soup."""
    averaged = _read(folder / "settings.json").get("average_of")
    if not averaged:
        return _plots(folder / "curves.png")
    curves = [
        run.with_name("curves.png")
        for run in sorted((RESULTS / "soup").glob("*/settings.json"))
        if any(_read(run).items() <= part.items() for part in averaged)
    ]
    title = "The weights are an average over several runs, whose curves are:"
    return [title, *_plots(*curves)] if curves else []


def results_page() -> str:
    """Return the text of docs/results.md."""
    release = read_release()
    folder = release.results_folder
    figures = _read(folder / "figures.json")
    measured = {*figures["splits"], *(["independent"] if release.labels == LABELS else [])}
    sets = "\n".join(text for name, text in SETS.items() if name in measured)
    parts = [
        INTRODUCTION.format(sets=sets),
        "## The released network",
        tables.summary_table(figures),
        *([tables.folders_table(figures)] if "folders" in figures else []),
        *_plots(folder / "confusion.png", folder / "reliability.png"),
        tables.source_table(figures),
        *_curves(folder),
    ]
    if release.labels == LABELS:
        parts += [
            "## Independent test",
            tables.independent_table(_read(INDEPENDENT_TEST), release.sha256),
        ]
        parts += _original_study(figures)
    shown = [(folder, RELEASE_SECTIONS)]
    if release.labels == LABELS:
        shown.append((RESULTS / "studies", STUDY_SECTIONS))
    for results, sections in shown:
        for title, (name, table) in sections.items():
            if (results / f"{name}.json").is_file():
                content = _read(results / f"{name}.json")
                parts.append(f"## {title}")
                if not release.is_measured_in(content):
                    parts.append("Measured with the weights of another release.")
                parts += _folder_note(content, figures)
                parts += [table(content), *_plots(results / f"{name}.png")]
    return "\n\n".join(part.strip() for part in parts) + "\n"


def _folder_note(content: dict, figures: dict) -> list[str]:
    """Name the folder of the dataset that a results file is about, if it is about only one."""
    splits = content.get("splits") or {content.get("split"): content}
    split, measured = list(splits.items())[-1]
    if split != list(figures["splits"])[-1] or "images" not in measured:
        return []
    same = [
        f"`{name}`"
        for name, folder in figures.get("folders", {}).items()
        if all(folder[key] == measured[key] for key in ("images", "sources"))
    ]
    title = SPLIT_TITLES.get(split, split).capitalize()
    return [f"{title} is limited to the folder {same[0]} here."] if same else []


def _original_study(figures: dict) -> list[str]:
    """Compare the original network on few and on many sources."""
    runs = {"few uniform": RESULTS / "original_uniform", "many varied": RESULTS / "original"}
    measured = {
        title: {name: _read(folder / f"{name}.json") for name in RUN_FILES}
        for title, folder in runs.items()
    }
    return [
        "## The headline of the original project",
        ORIGINAL_STUDY,
        *_folder_note(measured["many varied"]["figures"], figures),
        study_tables.original_table(measured),
        WHY_VALIDATION_IS_NOT_GENERALISATION,
    ]


def _read(file: Path) -> dict:
    return json.loads(file.read_text(encoding="utf-8"))


def _plots(*files: Path) -> list[str]:
    """Return Markdown that shows the files that exist."""
    return [
        f"![{PLOTS[file.stem]}]({Path(os.path.relpath(file, RESULTS_PAGE.parent)).as_posix()})"
        for file in files
        if file.is_file()
    ]
