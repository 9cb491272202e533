"""The tab "About the model": how the released weights were trained and evaluated."""

import functools
from collections.abc import Callable
from pathlib import Path

import gradio as gr

from model.release import read_release
from page.about.results import read_results
from page.about.sections import render_release, render_results
from page.i18n import Locale, language_of

STYLE = Path(__file__).parents[1] / "static" / "about.css"


def about(tab: gr.Tab, load: Callable) -> None:
    """Fill the open tab, in each visitor's language, when it is opened.

    Args:
        tab: the open tab.
        load: returns the classifier and its ``Weights``; may block until they are loaded.
    """
    style = STYLE.read_text(encoding="utf-8")

    def results(request: gr.Request) -> str:
        return _results(language_of(request))

    def release(request: gr.Request) -> str:
        return _release(load, language_of(request))

    # Two components, so that the results do not wait for the weights.
    for describe in (results, release):
        html = gr.HTML(
            elem_classes="about", css_template=style, js_on_load=None, apply_default_css=False
        )
        tab.select(
            describe,
            outputs=html,
            api_visibility="private",
            show_progress="hidden",
            queue=False,
        )


@functools.cache
def _results(language: str) -> str:
    return render_results(read_results(read_release()), Locale(language))


@functools.cache
def _release(load: Callable, language: str) -> str:
    _, weights = load()
    release = read_release()
    network = read_results(release).get("network")
    return render_release(release, weights, network, Locale(language))
