"""Write the results of an evaluation: figures as JSON, plots as PNG, the table to stdout."""

from collections.abc import Callable
from pathlib import Path

from model.release import write_json


def write_report(
    out: Path,
    name: str,
    figures: dict,
    table: str,
    plots: dict[str, Callable[[dict, Path], None]] | None = None,
) -> None:
    """Write the figures and their plots to a folder, print the table and what was written.

    Args:
        out: an existing folder.
        name: name of the JSON file, without its ending.
        figures: content of the JSON file.
        table: the figures as Markdown.
        plots: functions that draw the figures to a file, by the name of the PNG file without its
            ending.
    """
    plots = plots or {}
    write_json(out / f"{name}.json", figures)
    for plot_name, draw in plots.items():
        draw(figures, out / f"{plot_name}.png")
    files = [f"{name}.json", *(f"{plot_name}.png" for plot_name in plots)]
    print(f"\n{table}\nwrote {out}: {', '.join(files)}")
