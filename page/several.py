"""A strip of several pictures, answered one after another, of which one is shown."""

from collections.abc import Sequence

import gradio as gr

from model.release import LABELS
from page.gradio_compat.html import HTML
from page.i18n import about_labels, translate, words
from page.states import SILENT
from page.template import script, template


class Several(HTML):
    """Thumbnails with word and confidence, and a CSV file to download; empty for one picture.

    Nothing of it is kept on the server: entries and answers are in the memory of the visitor's tab.

    Args:
        confidence_threshold: confidence, 0 to 1, below which a prediction is shown as unsure.
        labels: the labels of the network.
    """

    def __init__(self, confidence_threshold: float, labels: Sequence[str] = LABELS):
        super().__init__(
            label=translate("several"),
            html_template=template("several.js", "value", "confidenceThreshold", "labels"),
            js_on_load=script("shrink.js", "upload.js", "save.js", "csv.js", "queue.js"),
            apply_default_css=False,
            elem_classes="several-block",
            confidenceThreshold=confidence_threshold,
            labels=about_labels(labels),
            words=words(
                *("several", "several_done", "several_most", "several_csv"),
                *("file_too_large", "unreadable", "no_reply"),
            ),
        )

    def show_chosen(self, image: gr.Image, answer: gr.HTML) -> None:
        """Show the picture of the chosen entry in ``image`` and its answer in ``answer``."""
        chosen = "({ picture, answer }) => [picture, answer]"
        self.select(None, self, [image, answer], js=chosen, **SILENT)
        self.input(None, self, answer, js="({ answer }) => answer", **SILENT)
