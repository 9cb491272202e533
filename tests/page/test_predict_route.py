"""POST /predict: one request per image."""

import asyncio
import base64
import contextlib
import gzip
import math
import socket
import threading

import gradio as gr
import httpx
import pytest
from gradio_client import Client, handle_file
from starlette.applications import Starlette

from page import predict_route
from page.i18n import TEXTS
from page.predict_route import PredictRoute
from tests.helpers.async_tests import async_test
from tests.helpers.refusals import refusals
from tests.helpers.running_app import EXAMPLES

BRAIN = EXAMPLES["brain"].read_bytes()

LARGEST = 20 * 2**20

QUEUE_SIZE = 64


def post(app, content, **headers):
    return httpx.post(f"{app.url}/predict", content=content, headers=headers, timeout=60)


@pytest.mark.parametrize("label", EXAMPLES)
def test_the_response_equals_that_of_the_gradio_client(app, label):
    reply = post(app, EXAMPLES[label].read_bytes())
    assert reply.status_code == 200
    answer = reply.json()
    assert answer["label"] == label
    assert {row["label"] for row in answer["confidences"]} == set(EXAMPLES)
    assert math.isclose(sum(row["confidence"] for row in answer["confidences"]), 1, abs_tol=1e-6)
    client = Client(app.url, verbose=False, analytics_enabled=False)
    assert client.predict(handle_file(EXAMPLES[label]), api_name="/predict") == answer


@pytest.mark.parametrize(
    ("content", "accepted", "sentence"),
    [
        (b"Seen.", "en", refusals("text")["en"]),
        (b"Seen.", "fr", refusals("text")["fr"]),
        (
            BRAIN[: len(BRAIN) // 2],
            "en",
            TEXTS["damaged"]["en"],
        ),
        (b"", "fr-CA,fr;q=0.9", TEXTS["no_image"]["fr"]),
    ],
    ids=["text", "text, French", "half", "nothing, French"],
)
def test_unreadable_bodies_get_one_sentence_and_the_next_is_predicted(
    app, content, accepted, sentence
):
    log = app.read_log()
    reply = post(app, content, **{"Accept-Language": accepted})
    assert (reply.status_code, reply.json()) == (422, {"error": sentence})
    assert post(app, BRAIN).json()["label"] == "brain"
    assert app.read_log() == log


@pytest.mark.parametrize(
    "request_",
    [
        {"files": {"file": BRAIN}},
        {"json": {"image": base64.b64encode(BRAIN).decode()}},
        {"content": gzip.compress(BRAIN), "headers": {"Content-Encoding": "gzip"}},
    ],
    ids=["form", "JSON", "gzip"],
)
def test_other_ways_of_sending_a_file_are_predicted(app, request_):
    reply = httpx.post(f"{app.url}/predict", timeout=60, **request_)
    assert (reply.status_code, reply.json()["label"]) == (200, "brain")


def test_a_form_without_a_file_and_an_unknown_compression_are_named(app):
    url, french = f"{app.url}/predict", {"Accept-Language": "fr"}
    reply = httpx.post(url, files={"note": (None, "seen")}, headers=french)
    assert reply.status_code == 422
    assert reply.json() == {"error": TEXTS["no_file_in_form"]["fr"]}
    for empty in ({"files": {"file": b""}}, {"json": {"image": ""}}):
        reply = httpx.post(url, headers=french, **empty)
        assert (reply.status_code, reply.json()) == (422, {"error": refusals("empty")["fr"]})
    reply = post(app, BRAIN, **{"Content-Encoding": "br"})
    assert reply.status_code == 415
    assert reply.json() == {"error": TEXTS["unknown_encoding"]["en"].format(encoding="br")}


def in_pieces(size):
    for _ in range(size // 2**20 + 1):
        yield bytes(2**20)


@pytest.mark.parametrize("body", [bytes(LARGEST + 1), in_pieces(LARGEST)], ids=["told", "untold"])
def test_files_over_20_megabytes_are_refused_and_the_app_lives(app, body):
    log = app.read_log()
    # The response can be lost while the rest of the body is sent.
    with contextlib.suppress(httpx.TransportError):
        reply = post(app, body)
        assert reply.status_code == 413
        assert reply.json()["error"] == TEXTS["file_too_large"]["en"]
    assert post(app, BRAIN).json()["label"] == "brain"
    assert app.read_log() == log


def test_aborted_requests_free_their_place(app):
    log = app.read_log()
    url = httpx.URL(app.url)
    for _ in range(QUEUE_SIZE + 1):
        with socket.create_connection((url.host, url.port)) as connection:
            connection.sendall(
                b"POST /predict HTTP/1.1\r\nHost: a\r\nContent-Length: 900000\r\n\r\n"
                + BRAIN[:5000]
            )
    # The server may notice an aborted request only after the next has arrived.
    waited = 0
    while (reply := post(app, BRAIN)).status_code == 503 and waited < 100:
        waited += 1
    assert reply.json()["label"] == "brain"
    assert app.read_log() == log


def test_requests_leave_neither_files_nor_log_lines(app):
    log, before = app.read_log(), set(app.uploads.rglob("*"))
    assert before
    assert post(app, BRAIN).json()["label"] == "brain"
    assert set(app.uploads.rglob("*")) <= before
    assert app.read_log() == log


def test_other_sites_cannot_read_predictions(app):
    for origin in ("https://evil.example", "null"):
        assert "access-control-allow-origin" not in post(app, BRAIN, Origin=origin).headers


@pytest.fixture
def answering():
    """A route with two places that predicts one request at a time, when ``let_go`` is set.

    It knows the bodies "image" and "not an image".
    """

    class Answering:
        let_go = threading.Event()

        def __init__(self):
            self.route = PredictRoute(self.answer, queue_size=2, concurrency=1).route

        def answer(self, file, request):
            self.let_go.wait(60)
            if file.read() != b"image":
                raise gr.Error("This is not an image.")
            return {"label": "brain"}

        def client(self):
            transport = httpx.ASGITransport(Starlette(routes=[self.route]))
            return httpx.AsyncClient(transport=transport, base_url="http://app", timeout=60)

    answering = Answering()
    yield answering
    answering.let_go.set()


@async_test
async def test_a_request_without_a_free_place_is_refused(answering):
    async with answering.client() as client:
        taken = [asyncio.create_task(client.post("/predict", content=b"image")) for _ in "ab"]
        for _ in range(100):
            await asyncio.sleep(0)
        refused = await client.post("/predict", content=b"image", headers={"Accept-Language": "fr"})
        assert refused.status_code == 503
        assert refused.json() == {"error": TEXTS["busy"]["fr"]}
        assert int(refused.headers["Retry-After"]) > 0
        answering.let_go.set()
        assert [(await task).json() for task in taken] == [{"label": "brain"}] * 2
        assert (await client.post("/predict", content=b"image")).json() == {"label": "brain"}


async def endless():
    while True:
        yield b"a"
        await asyncio.sleep(0.01)


@async_test
async def test_places_are_freed_however_a_request_ends(answering, monkeypatch):
    monkeypatch.setattr(predict_route, "MAX_SECONDS", 0.2)
    answering.let_go.set()
    async with answering.client() as client:
        for _ in range(3):
            late = await client.post("/predict", content=endless())
            assert late.status_code == 408
            assert late.json() == {"error": TEXTS["upload_timeout"]["en"]}
            large = await client.post("/predict", content=bytes(LARGEST + 1))
            assert large.status_code == 413
            bad = await client.post("/predict", content=b"not an image")
            assert bad.json() == {"error": "This is not an image."}
        assert (await client.post("/predict", content=b"image")).json() == {"label": "brain"}
