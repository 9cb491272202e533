"""The page says in the visitor's language why the Hub gave no weights."""

import re
from pathlib import Path

import pytest

from model import weights
from model.weights import FallbackReason
from page.i18n import FALLBACK_REASONS


def test_every_reason_is_given():
    source = Path(weights.__file__).read_text(encoding="utf-8")
    given = re.findall(r'(?:FallbackReason|_HubRefused)\("(\w+)"', source)
    assert set(given) == set(weights.FALLBACK_REASONS)


@pytest.mark.parametrize("key", weights.FALLBACK_REASONS)
def test_each_reason_is_translated(key):
    reason = FallbackReason(key, 503, "user/name@main")
    english, french = (reason.text(FALLBACK_REASONS[language]) for language in ("en", "fr"))
    assert english == reason.text() != french
    for text in (english, french):
        assert text.startswith("user/name@main: ")
        assert "{" not in text
        assert ("503" in text) == ("{value}" in weights.FALLBACK_REASONS[key])
