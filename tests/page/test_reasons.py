import re
from pathlib import Path

import pytest

from model import weights
from page.about.reasons import reason_in

SAID = re.findall(
    r'(?:_HubRefused\(|return )f?"([a-z][^"]+ [^"]+)"', Path(weights.__file__).read_text()
)
"""Every reason that model/weights.py may give, as it stands there."""

FILLED = {
    "{deadline:g}": "10",
    "{error.response.status_code}": "503",
    "{type(error).__name__}": "ValueError",
}


def test_all_reasons_are_found():
    assert len(SAID) >= 10


@pytest.mark.parametrize("reason", SAID)
def test_each_reason_is_said_in_french_too(reason):
    for gap, value in FILLED.items():
        reason = reason.replace(gap, value)
    english = f"user/name@main: {reason}"
    french = reason_in("fr", english)
    assert french.startswith("user/name@main: ")
    assert french != english
    assert all(value in french for value in FILLED.values() if value in english)
    assert reason_in("en", english) == english
