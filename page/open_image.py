"""Decode an image that a client sent, or raise an error in its language."""

import io

import gradio as gr
from starlette.requests import Request

from model.decoding.frames import Frames
from model.imaging import UnreadableImage, read_frames
from page.i18n import ERRORS, FILE_KINDS, language_of


def open_image(file: str | io.BytesIO | None, request: gr.Request | Request | None) -> Frames:
    """Decode an image file, or several frames of a stack.

    Args:
        file: path of an upload, or an open file; None if nothing was sent.
        request: determines the language of error messages.

    Returns:
        The image or images, as ``model.imaging.read_frames`` returns them.

    Raises:
        gr.Error: there is no file, or it cannot be read as an image; the message is for the client.
    """
    language = language_of(request)
    sentence = ERRORS[language]["no_image"]
    if file is not None:
        try:
            return read_frames(file)
        except UnreadableImage as error:
            sentence = error.message(ERRORS[language], FILE_KINDS[language])
        except OSError:  # The path of a folder, or of an upload that has been deleted.
            sentence = ERRORS[language]["not_an_image"]
    raise gr.Error(sentence, title="", print_exception=False)
