"""Format figures and their intervals as cells, rows and tables of Markdown."""

import functools
import operator
from collections.abc import Iterable

SPLIT_TITLES = {"val": "validation (val)", "external": "selection (external)"}
"""Titles of the splits; any other split is shown by its name."""

INTERVALS = "In brackets: 95% interval of a bootstrap over sources."


def split_heading(name: str, split: dict) -> str:
    """Format the title of a split with its numbers of images and sources."""
    title = SPLIT_TITLES.get(name, name)
    return f"{title}: {split['images']:,} images, {split['sources']} sources"


def figure_row(title: str, columns: Iterable[dict], *keys: str) -> tuple:
    """Return a row with the figure that each column has under nested keys."""
    return title, *(format_interval(functools.reduce(operator.getitem, keys, c)) for c in columns)


def format_interval(figure: dict[str, float] | None) -> str:
    """Format a figure as ``intervals`` in ``train.eval.metrics`` returns it."""
    if figure is None:
        return "no such prediction"
    return f"{figure['value']:.3f} [{figure['low']:.3f}, {figure['high']:.3f}]"


def markdown_row(cells: Iterable) -> str:
    """Format a row of a table."""
    return "| " + " | ".join(map(str, cells)) + " |"


def markdown_table(caption: str, rows: list[tuple]) -> str:
    """Format a table under a caption, if any; the first row has the titles of the columns."""
    head, *body = map(markdown_row, rows)
    above = [caption, ""] if caption else []
    return "\n".join([*above, head, "|" + "---|" * len(rows[0]), *body]) + "\n"
