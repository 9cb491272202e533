"""Every text is there in every language, and says the same things."""

import re
import string

import pytest

from page.about.texts import TEXTS as ABOUT_TEXTS
from page.texts import GRADIO_IN_FRENCH, GRADIO_TEXTS, LANGUAGES, TEXTS, language_of

ALL = TEXTS | GRADIO_TEXTS | ABOUT_TEXTS


@pytest.mark.parametrize("key", ALL)
def test_a_text_is_there_in_every_language(key):
    assert set(ALL[key]) == set(LANGUAGES)
    assert all(text.strip() for text in ALL[key].values())


@pytest.mark.parametrize("key", ALL)
def test_the_languages_of_a_text_take_the_same_values(key):
    fields = [
        {name for _, name, _, _ in string.Formatter().parse(text) if name}
        for text in ALL[key].values()
    ]
    assert fields[0] == fields[1]


def test_a_sentence_is_not_left_in_the_other_language():
    for text in ALL.values():
        if len(text["en"].split()) > 2:
            assert text["en"] != text["fr"]


def test_french_typography():
    for text in [text["fr"] for text in ALL.values()] + list(GRADIO_IN_FRENCH.values()):
        assert not re.search(r"\w[?!;:](\s|$)", text), text


class _Request:
    def __init__(self, accepted):
        self.headers = {"accept-language": accepted}


@pytest.mark.parametrize(
    ("accepted", "language"),
    [("fr-CA,fr;q=0.9,en;q=0.8", "fr"), ("FR", "fr"), ("en,fr;q=0.5", "en"), ("de", "en")],
)
def test_the_language_is_the_one_the_request_names_first(accepted, language):
    assert language_of(_Request(accepted)) == language
    assert language_of(None) == "en"
