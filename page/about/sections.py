"""The sections of the tab, each rendered from its template."""

import functools
import re
import sys
from collections.abc import Iterable
from pathlib import Path

import jinja2
from markupsafe import Markup

from model.release import Release
from model.weights import Weights
from page.about.charts import range_plot
from page.about.evaluation import (
    corruption_means,
    corruption_rows,
    measured_limits,
    recall_per_source,
    reliability_chart,
    scale_start,
)
from page.about.network import network_facts, network_layers, network_stages, weights_facts
from page.about.programs import snippets
from page.about.training import curve_chart, sources_per_class, training_settings
from page.addresses import AUTHOR, SOURCE
from page.examples import HARD
from page.i18n import Locale

SECTIONS = {
    "short": "figures",
    "confusion": "figures",
    "calibration": "figures",
    "limits": "figures",
    "results": "figures",
    "robustness": "robustness",
    "ood": "ood",
    "comparison": "comparison",
    "training": "settings",
    "data": "origins",
}
"""The sections about the results, in their order, each with the result that it needs."""

CLOSED = r'<details class="closed"><summary>\1</summary>\2</details>'

OPEN = ("short", "failures", "confusion", "calibration")
"""The sections that are open at first; the others are closed below their headings."""

TEMPLATE_FUNCTIONS = (
    range_plot,
    *(recall_per_source, reliability_chart, measured_limits),
    *(corruption_rows, corruption_means, scale_start),
    *(training_settings, curve_chart, sources_per_class),
    *(weights_facts, network_facts, network_layers, network_stages),
)


def render_results(
    release: Release, results: dict, locale: Locale, sections: Iterable[str] = SECTIONS
) -> Markup:
    """Render sections whose result exists.

    Args:
        release: what is running.
        results: what ``page.about.results.read_results`` returns.
        locale: the visitor's language.
        sections: names in ``SECTIONS``, in the order to render them.
    """
    present = [section for section in sections if SECTIONS[section] in results]
    values = results | {
        "results": results,
        "labels": release.labels,
        "repository": release.repository,
    }
    return Markup("").join(_render(name, locale, **values) for name in present)


def render_failures(failed: list[dict], locale: Locale) -> Markup:
    """Render the examples of failures, if there are any, from ``failed_examples``."""
    return _render("failures", locale, failed=failed, count=len(HARD)) if failed else Markup("")


def render_release(
    release: Release, weights: Weights, network: dict | None, locale: Locale
) -> Markup:
    """Render the sections about the weights in use, their network and how to use them.

    Args:
        release: the release in use.
        weights: where its weights came from.
        network: the content of network.json, if it exists.
        locale: the visitor's language.
    """
    html = _render("weights", locale, release=release, weights=weights)
    if network:
        html += _render("network", locale, network=network)
    return html + _render("programs", locale, snippets=snippets(release.labels, locale))


def _render(section: str, locale: Locale, **values) -> Markup:
    """Render one section with all values escaped; render nothing if a value is missing."""
    try:
        html = _environment().get_template(f"{section}.html").render(locale=locale, **values)
    except Exception as error:
        # Results of another version of the training may lack a value; the page must still open.
        print(
            f"about: section {section} left out ({type(error).__name__}: {error})", file=sys.stderr
        )
        return Markup("")
    if section not in OPEN:
        html = re.sub(r"(<h2>.*?</h2>)(.*)", CLOSED, html, count=1, flags=re.DOTALL)
    # Gradio sets no language on the page.
    return Markup('<section lang="{}">{}</section>').format(locale.language, Markup(html))  # nosec B704  # the template escapes


@functools.cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).with_name("templates")),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update({"author": AUTHOR, "source": SOURCE})
    environment.globals.update({function.__name__: function for function in TEMPLATE_FUNCTIONS})
    return environment
