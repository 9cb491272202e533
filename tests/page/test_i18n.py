"""Every text exists in every language, with the same values, and is used."""

import re
import string
import tomllib
from pathlib import Path

import pytest

from model.imaging import ERROR_MESSAGES, UnreadableImage
from model.release import LABELS
from page.body_limit import MAX_BYTES
from page.i18n import (
    FALLBACK_REASONS,
    FILE_KINDS,
    GRADIO_IN_FRENCH,
    LANGUAGES,
    NAMES,
    TEXTS,
    Locale,
    language_of,
)

ROOT = Path(__file__).parents[2]
LOCALES = {
    language: tomllib.loads((ROOT / f"page/locales/{language}.toml").read_text(encoding="utf-8"))
    for language in LANGUAGES
}


SHARED = ("page", "errors", "about", "gradio")


def keys(locale):
    return [(section, key) for section in SHARED for key in locale[section]]


def placeholders(text):
    return sorted(name for _, name, _, _ in string.Formatter().parse(text) if name is not None)


def source_of(*patterns):
    files = (file for pattern in patterns for file in sorted(ROOT.glob(pattern)))
    return "\n".join(file.read_text(encoding="utf-8") for file in files)


def test_the_locales_have_the_same_keys():
    english, french = LOCALES.values()
    assert english.keys() == {*SHARED, "names", "programs"}
    assert french.keys() == {*SHARED, "names", "file_kinds", "fallback_reasons", "gradio_names"}
    for section in SHARED:
        assert list(english[section]) == list(french[section])
    assert english["names"].keys() <= french["names"].keys()


def test_no_two_texts_have_the_same_key():
    sections = ("page", "errors", "about", "names")
    all_keys = [key for section in sections for key in LOCALES["fr"][section]]
    assert sorted(all_keys) == sorted(TEXTS | NAMES)


@pytest.mark.parametrize(("section", "key"), keys(LOCALES["en"]))
def test_a_text_has_the_same_placeholders_in_every_language(section, key):
    english, french = (locale[section][key] for locale in LOCALES.values())
    assert english.strip() and french.strip()
    assert placeholders(english) == placeholders(french)


@pytest.mark.parametrize("texts", [FILE_KINDS, FALLBACK_REASONS])
def test_every_text_of_the_model_is_translated(texts):
    assert list(texts["en"]) == list(texts["fr"])
    for key, english in texts["en"].items():
        assert placeholders(english) == placeholders(texts["fr"][key])
        assert english != texts["fr"][key].strip() != ""


def test_every_text_is_used():
    source = source_of("app.py", "page/**/*.py", "page/**/*.js", "page/**/*.html")
    used = {*re.findall(r'"(\w+)"', source), *re.findall(r"words\.(\w+)", source), *ERROR_MESSAGES}
    # Texts about one label, or for labels other than ours, are found by the name of the text.
    found = {f"{text}_{label}" for text in used for label in (*LABELS, "any")}
    assert set(TEXTS) - used - found == set()


def test_every_name_is_one_that_the_training_uses():
    source = source_of("train/**/*.py", "model/release.py", "train/results/*/*.json")
    assert [name for name in NAMES if f'"{name}"' not in source] == []


def test_every_reason_of_an_unreadable_image_has_a_text():
    assert set(UnreadableImage.REASONS) <= set(LOCALES["en"]["errors"])


def test_the_text_about_a_large_file_names_the_limit():
    megabytes = MAX_BYTES // 2**20
    for language, unit in (("en", "MB"), ("fr", "Mo")):
        assert f"{megabytes} {unit}" in LOCALES[language]["errors"]["file_too_large"]


def test_no_sentence_is_left_in_the_other_language():
    for text in TEXTS.values():
        if len(text["en"].split()) > 2:
            assert text["en"] != text["fr"]


def test_french_punctuation_has_no_break_spaces():
    texts = [text["fr"] for text in (TEXTS | NAMES).values()] + list(GRADIO_IN_FRENCH.values())
    texts += [*FILE_KINDS["fr"].values(), *FALLBACK_REASONS["fr"].values()]
    for text in texts:
        assert not re.search(r"[^\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}][?!;:»%](\s|$)", text)
        assert not re.search(r" [?!;:»%]|« |'", text)


def test_french_numbers():
    locale = Locale("fr")
    assert locale.number(4217) == "4\N{NARROW NO-BREAK SPACE}217"
    assert locale.number(0.0006) == "0,0006"
    assert locale.percent(0.976) == "97,6\N{NO-BREAK SPACE}%"


class _Request:
    def __init__(self, accepted):
        self.headers = {"accept-language": accepted}


@pytest.mark.parametrize(
    ("accepted", "language"),
    [("fr-CA,fr;q=0.9,en;q=0.8", "fr"), ("FR", "fr"), ("en,fr;q=0.5", "en"), ("de", "en")],
)
def test_the_language_is_the_first_one_that_the_request_names(accepted, language):
    assert language_of(_Request(accepted)) == language
    assert language_of(None) == "en"
