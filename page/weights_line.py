"""The line below the answer: which weights predict, and what the examples are."""

import html
from collections.abc import Callable

import gradio as gr

from model.release import LABELS, Release
from page.gradio_compat.html import HTML
from page.i18n import TEXTS, language_of
from page.listeners import SILENT


def weights_line(interface: gr.Interface, release: Release, load: Callable) -> None:
    """Add the line, filled in each visitor's language once the weights are loaded.

    Args:
        interface: the page.
        release: what is running.
        load: returns the classifier and its ``Weights``; may block until they are loaded.
    """

    def describe(request: gr.Request) -> str:
        _, weights = load()
        key = "weights_bundled" if weights.origin == "bundled" else "weights_hub"
        language = language_of(request)
        line = TEXTS[key][language].format(network=release.network, origin=weights.origin)
        about_examples = f" {TEXTS['examples'][language]}" if release.labels == LABELS else ""
        return html.escape(f"{line}.{about_examples}")

    line = HTML(elem_classes="weights")
    interface.load(describe, None, line, queue=False, **SILENT)
