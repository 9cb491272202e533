"""Images that several test modules read."""

import pytest

from tests.helpers.bad_files import photograph


@pytest.fixture(scope="module")
def photo():
    return photograph()
