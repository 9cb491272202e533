"""The tab "About the model": how the released weights were trained and evaluated."""

import functools
import json
from collections.abc import Callable
from pathlib import Path

import gradio as gr

from model.release import LABELS, Release
from page.about.failures import failed_examples
from page.about.results import read_results
from page.about.sections import SECTIONS, render_failures, render_release, render_results
from page.gradio_compat.html import HTML
from page.i18n import LANGUAGES, TEXTS, Locale, language_of
from page.listeners import SILENT
from page.template import BROWSER_LANGUAGE, script

STYLE = Path(__file__).parents[1] / "static" / "about.css"

_NO_REPLY = {
    language: f'<p role="status">{TEXTS["no_reply"][language]}</p>'
    f'<button type="button" class="again">{TEXTS["again"][language]}</button>'
    for language in LANGUAGES
}

NO_REPLY = f"() => ({json.dumps(_NO_REPLY)})[{BROWSER_LANGUAGE}]"
"""JavaScript for a listener."""


def about(tab: gr.Tab, release: Release, load: Callable) -> None:
    """Fill the open tab, in each visitor's language, when it is opened.

    Args:
        tab: the open tab.
        release: what is running.
        load: returns the classifier and its ``Weights``; may block until they are loaded.
    """

    @functools.cache
    def results() -> dict:
        return read_results(release)

    def short(locale: Locale) -> str:
        return render_results(release, results(), locale, ["short"])

    def failures(locale: Locale) -> str:
        # The examples and what they show are ours.
        if release.labels != LABELS:
            return ""
        classifier, _ = load()
        return render_failures(failed_examples(classifier, release.confidence_threshold), locale)

    def others(locale: Locale) -> str:
        sections = [section for section in SECTIONS if section != "short"]
        return render_results(release, results(), locale, sections)

    def network(locale: Locale) -> str:
        _, weights = load()
        return render_release(release, weights, results().get("network"), locale)

    # A component each, so that the results do not wait for the weights.
    parts = {render: _part() for render in (short, failures, others, network)}
    for render, html in parts.items():
        opened = gr.on(
            [tab.select, parts[short].submit],
            _in_language_of_visitor(render),
            outputs=html,
            api_visibility="private",
            show_progress="hidden",
            queue=False,
        )
        if render is short:
            opened.failure(None, None, html, js=NO_REPLY, **SILENT)


def _part() -> HTML:
    return HTML(
        elem_classes="about",
        css_template=STYLE.read_text(encoding="utf-8"),
        js_on_load=script("about_listeners.js"),
        apply_default_css=False,
    )


def _in_language_of_visitor(render: Callable[[Locale], str]) -> Callable:
    """Return a listener that renders HTML, once for each language."""

    @functools.cache
    def rendered(language: str) -> str:
        return render(Locale(language))

    def listener(request: gr.Request) -> str:
        return rendered(language_of(request))

    return listener
