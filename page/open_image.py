"""Decode what a client sent, or say in its language why that is impossible."""

import io

import gradio as gr
from PIL import Image
from starlette.requests import Request

from model.imaging import UnreadableImage, read_image
from page.i18n import TEXTS, language_of


def open_image(file: str | io.BytesIO | None, request: gr.Request | Request | None) -> Image.Image:
    """Decode an image file.

    Args:
        file: path of an upload, or an open file; None if nothing was sent.
        request: whose preferred language error messages use.

    Returns:
        The image, as ``model.imaging.read_image`` returns it.

    Raises:
        gr.Error: there is no file, or it cannot be read as an image; the message is for the client.
    """
    reason = "no_image"
    if file is not None:
        try:
            return read_image(file)
        except UnreadableImage as error:
            reason = error.reason
        except OSError:  # The path of a folder, or of an upload that has been deleted.
            reason = "not_an_image"
    raise gr.Error(TEXTS[reason][language_of(request)], title="", print_exception=False)
