"""The tab "About the model": how the released weights were trained and evaluated."""

import functools
import json
from collections.abc import Callable
from pathlib import Path

import gradio as gr

from model.release import LABELS, read_release
from page.about.failures import failed_examples
from page.about.results import read_results
from page.about.sections import SECTIONS, render_failures, render_release, render_results
from page.i18n import LANGUAGES, TEXTS, Locale, language_of
from page.states import SILENT
from page.template import BROWSER_LANGUAGE, script

STYLE = Path(__file__).parents[1] / "static" / "about.css"

_NO_REPLY = {
    language: f'<p role="status">{TEXTS["no_reply"][language]}</p>'
    f'<button type="button" class="again">{TEXTS["again"][language]}</button>'
    for language in LANGUAGES
}

NO_REPLY = f"() => ({json.dumps(_NO_REPLY)})[{BROWSER_LANGUAGE}]"
"""JavaScript for a listener."""


def about(tab: gr.Tab, load: Callable) -> None:
    """Fill the open tab, in each visitor's language, when it is opened.

    Args:
        tab: the open tab.
        load: returns the classifier and its ``Weights``; may block until they are loaded.
    """
    style = STYLE.read_text(encoding="utf-8")

    def short(request: gr.Request) -> str:
        return _short(language_of(request))

    def failures(request: gr.Request) -> str:
        return _failures(load, language_of(request))

    def results(request: gr.Request) -> str:
        return _results(language_of(request))

    def release(request: gr.Request) -> str:
        return _release(load, language_of(request))

    # A component each, so that the results do not wait for the weights.
    scripts = {short: "again.js", failures: None, results: None, release: "copy.js"}
    parts = {
        describe: gr.HTML(
            elem_classes="about",
            css_template=style,
            js_on_load=name and script(name),
            apply_default_css=False,
        )
        for describe, name in scripts.items()
    }
    for describe, html in parts.items():
        opened = gr.on(
            [tab.select, parts[short].submit],
            describe,
            outputs=html,
            api_visibility="private",
            show_progress="hidden",
            queue=False,
        )
        if describe is short:
            opened.failure(None, None, html, js=NO_REPLY, **SILENT)


@functools.cache
def _short(language: str) -> str:
    return render_results(read_results(read_release()), Locale(language), ["short"])


@functools.cache
def _failures(load: Callable, language: str) -> str:
    release = read_release()
    # The examples and what they show are ours.
    if tuple(release.labels) != LABELS:
        return ""
    classifier, _ = load()
    failed = failed_examples(classifier, release.confidence_threshold)
    return render_failures(failed, Locale(language))


@functools.cache
def _results(language: str) -> str:
    rest = [section for section in SECTIONS if section != "short"]
    return render_results(read_results(read_release()), Locale(language), rest)


@functools.cache
def _release(load: Callable, language: str) -> str:
    _, weights = load()
    release = read_release()
    network = read_results(release).get("network")
    return render_release(release, weights, network, Locale(language))
