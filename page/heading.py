"""Title and purpose of the page."""

from collections.abc import Sequence

from page.gradio_compat.html import HTML
from page.i18n import wording, words
from page.template import template


def heading(labels: Sequence[str]) -> None:
    """Add title and purpose, in the visitor's language, to the open context.

    ``gr.Markdown`` would load a parser and a highlighter, which a phone takes long to run.

    Args:
        labels: the labels of the network.
    """
    HTML(
        html_template=template("heading.js"),
        js_on_load=None,
        apply_default_css=False,
        elem_classes="heading",
        words=words(wording("title", labels), wording("purpose", labels)),
    )
