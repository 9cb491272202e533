"""The endpoint ``/predict``, and the answers to the page's own images.

What happens to one image, from file to answer:

1. ``gradio_compat/static/drop.js`` or ``sources.js``, or ``early.js`` before Gradio's scripts have
   come, gives the file to ``imageApp.send`` in ``images.js``, the script of the ``Strip``.
2. ``images.js`` makes an entry of it and triggers the strip's ``select``, whose listener
   (``Strip.show_in``) sets the image, still without a path on the server, and the card ("sending").
3. ``shrink.js`` scales a large photo down, and ``upload.js`` sends it. When that takes long,
   ``images.js`` triggers ``input`` with each share, whose listener sets only the card.
4. ``images.js`` triggers ``submit``, whose listener, added here, predicts on the server.
5. ``imageApp.reply`` gets what the listener returns, and ``images.js`` finds the entry that it is
   of. If that is still shown, ``select`` sets the image, now with its path, and the card, whose
   template is ``answer.js``.
6. The change of the image asks for its explanation, if that is open (``page/explanation.py``).

An example has no file: ``imageApp.sendExample`` begins at step 4 with the ``select`` of the buttons
(``page/examples.py``), and the reply brings its image.
"""

import io
from collections.abc import Callable, Sequence

import gradio as gr

from page import api_docs
from page.answer import to_label_data
from page.preview import preview
from page.strip import Strip

CONCURRENCY_ID = "predict"
"""Limits all predictions together, whoever asks for them."""


def prediction(
    image: gr.Image,
    answer: gr.HTML,
    strip: Strip,
    predict: Callable,
    predict_frames: Callable,
    labels: Sequence[str],
) -> None:
    """Add the endpoint ``/predict``, and answer what the strip asks about.

    Args:
        image: the visitor's image, an ``ImageInput``.
        answer: the card, an ``Answer``.
        strip: the visitor's images, of which it asks about one at a time.
        predict: maps a file and its request to confidences; raises ``gr.Error`` for the client.
        predict_frames: the same, but also returns the frames and the index of the most confident.
        labels: the labels of the confidences.
    """
    # The page asks by a listener of its own, since its answers have more in them.
    gr.on(
        [],
        predict,
        image,
        answer,
        api_name="predict",
        api_description=api_docs.predict(labels),
        concurrency_id=CONCURRENCY_ID,
    )

    def reply(image: str | io.BytesIO | None, request: gr.Request) -> dict:
        return {"of": image} | answer_or_reason(image, request, predict_frames)

    asked = "() => imageApp.asked"
    strip.ask(strip.submit, reply, inputs=image, js=asked, concurrency_id=CONCURRENCY_ID)
    strip.show_in(image, answer)


def answer_or_reason(
    file: str | io.BytesIO | None, request: gr.Request, predict_frames: Callable
) -> dict:
    """Return what the card shows about a file: its answer, or the reason why there is none."""
    try:
        confidences, frames, most_confident = predict_frames(file, request)
        label_data = to_label_data(confidences).model_dump()
        return label_data | preview(file, frames, most_confident)
    except gr.Error as error:
        return {"state": "failed", "reason": error.message}
