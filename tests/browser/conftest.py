"""Visits to the page."""

import pytest

from tests.helpers.browser import expect_complete


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
