"""Explain a prediction: a heat map over the visitor's image, computed only when it is shown."""

import io
from collections.abc import Callable

import gradio as gr
from gradio.data_classes import ImageData
from PIL import Image

from model.occlusion import heat_map
from model.release import LABELS
from page.api_docs import EXPLAIN
from page.gradio_compat.html import HTML
from page.heatmap import gradient, overlay
from page.i18n import translate, words
from page.listeners import SILENT
from page.open_image import open_image
from page.template import STATIC, script, template


def explanation(
    image: gr.Image, get_classifier: Callable, confidence_threshold: float
) -> "Overlay":
    """Add the closed accordion "Why this answer?" to the open context; endpoint ``/explain``.

    Args:
        image: the visitor's image, an ``ImageInput``.
        get_classifier: returns the classifier and its ``Weights``; waits until they are loaded.
        confidence_threshold: confidence, 0 to 1, from which "other" is not explained: beside brain
            and lung it means that nothing looks like them, so no part of the image is a reason.

    Returns:
        The component that shows the explanation.
    """

    def explain(image: str | io.BytesIO, request: gr.Request | None = None) -> Image.Image | None:
        """Show on which parts of an image, or of a stack's most confident frame, the answer rests.

        Args:
            image: an image file such as JPEG, PNG, TIFF, WebP, HEIC, DICOM or NIfTI.
                Its path, or the open file.
            request: whose preferred language error messages use.

        Returns:
            The image in dark grey, with bright colours where the top label depends on it most;
            nothing for a confident "other".

        Raises:
            gr.Error: the file cannot be read as an image; the message is for the client.
        """
        frames = open_image(image, request)
        classifier, _ = get_classifier()
        confidences, most_confident = classifier.classify_frames(frames.images)
        top = max(confidences, key=confidences.get)
        sure = confidences[top] >= confidence_threshold
        if top == "other" and sure and tuple(confidences) == LABELS:
            return None
        shown = frames.images[most_confident]
        return overlay(shown, heat_map(classifier, shown))

    with gr.Accordion(translate("why"), open=False, elem_classes="explanation") as accordion:
        shown = Overlay()
    # Gradio runs the listeners of an event in order, so these must come before the request.
    accordion.expand(js="() => { imageApp.explanationOpen = true; }", **SILENT)
    accordion.collapse(js="() => { imageApp.explanationOpen = false; }", **SILENT)
    state = "(image) => (image?.path ? { state: 'waiting' } : null)"
    image.change(None, image, shown, js=state, **SILENT)
    # One at a time, so that predictions never wait for several explanations.
    explained = gr.on(
        [image.change, accordion.expand],
        explain,
        image,
        shown,
        js="(image) => imageApp.explain(image)",
        api_name="explain",
        api_description=EXPLAIN,
        show_progress="hidden",
        concurrency_limit=1,
        trigger_mode="always_last",
    )
    # A request that was not sent has not failed.
    failed = "(image) => imageApp.explain(image) && { state: 'failed' }"
    explained.failure(None, image, shown, js=failed, **SILENT)
    return shown


class Overlay(HTML):
    """Image with a heat map and a legend in the visitor's language; an image file in the API."""

    data_model = ImageData

    def __init__(self):
        self._image = gr.Image(format="jpeg", render=False)
        super().__init__(
            value={},
            label=translate("why"),
            html_template=template("explanation.js", "value", "gradient"),
            css_template=(STATIC / "explanation.css").read_text(encoding="utf-8"),
            js_on_load=script("explanation_listeners.js"),
            apply_default_css=False,
            gradient=gradient(),
            words=words(
                *("why_empty", "why_waiting", "why_other", "why_failed", "why_alt", "why_colours"),
                *("why_little", "why_most", "why_caution", "why_meaning"),
                *("why_method", "again"),
            ),
        )

    def postprocess(self, value: Image.Image | dict | None) -> ImageData | dict:
        """Return the image as a file, which is deleted like an upload; without one, say why."""
        if value is None:
            return {"state": "other"}
        return self._image.postprocess(value) if value else {}

    def api_info(self) -> dict:
        """Describe what clients receive."""
        # ``gr.HTML`` would generate the schema of ``ImageData`` again for every session.
        return gr.components.Component.api_info(self)
