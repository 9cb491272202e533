"""Gradio's internals in Python, as page/gradio_compat/README.md lists them, still exist."""

import inspect

import gradio as gr
import pytest
from gradio import (
    blocks,
    blocks_events,
    component_meta,
    http_server,
    mcp,
    processing_utils,
    queueing,
    server_messages,
)
from gradio.i18n import I18nData
from gradio_client import utils as client_utils
from mcp.server.lowlevel import Server
from mcp.shared import session
from starlette.applications import Starlette

from tests.helpers.internals import asserts

ATTRIBUTES = [
    (gr.Blocks, "preprocess_data"),
    (gr.Blocks, "get_api_info"),
    (gr.Blocks, "close"),
    (gr.routes.App, "get_blocks"),
    (gr.HTML, "get_config"),
    (gr.Image, "preprocess"),
    (gr.Image, "postprocess"),
    (gr.Image, "change"),
    (gr.Image, "async_move_resource_to_block_cache"),
    (gr.Accordion, "expand"),
    (gr.Accordion, "collapse"),
    (processing_utils, "save_bytes_to_cache"),
    (client_utils, "is_http_url_like"),
    (server_messages, "CloseStreamMessage"),
    (gr.Blocks(), "mcp_server_obj"),
    (Server, "_make_error_result"),
    (gr.components.Component, "api_info"),
    (gr.components.label, "LabelData"),
    (gr.components.label, "LabelConfidence"),
    (gr.data_classes, "ImageData"),
    (gr.route_utils, "FnIndexInferError"),
    (I18nData("key"), "key"),
]


@asserts("I18nData", *(name for _, name in ATTRIBUTES))
@pytest.mark.parametrize(("owner", "name"), ATTRIBUTES, ids=lambda value: str(value)[:60])
def test_attributes(owner, name):
    assert hasattr(owner, name)


OVERRIDDEN = (
    "render_title_description",
    "render_input_column",
    "render_output_column",
    "attach_submit_events",
    "attach_clear_events",
)
"""Methods of ``gr.Interface``."""


@asserts("postprocess_output_data", "mcp_server", *OVERRIDDEN)
def test_methods_are_called_as_they_are_overridden():
    """An override under an old name would silently stop to be called."""
    assert "await self.preprocess_data(" in inspect.getsource(gr.Blocks.process_api)
    source = inspect.getsource(processing_utils.async_move_files_to_cache)
    assert ".async_move_resource_to_block_cache" in source
    assert "get_api_info(" in inspect.getsource(gr.routes)
    assert "= self.postprocess_output_data(" in inspect.getsource(mcp.GradioMCPServer)
    assert "self.mcp_server = " in inspect.getsource(mcp.GradioMCPServer)
    for name in OVERRIDDEN:
        assert f"self.{name}(" in inspect.getsource(gr.Interface.__init__)


@asserts("inspect.getfile(component_class)", "create_or_modify_pyi")
def test_stubs_are_written_for_classes_with_a_file():
    """Of which ``inspect.getfile(component_class)`` knows."""
    assert "inspect.getfile(component_class)" in inspect.getsource(component_meta)
    for module in (blocks_events, component_meta):
        assert "        create_or_modify_pyi(" in inspect.getsource(module)


@asserts("GRADIO_SERVER_PORT", "GRADIO_SERVER_NAME")
def test_variables_of_the_server_are_read_at_import():
    source = inspect.getsource(http_server)
    for name in ("GRADIO_SERVER_PORT", "GRADIO_SERVER_NAME"):
        assert f'os.getenv("{name}"' in source


@asserts("temp_file_sets", "_queue", "GRADIO_CACHE", "is_template", "_getters")
@asserts("pending_event_ids_session", "pending_messages_per_session")
@asserts("sleep_when_free", "progress_update_sleep_when_free")
def test_attributes_of_instances():
    with gr.Blocks() as demo:
        image = gr.Image()
        listener = image.change(lambda image: None, image, None)
    assert hasattr(listener, "failure")
    for owner, names in {
        demo: ("temp_file_sets", "_queue"),
        demo._queue: (
            *("pending_event_ids_session", "pending_messages_per_session"),
            *("sleep_when_free", "progress_update_sleep_when_free"),
        ),
        image: ("GRADIO_CACHE",),
        gr.Sketchpad: ("is_template",),
        queueing.AsyncQueue(): ("_getters", "put_nowait"),
    }.items():
        for name in names:
            assert hasattr(owner, name), f"{type(owner).__name__}.{name}"


@asserts("GRADIO_TEMP_DIR")
@asserts("GRADIO_ANALYTICS_MAX_EVENTS", "GRADIO_ANALYTICS_CACHE_FREQUENCY")
def test_environment_variables(monkeypatch, tmp_path):
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path / "uploads"))
    monkeypatch.setenv("GRADIO_ANALYTICS_MAX_EVENTS", "3")
    monkeypatch.setenv("GRADIO_ANALYTICS_CACHE_FREQUENCY", "7")
    with gr.Blocks() as demo:
        image = gr.Image()
    folder = image.GRADIO_CACHE
    assert folder == str(tmp_path / "uploads")
    assert demo._queue.ANALYTICS_MAX_EVENTS == 3
    assert demo._queue.ANAYLTICS_CACHE_FREQUENCY == 7


@asserts("logging.warning", "mcp.shared.session")
def test_wrong_calls_of_agents_are_logged_by_the_root_logger():
    assert "logging.warning(f" in inspect.getsource(session)


@asserts("app_kwargs", "head", "max_body_size", "routes", "middleware", "exception_handlers")
@asserts("lifespan", "OSError", "server", "force_exit")
def test_launch_arguments():
    for name in ("app_kwargs", "head"):
        assert name in inspect.signature(gr.Blocks.launch).parameters
    for name in ("max_body_size", "routes", "middleware", "exception_handlers"):
        assert name in inspect.signature(Starlette.__init__).parameters
    assert 'app_kwargs["lifespan"]' in inspect.getsource(gr.routes)
    # The ``OSError`` for a port in use.
    assert "empty port" in inspect.getsource(http_server)
    assert "self.server = server" in inspect.getsource(blocks)
    assert "not self.force_exit" in inspect.getsource(http_server.Server.shutdown)


@asserts("gr.on([], …)")
def test_a_listener_without_an_event_is_an_endpoint():
    with gr.Blocks() as demo:
        gr.on([], lambda text: text, gr.Textbox(), gr.Textbox(), api_name="echo")
    (listener,) = demo.config["dependencies"]
    assert listener["targets"] == []
    assert "/echo" in demo.get_api_info()["named_endpoints"]


@asserts("async_move_files_to_cache")
def test_files_are_found_in_any_value():
    """The image of an example is inside a dictionary, in a component that has no files."""
    source = inspect.getsource(gr.Blocks.postprocess_data)
    assert "processing_utils.async_move_files_to_cache(" in source
