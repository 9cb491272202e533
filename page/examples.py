"""The example pictures, each with a caption, as buttons."""

import base64
import io
from pathlib import Path

import gradio as gr
from PIL import Image

from page.i18n import translate, words
from page.template import template

FOLDER = Path(__file__).parents[1] / "examples"
FILES = {
    "example_brain": FOLDER / "brain-mri.png",
    "example_lung": FOLDER / "lung-ct.png",
    "example_other": FOLDER / "landscape.jpg",
}
"""The pictures, by the key of their caption."""

THUMBNAIL_SIDE = 160
"""Pixels."""


def examples(picture: gr.Image) -> None:
    """Build the examples, in the open context; a click on one shows it as the visitor's picture.

    Nothing is cached: the network answers within milliseconds, so an example is asked about like
    any other picture, and its answer cannot be that of an earlier release.
    """
    buttons = gr.HTML(
        label=translate("examples_label"),
        html_template=template("examples.js", "thumbnails"),
        js_on_load="""element.addEventListener("click", ({ target }) => {
            const chosen = target.closest("button");
            if (chosen) trigger("select", { index: null, value: chosen.dataset.key });
        });""",
        apply_default_css=False,
        elem_classes="examples-block",
        thumbnails={key: _thumbnail(file) for key, file in FILES.items()},
        words=words("examples_label", "examples", *FILES),
    )
    buttons.select(_choose, None, picture, show_progress="hidden", api_visibility="private")


def _choose(event: gr.SelectData) -> str:
    return str(FILES[event.value])


def _thumbnail(file: Path) -> str:
    """A small square cut from the middle, within the page since the page may be on any host."""
    with Image.open(file) as picture:
        side = min(picture.size)
        left, top = (picture.width - side) // 2, (picture.height - side) // 2
        square = picture.convert("RGB").crop((left, top, left + side, top + side))
    stream = io.BytesIO()
    square.resize((THUMBNAIL_SIDE, THUMBNAIL_SIDE)).save(stream, "webp", quality=70)
    return f"data:image/webp;base64,{base64.b64encode(stream.getvalue()).decode()}"
