"""What visitors read about files that are not images."""

from model.imaging import UnreadableImage
from page.i18n import LANGUAGES
from page.open_image import refusal


def refusals(kind: str) -> dict[str, str]:
    """Return the sentence about a file of a kind of ``model.decoding.file_kinds``, by language."""
    error = UnreadableImage("not_an_image", kind)
    return {language: refusal(error, language) for language in LANGUAGES}
