"""The measured figures in README.md: those of the released network, and of how it is trained."""

import json
from pathlib import Path

from model.release import read_release
from train.errors import UserError
from train.eval.tables import summary

README = Path(__file__).parents[1] / "README.md"
START, END = "<!-- figures -->", "<!-- end of figures -->"

SECTIONS = {
    "comparison.md": "Beside other networks",
    "robustness.md": "Under corruption and in unconventional presentation",
    "ood.md": "On pictures that show nothing",
}
"""What other measurements say, for those that were made of the released weights."""

STUDIES = Path(__file__).with_name("results") / "studies"

STUDY_SECTIONS = {
    "leave_one_group_out.md": "On kinds of source left out of training",
    "ablations.md": "What each part of the training contributes",
    "shortcuts.md": "What size and background alone tell",
}
"""What was found out about the recipe and the pictures."""


def renew_figures() -> None:
    """Write the released network's figures into README.md."""
    text = README.read_text(encoding="utf-8")
    README.write_text(with_figures(text), encoding="utf-8")
    print(f"wrote {README}")


def with_figures(text: str) -> str:
    """The README's text with the figures that the released network has now.

    Raises:
        UserError: the text has no place for them.
    """
    if START not in text or END not in text:
        raise UserError(f"README.md has no {START} and {END}; restore it from git")
    results = read_release().results_folder
    figures = json.loads((results / "figures.json").read_text(encoding="utf-8"))
    sections = [summary(figures), *_plots(results, "confusion", "reliability")]
    for folder, titles in ((results, SECTIONS), (STUDIES, STUDY_SECTIONS)):
        for name, title in titles.items():
            file = folder / name
            if file.is_file():
                sections += [f"### {title}", file.read_text(encoding="utf-8").strip()]
                sections += _plots(folder, file.stem)
    before, _, rest = text.partition(START)
    _, _, after = rest.partition(END)
    return f"{before}{START}\n" + "\n\n".join(sections) + f"\n{END}{after}"


def _plots(results: Path, *names: str) -> list[str]:
    """Markdown of the plots that a results folder has of these names."""
    folder = results.resolve().relative_to(README.parent)
    files = (folder / f"{name}.png" for name in names)
    return [f"![{file.stem}]({file})" for file in files if (README.parent / file).is_file()]
