"""Wire the picture to its answer: one prediction for each picture, and never a stale one."""

import io
from collections.abc import Callable, Sequence

import gradio as gr

from page import api_docs
from page.answer import to_label_data
from page.preview import preview
from page.states import SENT, SILENT

UNANSWERED = f"{SENT} && !window.knownAnswer(image.path)"
"""JavaScript that tells a picture to ask about: the strip asks about its own."""

REQUIRE_UNANSWERED = f"(image) => {{ if (!({UNANSWERED})) throw 0; return image; }}"
"""JavaScript for a listener: Gradio sends no request when it throws."""

WAIT = f"""(image) => {{
  if (image && !{SENT}) throw 0;
  if (!image) {{ window.stopSending(); window.releaseExamples?.(); }}
  window.currentPicture = image?.path;
  return image && (window.knownAnswer(image.path) ?? {{ state: "waiting" }});
}}"""
"""JavaScript for a listener: Gradio leaves the card as it is while a picture is being sent."""

FAIL = f"(image) => {{ if (!({UNANSWERED})) throw 0; return {{ state: 'no_reply' }}; }}"
"""JavaScript for a listener; a request that was not sent has not failed."""


def prediction(
    image: gr.Image,
    answer: gr.HTML,
    strip: gr.HTML,
    predict: Callable,
    predict_frames: Callable,
    labels: Sequence[str],
) -> None:
    """Add the endpoint ``/predict``, which answers every new picture of the page.

    Args:
        image: the visitor's picture, an ``ImageInput``.
        answer: the card, an ``Answer``.
        strip: several pictures, a ``Several``, which asks about one at a time.
        predict: maps a file and its request to confidences; raises ``gr.Error`` for the client.
        predict_frames: the same, but also returns the frames and the index of the clearest.
        labels: the labels of the confidences.
    """

    def answer_or_reason(
        image: str | io.BytesIO | None,
        request: gr.Request | None = None,
        event: gr.EventData = None,
    ) -> dict:
        if not (event and event.target):
            return predict(image, request)
        # The page ignores an answer whose picture has been replaced meanwhile.
        try:
            confidences, frames, clearest = predict_frames(image, request)
            label_data = to_label_data(confidences).model_dump()
            return {"of": image, **label_data, **preview(image, frames, clearest)}
        except gr.Error as error:
            return {"of": image, "state": "failed", "reason": error.message}

    # The name and the documentation of the tool that agents see (MCP).
    answer_or_reason.__name__, answer_or_reason.__doc__ = predict.__name__, predict.__doc__
    # Gradio runs the listeners of an event in order, so the waiting state must come first.
    image.change(None, image, answer, js=WAIT, **SILENT)
    predicted = gr.on(
        image.change,
        answer_or_reason,
        image,
        answer,
        js=REQUIRE_UNANSWERED,
        api_name="predict",
        api_description=api_docs.predict(labels),
        show_progress="hidden",
        trigger_mode="always_last",
    )
    predicted.failure(None, image, answer, js=FAIL, **SILENT)
    asked = strip.submit(
        answer_or_reason,
        image,
        strip,
        js="() => window.askedPicture",
        trigger_mode="multiple",
        **SILENT,
    )
    asked.failure(None, None, strip, js="() => ({ state: 'no_reply' })", **SILENT)
    # The card sends files itself, and shows them before they have arrived.
    answer.submit(None, answer, image, js="({ picture }) => picture", cancels=predicted, **SILENT)
