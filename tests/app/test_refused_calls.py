"""Requests that are no calls are refused in a sentence, and nothing of them is logged."""

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Route
from starlette.testclient import TestClient

from page.gradio_compat.refused_calls import HANDLERS
from page.i18n import LANGUAGES, TEXTS
from page.request_body import MAX_BODY_BYTES
from tests.helpers.running_app import EXAMPLES


@pytest.mark.parametrize(
    ("route", "sent"),
    [
        ("/call/predict", {"content": EXAMPLES["lung"].read_bytes()}),
        ("/queue/join", {"files": {"file": EXAMPLES["lung"].read_bytes()}}),
        ("/queue/join", {"json": {"data": ["x"], "fn_index": 999, "session_hash": "x"}}),
        ("/call/classify", {"json": {"data": ["x"]}}),
        ("/call/v2/classify", {"json": {"image": "x"}}),
        ("/call/v2/predict", {"json": {"picture": "x"}}),
        ("/upload", {"files": {"files": (None, EXAMPLES["lung"].read_bytes())}}),
    ],
)
@pytest.mark.parametrize("language", LANGUAGES)
def test_calls_that_gradio_does_not_know_are_not_logged(app, route, sent, language):
    log = app.read_log()
    address = f"{app.url}/gradio_api{route}"
    reply = httpx.post(address, headers={"Accept-Language": language}, **sent)
    assert (reply.status_code, reply.json()) == (422, {"error": TEXTS["unknown_call"][language]})
    assert app.read_log() == log


@pytest.mark.parametrize("content", [bytes, lambda size: iter([bytes(size)])])
def test_the_route_refuses_larger_bodies_than_the_app_in_its_own_words(app, content):
    reply = httpx.post(f"{app.url}/predict", content=content(MAX_BODY_BYTES + 1), timeout=60)
    assert (reply.status_code, reply.json()) == (413, {"error": TEXTS["file_too_large"]["en"]})


@pytest.mark.parametrize("error", [KeyError, TypeError])
def test_a_fault_of_ours_is_still_an_error(error):
    def fail(request):
        raise error("a fault")

    app = Starlette(routes=[Route("/", fail)], exception_handlers=HANDLERS)
    with pytest.raises(error, match="a fault"):
        TestClient(app).get("/")
