"""Example images with captions, as buttons."""

import base64
import io
from collections.abc import Callable, Sequence
from pathlib import Path

import gradio as gr
from gradio.data_classes import ImageData
from PIL import Image

from model.decoding.file_formats import is_image_file
from model.release import LABELS
from page.gradio_compat.html import HTML
from page.i18n import LANGUAGES, Locale, translate, words
from page.listeners import SILENT
from page.prediction import CONCURRENCY_ID, answer_or_reason
from page.strip import Strip
from page.template import script, template

FOLDER = Path(__file__).parents[1] / "examples"
EASY = {
    "example_brain": "brain-mri.png",
    "example_low_field": "brain-mri-low-field.jpg",
    "example_lung": "lung-ct.png",
    "example_xray": "chest-xray.png",
    "example_other": "landscape.jpg",
}
HARD = {
    "example_abdomen": "abdomen-mri.jpg",
    "example_knee": "knee-mri.jpg",
    "example_eeg": "eeg-maps.jpg",
    "example_emoji": "brain-emoji.jpg",
    "example_sketch": "sketch.jpg",
}
"""Names of the files by the key of their caption in page/locales. None was used in training. The
network is unsure or wrong about some of the hard ones, and the page says so."""

FILES = {key: FOLDER / name for key, name in (EASY | HARD).items()}

THUMBNAIL_SIDE = 112
"""Side of the thumbnails, in pixels."""


def examples(
    strip: Strip, explanation: gr.HTML, predict_frames: Callable, labels: Sequence[str]
) -> None:
    """Add the examples to the open context; a click shows one and its answer.

    A network with other labels has one example per label: the file in ``FOLDER`` with its name, if
    it exists.

    Predictions are not cached: they take milliseconds, and a cached one could be from an earlier
    release.

    Args:
        strip: takes the example and its answer.
        explanation: an ``Overlay``, which drops an older heat map at once.
        predict_frames: as in ``prediction``.
        labels: the labels of the network.
    """
    easy, hard, files, captions = EASY, HARD, FILES, words(*FILES)
    if tuple(labels) != LABELS:
        files = _files_named_after(labels)
        easy, hard = files, {}
        captions = {
            language: {label: Locale(language).label(label) for label in files}
            for language in LANGUAGES
        }
    buttons = HTML(
        label=translate("examples_label"),
        html_template=template("examples.js", "easy", "hard", "captions"),
        js_on_load=script("examples_listeners.js"),
        apply_default_css=False,
        elem_classes="examples-block",
        easy={key: thumbnail(files[key]) for key in easy},
        hard={key: thumbnail(files[key]) for key in hard},
        captions=captions,
        words=words("examples_label", "fool_label", "fool"),
    )
    # Gradio runs the listeners of an event in order, so the waiting state must come first.
    waiting = "() => ({ state: 'waiting' })"
    buttons.select(None, None, explanation, js=waiting, **SILENT)

    def reply(event: gr.SelectData, request: gr.Request) -> dict:
        file = files[event.value]
        image = ImageData(path=str(file), orig_name=file.name).model_dump()
        answer = answer_or_reason(str(file), request, predict_frames)
        return {"of": event.value, "image": image} | answer

    asked = strip.ask(buttons.select, reply, concurrency_id=CONCURRENCY_ID)
    asked.failure(None, None, explanation, js="() => null", **SILENT)


def _files_named_after(labels: Sequence[str]) -> dict[str, Path]:
    """Return the image files in ``FOLDER`` that have the name of a label, such as cat.jpg.

    The files of our own examples have other names.
    """
    images = {file.stem: file for file in sorted(FOLDER.iterdir()) if is_image_file(file)}
    return {label: images[label] for label in labels if label in images}


def thumbnail(file: Path) -> str:
    """Return a square from the middle of an image as a ``data:`` URL.

    A path would not load where the page is embedded in another host's.
    """
    with Image.open(file) as image:
        side = min(image.size)
        left, top = (image.width - side) // 2, (image.height - side) // 2
        square = image.convert("RGB").crop((left, top, left + side, top + side))
    stream = io.BytesIO()
    square.resize((THUMBNAIL_SIDE, THUMBNAIL_SIDE)).save(stream, "webp", quality=70)
    return f"data:image/webp;base64,{base64.b64encode(stream.getvalue()).decode()}"
