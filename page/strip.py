"""The visitor's images on their way to an answer, and the strip that shows several of them."""

from collections.abc import Callable, Sequence

import gradio as gr

from model.release import LABELS
from page.body_limit import MAX_BYTES
from page.gradio_compat.html import HTML
from page.i18n import about_labels, translate, words
from page.listeners import SILENT
from page.template import script, template


class Strip(HTML):
    """Thumbnails with word and confidence, and a CSV file to download; empty for one image.

    Its script, static/images.js, takes every image from its file to its answer. Nothing of it is
    kept on the server: images and answers are in the memory of the visitor's tab.

    Args:
        confidence_threshold: confidence, 0 to 1, below which a prediction is shown as unsure.
        labels: the labels of the network.
    """

    def __init__(self, confidence_threshold: float, labels: Sequence[str] = LABELS):
        # What the server replies passes through it.
        self._reply = HTML(visible=False)
        super().__init__(
            label=translate("several"),
            html_template=template("strip.js", "value", "confidenceThreshold", "labels"),
            js_on_load=script("shrink.js", "upload.js", "save.js", "csv.js", "images.js"),
            apply_default_css=False,
            elem_classes="several-block",
            confidenceThreshold=confidence_threshold,
            labels=about_labels(labels),
            maxBytes=MAX_BYTES,
            words=words(
                *("several", "several_done", "several_most", "several_csv"),
                *("file_too_large", "unreadable", "no_reply"),
            ),
        )

    def show_in(self, image: gr.Image, answer: gr.HTML) -> None:
        """Let ``image`` show the image that is shown, and ``answer`` its answer."""
        both = "() => [imageApp.shown?.image ?? null, imageApp.shown?.answer ?? null]"
        self.select(None, None, [image, answer], js=both, **SILENT)
        self.input(None, None, answer, js="() => imageApp.shown?.answer ?? null", **SILENT)

    def ask(self, event: Callable, reply: Callable, **options) -> gr.events.Dependency:
        """Add a listener whose return value, or failure, is told to ``imageApp.reply``.

        Args:
            event: such as ``button.click``.
            reply: returns a dictionary with "of": what it is about, as images.js knows it.
            options: of the listener.
        """
        asked = event(reply, outputs=self._reply, trigger_mode="multiple", **options, **SILENT)
        tell = "(reply) => imageApp.reply(reply)"
        asked.success(None, self._reply, None, js=tell, **SILENT)
        failed = "() => imageApp.reply({ state: 'no_reply' })"
        asked.failure(None, None, None, js=failed, **SILENT)
        return asked
