"""What the tests of Gradio's internals have in common."""

from pathlib import Path

import gradio as gr

from tests.helpers.running_app import ROOT

COMPAT = ROOT / "page" / "gradio_compat"

ASSETS = Path(gr.__file__).parent / "templates" / "frontend" / "assets"

CHECKED = set()
"""The internals that a test asserts, by the names that the table in README.md uses."""


def asserts(*names):
    """Register what a test asserts."""

    def register(test):
        assert test.__name__.startswith("test_")
        CHECKED.update(names)
        return test

    return register
