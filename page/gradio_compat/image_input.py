"""Image component that hands over the file as it was sent, without decoding it."""

import base64
import io

import gradio as gr
from gradio.processing_utils import save_bytes_to_cache
from gradio_client import handle_file
from gradio_client.utils import is_http_url_like

from page.addresses import SPACE
from page.download import download
from page.i18n import FOR_PROGRAMS

EXAMPLE = f"https://huggingface.co/spaces/{SPACE}/resolve/main/examples/brain-mri.png"
"""An example image at an address that any client can reach."""


def as_file_data(value):
    """Return what Gradio expects of a client in place of a bare address, which many send.

    Args:
        value: what a client sent for an image.

    Raises:
        gr.Error: the value is a text other than an address, such as the path of a file.
    """
    if not isinstance(value, str):
        return value
    if value.startswith("data:"):
        key = "url"
    elif is_http_url_like(value):
        key = "path"
    else:
        # The page never sends a text, and the client's language is unknown here.
        message = FOR_PROGRAMS["path_without_file"]
        raise gr.Error(message, title="", print_exception=False)
    return {key: value, "meta": {"_type": "gradio.FileData"}}


class ImageInput(gr.Image):
    """``gr.Image`` that leaves decoding to ``model.imaging``.

    Gradio's own preprocessing clips 16-bit images and reports files that are not images as an
    anonymous error.
    """

    is_template = True  # The page, the API and ``gr.load`` treat it as ``gr.Image``.

    def api_info(self) -> dict:
        """Describe what clients send."""
        sent = "An image file such as JPEG, PNG, TIFF, WebP or DICOM, as a path or a public URL."
        return super().api_info() | {"additional_description": sent}

    def example_payload(self) -> dict:
        """Return the image in the snippets of "Use via API"."""
        return handle_file(EXAMPLE)

    async def async_move_resource_to_block_cache(self, url_or_file_path):
        """Return the path of an upload, or of an image that is downloaded within our limits."""
        if not is_http_url_like(str(url_or_file_path)):
            return await super().async_move_resource_to_block_cache(url_or_file_path)
        try:
            content = await download(url_or_file_path)
        except Exception as error:
            # One sentence for all causes: it tells nobody which private addresses exist.
            message = FOR_PROGRAMS["no_download"]
            raise gr.Error(message, title="", print_exception=False) from error
        return save_bytes_to_cache(content, "image", cache_dir=self.GRADIO_CACHE)

    def preprocess(self, payload):
        """Return the path of the uploaded file, or the bytes of a base64 ``data:`` URL."""
        if payload is None or payload.path:
            return payload and payload.path
        try:
            content = base64.b64decode((payload.url or "").partition(",")[2])
        except ValueError:
            content = b""
        # ``open_image`` then reports it in the client's language, and not as an empty file.
        return io.BytesIO(content or b"\0")
