"""What a hostile visitor tries against the running app."""

import html
import json
import socket
import time

import httpx
import pytest
from plain_http import call, upload
from running_app import EXAMPLES, ROOT

NOT_A_PICTURE = "This file is not a picture that can be read; try a JPEG or a PNG."

MARKUP = '"><img src=x onerror=alert(1)>{{7*7}}${7*7}[a](javascript:alert(1))'

QUEUE_SIZE = 64


@pytest.fixture
def http(app):
    with httpx.Client(base_url=f"{app.url}/gradio_api", timeout=60) as http:
        yield http


@pytest.fixture
def private_file(tmp_path):
    """A picture that the app may read and that nobody sent it."""
    file = tmp_path / "private.png"
    file.write_bytes(EXAMPLES["brain"].read_bytes())
    return file


@pytest.fixture
def listener():
    """A server on this machine that must not be asked; its socket, and its address."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.3)
        yield server, server.getsockname()[1]


@pytest.mark.parametrize(
    "path",
    [
        "{private}",
        "/etc/passwd",
        str(ROOT / "app.py"),
        "app.py",
        "model/release.json",
        "../../../../../../etc/passwd",
        "{uploads}/../../private.png",
        "{uploads}/%2e%2e/private.png",
        "file://{private}",
        "file:{private}",
        "\0",
    ],
)
def test_a_file_that_was_not_uploaded_is_neither_answered_nor_served(
    http, app, tmp_path, private_file, path
):
    log = app.log
    path = path.format(private=private_file, uploads=tmp_path)
    assert call(http, {"path": path}) == ("error", NOT_A_PICTURE)
    for reply in (
        http.get("/file=" + path.replace("\0", "%00")),
        http.get("/file/" + path.replace("\0", "%00")),
        http.get("/static/" + path.replace("\0", "%00")),
    ):
        assert reply.status_code in (403, 404, 422), reply.url
        assert private_file.read_bytes() not in reply.content
    assert app.log == log


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "0.0.0.0", "2130706433"])
@pytest.mark.parametrize("key", ["path", "url"])
def test_the_app_asks_no_other_server_on_its_own_machine(http, app, listener, host, key):
    server, port = listener
    log = app.log
    url = f"http://{host}:{port}/picture.png"
    assert call(http, {key: url}) == ("error", NOT_A_PICTURE)
    assert http.get(f"/file={url}").status_code == 403
    with pytest.raises(TimeoutError):
        server.accept()
    assert app.log == log


@pytest.mark.parametrize(
    "name", ["../../evil.png", "/tmp/evil.png", "a\\..\\evil.png", "x" * 300 + ".png"]
)
def test_a_name_does_not_place_an_upload_outside_its_folder(http, name):
    content = EXAMPLES["lung"].read_bytes()
    folder, _ = upload(http, "plain.png", content)["path"].rsplit("/", 1)
    sent = upload(http, name, content)
    assert sent["path"].rsplit("/", 1)[0] == folder
    assert sent["path"].rsplit("/", 1)[1] not in ("", ".", "..")
    assert call(http, sent) == ("complete", "lung")


def test_a_name_that_is_no_name_is_refused(http):
    assert http.post("/upload", files={"files": ("..", b"a")}).status_code == 400


def test_markup_in_a_file_s_name_comes_back_in_no_answer(http, app):
    log = app.log
    for content in (EXAMPLES["lung"].read_bytes(), MARKUP.encode()):
        event, text = call(http, upload(http, f"{MARKUP}.png", content))
        assert (event, text) in {("complete", "lung"), ("error", NOT_A_PICTURE)}
    assert app.log == log


def test_what_is_uploaded_is_never_shown_by_the_browser_as_a_page(http):
    for name in ("page.html", "drawing.svg", "page.png.html", "page.xhtml"):
        path = upload(http, name, b"<script>alert(1)</script>")["path"]
        reply = http.get(f"/file={path}")
        assert reply.headers["content-disposition"].startswith("attachment")
        assert reply.headers["content-type"].startswith("application/octet-stream")


def test_the_uploads_of_others_cannot_be_listed_or_guessed(http, app):
    path = upload(http, "private.png", EXAMPLES["brain"].read_bytes())["path"]
    folder, digest, _ = path.rsplit("/", 2)
    # It is 256 bits of the content: who can name it, has it.
    assert len(digest) == 64
    for guess in (folder, f"{folder}/{digest}", f"{folder}/{'0' * 64}/private.png"):
        assert http.get(f"/file={guess}").status_code == 403
        assert call(http, {"path": guess}) == ("error", NOT_A_PICTURE)


@pytest.mark.parametrize("route", ["/upload", "/call/predict", "/queue/join", "/run/predict"])
def test_a_body_larger_than_any_picture_is_refused(http, route):
    many = {f"files{number}": ("a.png", bytes(15 * 2**20)) for number in range(2)}
    body = {"files": many} if route == "/upload" else {"content": bytes(30 * 2**20)}
    assert http.post(route, **body).status_code in (404, 413)
    assert call(http, upload(http, "a.png", EXAMPLES["lung"].read_bytes()))[1] == "lung"


def test_a_body_that_does_not_say_how_long_it_is_ends_at_the_same_size(http):
    chunks = (bytes(2**20) for _ in range(40))
    assert http.post("/call/predict", content=chunks).status_code == 413


def test_a_full_queue_refuses_with_a_status_and_serves_what_it_took(app):
    limits = httpx.Limits(max_connections=None)
    with httpx.Client(base_url=f"{app.url}/gradio_api", timeout=60, limits=limits) as http:
        sent = upload(http, "a.png", EXAMPLES["lung"].read_bytes())
        body = {"data": [sent | {"meta": {"_type": "gradio.FileData"}}]}
        replies = _flood(app, json.dumps(body), 400)
        assert set(replies) == {"200", "503"}
        assert replies.count("200") >= QUEUE_SIZE
        assert _call_when_there_is_room(http, sent) == ("complete", "lung")


def _call_when_there_is_room(http, sent):
    """The answer of the first call that the queue takes; the refused ones took no place in it."""
    end = time.monotonic() + 60
    while True:
        try:
            return call(http, sent)
        except httpx.HTTPStatusError as error:
            assert error.response.status_code == 503
            assert time.monotonic() < end


def _flood(app, body, count):
    """The status of each of many calls, sent at once on connections that were opened before."""
    url = httpx.URL(app.url)
    request = (
        "POST /gradio_api/call/predict HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n{body}"
    )
    connections = [socket.create_connection((url.host, url.port)) for _ in range(count)]
    for connection in connections:
        connection.sendall(request.encode())
    replies = []
    for connection in connections:
        with connection:
            replies.append(connection.recv(2**16).split()[1].decode())
    return replies


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "http://127.0.0.1.evil.example"]
)
def test_another_site_may_not_read_what_the_app_says_to_a_visitor(app, origin):
    for method in ("GET", "OPTIONS"):
        headers = {"Origin": origin, "Access-Control-Request-Method": "POST"}
        reply = httpx.request(method, f"{app.url}/config", headers=headers)
        assert "access-control-allow-origin" not in reply.headers


@pytest.mark.parametrize("name", ["Host", "X-Forwarded-Host", "X-Gradio-Server", "Referer"])
def test_markup_in_a_header_does_not_come_back_as_markup(app, name):
    markup = "evil.example</script><script>alert(1)</script>"
    page = httpx.get(app.url, headers={name: markup}).text
    assert "<script>alert(1)" not in page
    assert "<script>alert(1)" not in html.unescape(page.split("window.gradio_config", 1)[0])
