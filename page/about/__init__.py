"""The tab "About the model": what was measured of the released weights, drawn from its files."""

import functools
from collections.abc import Callable
from pathlib import Path

import gradio as gr

from model.release import read_release
from page.about.rendering import render_sections
from page.about.results import read_results
from page.about.running import render_running
from page.about.views import views
from page.about.wording import Wording
from page.texts import language_of

STYLE = Path(__file__).parents[1] / "static" / "about.css"


def about(load: Callable) -> None:
    """Fill the open tab, in each visitor's language.

    Args:
        load: gives the running classifier and where its weights came from; may wait for them.
    """
    style = STYLE.read_text(encoding="utf-8")
    measured, running = (
        gr.HTML(elem_classes="about", css_template=style, js_on_load=None, apply_default_css=False)
        for _ in range(2)
    )

    def describe_running(request: gr.Request) -> str:
        return _running(load, language_of(request))

    # Without triggers: when the page is opened.
    for describe, component in ((describe_measured, measured), (describe_running, running)):
        gr.on(
            None,
            describe,
            outputs=component,
            api_visibility="private",
            show_progress="hidden",
            queue=False,
        )


def describe_measured(request: gr.Request) -> str:
    """What was measured of the released weights, as HTML in the visitor's language."""
    return _measured(language_of(request))


@functools.cache
def _measured(language: str) -> str:
    wording = Wording(language)
    results = read_results(read_release())
    return str(render_sections(results, wording, views(results, wording)))


@functools.cache
def _running(load: Callable, language: str) -> str:
    _, weights = load()
    return str(render_running(read_release(), weights, Wording(language)))
