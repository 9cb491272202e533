"""Which files are refused, and what visitors read about them."""

import io

import pytest

from model.imaging import UnreadableImage, read_image
from page.i18n import ERRORS, FILE_KINDS, LANGUAGES


def refusal(error: UnreadableImage, language: str) -> str:
    """Return what visitors read about a file that cannot be read."""
    return error.message(ERRORS[language], FILE_KINDS[language])


def refusals(kind: str) -> dict[str, str]:
    """Return the sentence about a file of a kind of ``model.decoding.file_kinds``, by language."""
    error = UnreadableImage("not_an_image", kind)
    return {language: refusal(error, language) for language in LANGUAGES}


def refused(content: bytes) -> UnreadableImage:
    """Return the error that refuses a file."""
    with pytest.raises(UnreadableImage) as caught:
        read_image(io.BytesIO(content))
    assert caught.value.reason in UnreadableImage.REASONS
    return caught.value
