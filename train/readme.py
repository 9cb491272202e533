"""The measured figures in README.md, which come from the released network's results folder."""

import json
from pathlib import Path

from model.release import read_release
from train.report import summary

README = Path(__file__).parents[1] / "README.md"
START, END = "<!-- figures -->", "<!-- end of figures -->"


def renew_figures() -> None:
    """Write the released network's figures into README.md."""
    text = README.read_text(encoding="utf-8")
    README.write_text(with_figures(text), encoding="utf-8")
    print(f"wrote {README}")


def with_figures(text: str) -> str:
    """The README's text with the figures that the released network has now."""
    figures = json.loads((read_release().results_folder / "figures.json").read_text())
    before, _, rest = text.partition(START)
    _, _, after = rest.partition(END)
    return f"{before}{START}\n{summary(figures)}\n{END}{after}"
