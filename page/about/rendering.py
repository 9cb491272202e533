"""Templates, results and a language -> the HTML of the tab."""

import functools
import sys
from pathlib import Path

import jinja2
from markupsafe import Markup

from model.release import LABELS
from page.about.wording import Wording

SECTIONS = {
    "results": "figures",
    "confusion": "figures",
    "calibration": "figures",
    "robustness": "robustness",
    "ood": "ood",
    "comparison": "comparison",
    "limits": "figures",
    "training": "settings",
    "data": "origins",
}
"""The sections in their order, and the result that each of them cannot do without."""


def render_sections(results: dict, wording: Wording, views: dict) -> Markup:
    """The HTML of all sections whose results are there.

    Args:
        results: what ``read_results`` gives.
        wording: the visitor's language.
        views: functions by the name under which templates call them.
    """
    present = [section for section, needed in SECTIONS.items() if needed in results]
    return Markup("").join(render(name, wording, **results, **views) for name in present)


def render(section: str, wording: Wording, **values) -> Markup:
    """The HTML of one section, in which all values are escaped; nothing if it cannot be made."""
    try:
        template = _environment().get_template(f"{section}.html")
        html = template.render(w=wording, labels=LABELS, **values)
    except Exception as error:
        # Results of another version of the training may lack anything; the page has to stand.
        print(f"about: no section {section} ({type(error).__name__}: {error})", file=sys.stderr)
        return Markup("")
    # Gradio does not say in which language the page is.
    return Markup('<section lang="{}">{}</section>').format(wording.language, Markup(html))  # nosec B704  # the template escapes


@functools.cache
def _environment() -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).with_name("templates")),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
