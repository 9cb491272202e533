"""Decode what a client sent, or say in its language why that is impossible."""

import io

import gradio as gr
from starlette.requests import Request

from model.decoding.frames import Frames
from model.imaging import UnreadableImage, read_frames
from page.i18n import FILE_KINDS, TEXTS, language_of


def open_image(file: str | io.BytesIO | None, request: gr.Request | Request | None) -> Frames:
    """Decode an image file, or several frames of a stack.

    Args:
        file: path of an upload, or an open file; None if nothing was sent.
        request: whose preferred language error messages use.

    Returns:
        The image or images, as ``model.imaging.read_frames`` returns them.

    Raises:
        gr.Error: there is no file, or it cannot be read as an image; the message is for the client.
    """
    language = language_of(request)
    sentence = TEXTS["no_image"][language]
    if file is not None:
        try:
            return read_frames(file)
        except UnreadableImage as error:
            sentence = refusal(error, language)
        except OSError:  # The path of a folder, or of an upload that has been deleted.
            sentence = TEXTS["not_an_image"][language]
    raise gr.Error(sentence, title="", print_exception=False)


def refusal(error: UnreadableImage, language: str) -> str:
    """Say in "en" or "fr" what a file is instead of an image, or why it cannot be read."""
    if error.reason == "not_an_image" and error.kind:
        return TEXTS["other_kind"][language].format(kind=FILE_KINDS[error.kind][language])
    return TEXTS[error.reason][language].format(kind=error.kind)
