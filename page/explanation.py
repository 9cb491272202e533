"""Why this answer: heat over the visitor's picture, computed only where it is shown."""

import io
from collections.abc import Callable
from pathlib import Path

import gradio as gr
from gradio.data_classes import ImageData
from gradio.image_utils import postprocess_image
from PIL import Image

from model.release import read_release
from page.api_docs import EXPLAIN
from page.heatmap import gradient, overlay
from page.i18n import translate, words
from page.image_input import open_image
from page.template import template

STYLE = Path(__file__).with_name("static") / "explanation.css"

WAITING = "(picture) => (picture ? { state: 'waiting' } : null)"
ONLY_WHERE_SHOWN = """(picture) => {
  if (!picture || !document.querySelector("gradio-app .explanation > button.open")) throw 0;
  return picture;
}"""
"""JavaScript that asks for what a visitor can see alone: what throws makes no request."""


def explanation(picture: gr.Image, load: Callable) -> None:
    """Build the accordion "Why this answer?", closed, in the open context; endpoint ``/explain``.

    Args:
        picture: the visitor's picture, a ``page.image_input.ImageInput``.
        load: gives the classifier and its weights, once they are there.
    """

    def explain(
        image: str | io.BytesIO, request: gr.Request | None = None, event: gr.EventData = None
    ) -> Image.Image | None:
        """Show where in a picture the network found its answer.

        Args:
            image: a picture file, as its path or opened.
            request: who asks; the language of an error message is theirs.
            event: what triggered the call.

        Returns:
            The picture in dark grey, with bright colours on the places that spoke most for the
            label that /predict puts first.

        Raises:
            gr.Error: the file cannot be answered; the message is one sentence.
        """
        try:
            opened = open_image(image, request)
        except gr.Error:
            if event and event.target:
                return None  # The page has said so where the answer would be.
            raise
        load()  # While the weights load, nobody else is kept waiting by TensorFlow.
        from model.attribution import explain as heat_of

        return overlay(opened, heat_of(read_release(), opened))

    with gr.Accordion(translate("why"), open=False, elem_classes="explanation") as accordion:
        shown = Overlay()
    silent = {"show_progress": "hidden", "api_visibility": "private"}
    # First, since a page does one after another what it does about a new picture.
    picture.change(None, picture, shown, js=WAITING, **silent)
    # One at a time, so that labels are never kept waiting; the last picture counts.
    asked = gr.on(
        [picture.change, accordion.expand],
        explain,
        picture,
        shown,
        js=ONLY_WHERE_SHOWN,
        api_name="explain",
        api_description=EXPLAIN,
        show_progress="hidden",
        concurrency_limit=1,
        trigger_mode="always_last",
    )
    asked.failure(None, None, shown, js="() => null", **silent)


class Overlay(gr.HTML):
    """A picture with its legend, in the visitor's language; to a program a picture alone."""

    data_model = ImageData

    def __init__(self):
        super().__init__(
            label=translate("why"),
            html_template=template("explanation.js", "value", "gradient"),
            css_template=STYLE.read_text(encoding="utf-8"),
            js_on_load=None,
            apply_default_css=False,
            gradient=gradient(),
            words=words(
                *("why_empty", "why_waiting", "why_alt", "why_little", "why_most"),
                *("why_meaning", "why_method"),
            ),
        )

    def postprocess(self, value: Image.Image | None) -> ImageData | dict:
        """The picture as a file, which is deleted like an upload; an empty value for none."""
        return postprocess_image(value, self.GRADIO_CACHE, "webp") or {}

    def api_info(self) -> dict:
        """What a program gets: a picture file."""
        # Not made anew for each session, as ``ImageData.model_json_schema`` would be.
        return gr.components.Component.api_info(self)
