"""Texts, names and numbers in the languages of the page; the texts are in page/locales."""

import re
import tomllib
from collections.abc import Sequence
from pathlib import Path

import gradio as gr
from markupsafe import Markup
from starlette.requests import Request

from model import weights
from model.decoding.file_kinds import KINDS
from model.release import LABELS

LANGUAGES = ("en", "fr")

NBSP = "\N{NO-BREAK SPACE}"
NNBSP = "\N{NARROW NO-BREAK SPACE}"


def _read(language: str) -> dict[str, dict[str, str]]:
    file = Path(__file__).with_name("locales") / f"{language}.toml"
    sections = tomllib.loads(file.read_text(encoding="utf-8"))
    return {
        section: {key: _typeset(text, language) for key, text in texts.items()}
        for section, texts in sections.items()
    }


def _typeset(text: str, language: str) -> str:
    """Insert curly apostrophes and no-break spaces, in French also at punctuation marks."""
    text = re.sub(r"(?<=[\d}]) (?=M[Bo]\b)", NBSP, text)
    if language == "fr":
        text = re.sub(r"(?<=«) | (?=[»:%])", NBSP, text)
        text = re.sub(r" (?=[;?!])", NNBSP, text)
    return text.replace("'", "\N{RIGHT SINGLE QUOTATION MARK}")


_LOCALES = {language: _read(language) for language in LANGUAGES}


def _by_key(*sections: str) -> dict[str, dict[str, str]]:
    return {
        key: {language: _LOCALES[language][section][key] for language in LANGUAGES}
        for section in sections
        for key in _LOCALES["en"][section]
    }


TEXTS = _by_key("page", "errors", "about")
"""Every text of the page, by key and language."""

FOR_PROGRAMS = _LOCALES["en"]["programs"]
"""Error messages for programs, whose language is unknown, by key."""

NAMES = {
    name: {"en": _LOCALES["en"]["names"].get(name, name), "fr": french}
    for name, french in _LOCALES["fr"]["names"].items()
}
"""The names that result files use, by name and language."""

ERRORS = {language: locale["errors"] for language, locale in _LOCALES.items()}
"""Error messages by language, then by key."""

FILE_KINDS = {"en": KINDS, "fr": _LOCALES["fr"]["file_kinds"]}
"""Kinds of file that are not images, by language, then by the key of ``file_kinds.KINDS``."""

FALLBACK_REASONS = {"en": weights.FALLBACK_REASONS, "fr": _LOCALES["fr"]["fallback_reasons"]}
"""Why the Hub gave no weights, by language, then by the key of ``weights.FALLBACK_REASONS``."""

GRADIO_IN_FRENCH = _LOCALES["fr"]["gradio_names"]
"""The accessible names that Gradio has in English only."""

translate = gr.I18n(
    **{
        language: locale["page"] | locale["errors"] | locale["gradio"]
        for language, locale in _LOCALES.items()
    }
)


def wording(key: str, labels: Sequence[str]) -> str:
    """Return the key of a text about brain, lung and other, or of one for any other labels."""
    return key if tuple(labels) == LABELS else f"{key}_any"


def about_labels(labels: Sequence[str]) -> dict[str, dict[str, dict[str, str]]]:
    """Return names of labels and sentences about them: by language, by kind, by label."""
    kinds = ("sure", "perhaps", "second")
    texts = {language: {kind: {} for kind in ("name", *kinds)} for language in LANGUAGES}
    for language, of_language in texts.items():
        for label in labels:
            name = of_language["name"][label] = Locale(language).label(label)
            # The sentences about "other" name all of our labels.
            ours = label in LABELS and (label != "other" or tuple(labels) == LABELS)
            for kind in kinds:
                text = TEXTS[f"{kind}_{label if ours else 'any'}"][language]
                of_language[kind][label] = text.replace("{label}", name)
    return texts


def words(*keys: str) -> dict[str, dict[str, str]]:
    """Return texts and names for a component: by language, then by key, with "language" added."""
    texts = TEXTS | NAMES
    return {
        language: {"language": language} | {key: texts[key][language] for key in keys}
        for language in LANGUAGES
    }


def language_of(request: gr.Request | Request | None) -> str:
    """Return the language that a request prefers, "en" or "fr"; "en" without a request."""
    accepted = request.headers.get("accept-language", "") if request else ""
    return "fr" if accepted.lower().startswith("fr") else "en"


class Locale:
    """Texts, names and numbers as one language writes them.

    Args:
        language: one of ``LANGUAGES``.
    """

    def __init__(self, language: str):
        self.language = language
        self._french = language == "fr"

    def text(self, key: str, **values) -> Markup:
        """Return a text as HTML, with its values escaped and filled in."""
        text = Markup(TEXTS[key][self.language])  # nosec B704  # our own text
        return text.format(**values)

    def name(self, key: str) -> str:
        """Translate a name that the result files use; return unknown names as they are."""
        return NAMES[key][self.language] if key in NAMES else key

    def label(self, label: str) -> str:
        """Translate the name of one of our labels; return any other label as it is."""
        return self.name(label) if label in LABELS else label

    def decimal(self, value: float, places: int = 3) -> str:
        """Write a number with a fixed number of decimal places: 0.976, or 0,976 in French."""
        return self._localise(f"{value:,.{places}f}")

    def percent(self, share: float, places: int = 1) -> str:
        """Write a share of 0 to 1 in percent: 97.6%, or 97,6 % in French."""
        return self.decimal(100 * share, places) + (f"{NBSP}%" if self._french else "%")

    def number(self, value: float) -> str:
        """Write a number with all its digits: 4,217 or 0.0006; 4 217 or 0,0006 in French."""
        return self._localise(f"{value:,}")

    def interval(self, figure: dict[str, float], form=None) -> str:
        """Write the interval of a figure, its ends formatted by ``form`` (default ``decimal``)."""
        form = form or self.decimal
        return f"{form(figure['low'])}\N{EN DASH}{form(figure['high'])}"

    def _localise(self, number: str) -> str:
        if not self._french:
            return number
        return number.translate({ord(","): NNBSP, ord("."): ","})
