"""The configuration of HTML components: that of Gradio, computed once."""

import gradio as gr
import pytest
from gradio.state_holder import SessionState

import app
from page.gradio_compat.html import HTML


@pytest.fixture(scope="module")
def components():
    """The HTML components of the page."""
    return [block for block in app.demo.blocks.values() if isinstance(block, gr.HTML)]


def test_the_page_has_the_configuration_that_gradio_computes(components):
    assert components
    for component in components:
        assert component.get_config() == gr.HTML.get_config(component)


def test_a_session_computes_no_configuration_again(components, monkeypatch):
    SessionState(app.demo)
    computed = []
    monkeypatch.setattr(gr.HTML, "get_config", lambda self, *_: computed.append(self) or {})
    SessionState(app.demo)
    assert computed == []


def test_a_configuration_that_is_changed_stays_with_who_changes_it():
    component = HTML("text")
    component.get_config().clear()
    assert component.get_config()["value"] == "text"
