"""A visitor's picture: the file as it came, opened by ``model.imaging`` alone."""

import base64
import io

import gradio as gr
from gradio.processing_utils import save_bytes_to_cache
from gradio_client import handle_file
from gradio_client.utils import is_http_url_like
from PIL import Image

from model.imaging import UnreadableImage, read_image
from page.download import download
from page.i18n import TEXTS, language_of

EXAMPLE = (
    "https://huggingface.co/spaces/Victorouledi/brain-lung-other/resolve/main/examples/"
    "brain-mri.png"
)
"""Where a program on any machine finds an example."""


class ImageInput(gr.Image):
    """The picture component, handing over the uploaded file as it came.

    Gradio's own preprocessing opens the file, which clips 16-bit pictures and turns what is no
    picture into an anonymous error; here ``model.imaging`` is the only reader.
    """

    is_template = True  # To the page, to programs and to ``gr.load`` it is the picture component.

    def api_info(self) -> dict:
        """What a program may send."""
        sent = "A picture file such as a JPEG, PNG, TIFF or WebP, as a path or a public URL."
        return super().api_info() | {"additional_description": sent}

    def example_payload(self) -> dict:
        """The picture in the snippets of the page's "Use via API"."""
        return handle_file(EXAMPLE)

    async def async_move_resource_to_block_cache(self, url_or_file_path):
        """The path of an upload, or of what is downloaded from a public address."""
        if not is_http_url_like(str(url_or_file_path)):
            return await super().async_move_resource_to_block_cache(url_or_file_path)
        content = await download(url_or_file_path)
        file = save_bytes_to_cache(content, "picture", cache_dir=self.GRADIO_CACHE)
        self.temp_files.add(file)
        return file

    def preprocess(self, payload):
        """The uploaded file, unopened: its path, or the bytes of a base64 ``data:`` URL."""
        if payload is None or payload.path:
            return payload and payload.path
        try:
            return io.BytesIO(base64.b64decode((payload.url or "").partition(",")[2]))
        except ValueError:
            return io.BytesIO()  # No picture, which ``open_image`` says in the right language.


def open_image(file: str | io.BytesIO | None, request: gr.Request | None) -> Image.Image:
    """The picture in a file that a visitor sent.

    Args:
        file: what ``ImageInput`` hands over.
        request: who asks; the language of an error message is theirs.

    Returns:
        The picture, as ``model.imaging.read_image`` gives it.

    Raises:
        gr.Error: there is no file, or no picture in it; the message is one sentence.
    """
    reason = "no_image"
    if file is not None:
        try:
            return read_image(file)
        except UnreadableImage as error:
            reason = error.reason
        except OSError:  # A program named a folder, or an upload that is deleted by now.
            reason = "not_an_image"
    raise gr.Error(TEXTS[reason][language_of(request)], title="", print_exception=False)
