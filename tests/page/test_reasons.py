"""Every reason why the Hub gave no weights is translated."""

import re
from pathlib import Path

import pytest

from model import weights
from page.i18n import FALLBACK_REASONS, Locale

REASONS = re.findall(
    r'(?:_HubRefused\(|return |"bundled", )f?"([a-z][^"]+ [^"]+)"',
    Path(weights.__file__).read_text(encoding="utf-8"),
)
"""Every reason in model/weights.py, as its source has it."""

VALUES = {
    "{deadline:g}": "10",
    "{error.response.status_code}": "503",
    "{type(error).__name__}": "ValueError",
}


def test_the_locales_have_exactly_these_reasons():
    assert {re.sub("{.*?}", "{}", reason) for reason in REASONS} == set(FALLBACK_REASONS)


@pytest.mark.parametrize("reason", REASONS)
def test_each_reason_is_translated(reason):
    for placeholder, value in VALUES.items():
        reason = reason.replace(placeholder, value)
    english = f"user/name@main: {reason}"
    french = Locale("fr").fallback_reason(english)
    assert french.startswith("user/name@main: ")
    assert french != english
    assert all(value in french for value in VALUES.values() if value in english)
    assert Locale("en").fallback_reason(english) == english
