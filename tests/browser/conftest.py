"""One browser for all tests of this folder."""

import pytest

from tests.helpers.browser import Visitors, chromium, expect_complete


@pytest.fixture(scope="package")
def browser():
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="package")
def visitors(browser):
    return Visitors(browser)


@pytest.fixture
def visit(app, visitors):
    """Return a function that opens the page as a visitor and waits until it is complete."""

    def visit(before=lambda page: None, **options):
        page = visitors.open(**options)
        before(page)
        page.goto(app.url)
        expect_complete(page)
        return page

    yield visit
    visitors.leave()
