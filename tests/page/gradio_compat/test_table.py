"""The table in page/gradio_compat/README.md lists what the page needs, and each row has a test."""

import os
import re

import pytest

from tests.helpers.internals import CHECKED, COMPAT
from tests.helpers.running_app import ROOT
from tests.page.gradio_compat import test_internals  # noqa: F401  # registers what it asserts
from tests.page.gradio_compat.test_page_internals import OURS, SELECTORS, parts


def table():
    """Return the rows of the table in README.md, as lists of cells."""
    lines = (COMPAT / "README.md").read_text(encoding="utf-8").splitlines()
    rows = [line.strip("| ").split(" | ") for line in lines if line.startswith("|")]
    return rows[2:]


@pytest.mark.parametrize("row", table(), ids=lambda row: row[0][:40])
def test_a_row_of_the_table_names_tests(row):
    what, _, _, _, tests, _ = row
    names = re.findall(r"`(test_\w+\.py)`", tests)
    assert names
    for name in names:
        assert list((ROOT / "tests").rglob(name)), name
    selectors = " ".join(selector for selectors in SELECTORS.values() for selector in selectors)
    for internal in re.findall(r"`([^`]+)`", what):
        name = internal.rpartition(".")[2] if re.fullmatch(r"[\w.]+", internal) else internal
        known = {internal, name} & CHECKED or name in selectors
        assert known, f"no test here asserts {internal}"


def test_every_selector_is_in_the_table():
    listed = " ".join(what for what, *_ in table())
    for selectors in SELECTORS.values():
        for part in parts(selectors) - {f".{name}" for name in OURS}:
            assert part in listed or part == ".open", part


def test_nothing_else_depends_on_internals():
    """Private attributes of Gradio are used only here."""
    for file in [ROOT / "app.py", *(ROOT / "page").rglob("*.py")]:
        if COMPAT not in file.parents:
            text = file.read_text(encoding="utf-8")
            for private in (
                "._queue",
                ".fns",
                "temp_file_sets",
                "os.environ[",
                "_getters",
                "document.",
            ):
                assert private not in text, f"{file.name} uses {private}"
    assert "GRADIO_TEMP_DIR" not in os.environ
