"""Attacks on the running app."""

import contextlib
import html
import json
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest

from page.i18n import FOR_PROGRAMS, TEXTS
from tests.helpers.load_test import call_when_there_is_room
from tests.helpers.plain_http import call, upload
from tests.helpers.refusals import refusals
from tests.helpers.running_app import EXAMPLES, ROOT, RunningApp

NOT_AN_IMAGE = TEXTS["not_an_image"]["en"]
NO_DOWNLOAD = FOR_PROGRAMS["no_download"]

MARKUP = '"><img src=x onerror=alert(1)>{{7*7}}${7*7}[a](javascript:alert(1))'

QUEUE_SIZE = 64


@pytest.fixture(scope="module")
def http(app):
    with httpx.Client(base_url=f"{app.url}/gradio_api", timeout=60) as http:
        yield http


@pytest.fixture
def private_file(tmp_path):
    """An image that the app can read but that was not uploaded."""
    file = tmp_path / "private.png"
    file.write_bytes(EXAMPLES["brain"].read_bytes())
    return file


@pytest.fixture
def listener():
    """A socket on all addresses of this machine that must get no connection."""
    both = socket.has_dualstack_ipv6()
    family = socket.AF_INET6 if both else socket.AF_INET
    with socket.create_server(("", 0), family=family, dualstack_ipv6=both) as server:
        server.setblocking(False)
        yield server


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
def test_a_file_that_was_not_uploaded_is_neither_predicted_nor_served(
    http, app, tmp_path, private_file, path
):
    log = app.read_log()
    path = path.format(private=private_file, uploads=tmp_path)
    assert call(http, {"path": path}) == ("error", NOT_AN_IMAGE)
    for reply in (
        http.get("/file=" + path.replace("\0", "%00")),
        http.get("/file/" + path.replace("\0", "%00")),
        http.get("/static/" + path.replace("\0", "%00")),
    ):
        assert reply.status_code in (403, 404, 422), reply.url
        assert private_file.read_bytes() not in reply.content
    assert app.read_log() == log


@pytest.mark.parametrize(
    "host",
    [
        *("127.0.0.1", "127.1", "2130706433", "0x7f000001", "0x7f.0.0.1", "0177.0.0.1", "0.0.0.0"),
        *("localhost", "LOCALHOST.", "user@localhost", "[::1]", "[::]", "[0:0:0:0:0:0:0:1]"),
        *("[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::127.0.0.1]"),
        *("169.254.169.254", "[fe80::1]", "[::ffff:169.254.169.254]", "10.0.0.1", "[fd00::1]"),
    ],
)
@pytest.mark.parametrize("key", ["path", "url"])
def test_private_addresses_are_never_requested(http, app, listener, host, key):
    log = app.read_log()
    url = f"http://{host}:{listener.getsockname()[1]}/image.png"
    # Gradio itself ignores the other key.
    sentence = {"path": NO_DOWNLOAD, "url": NOT_AN_IMAGE}[key]
    assert call(http, {key: url}) == ("error", sentence)
    assert http.get(f"/file={url}").status_code == 403
    with pytest.raises(BlockingIOError):  # Nobody waits to be let in.
        listener.accept()
    assert app.read_log() == log


@pytest.mark.parametrize("scheme", ["file", "ftp", "gopher", "https", "unix", "data", "HTTP", ""])
def test_other_schemes_reach_neither_servers_nor_files(http, app, listener, scheme, private_file):
    log = app.read_log()
    for rest in (f"//127.0.0.1:{listener.getsockname()[1]}/a.png", f"//{private_file}"):
        for key in ("path", "url"):
            is_address = key == "path" and scheme == "https"
            sentence = NO_DOWNLOAD if is_address else NOT_AN_IMAGE
            assert call(http, {key: f"{scheme}:{rest}"}) == ("error", sentence)
    with pytest.raises(BlockingIOError):
        listener.accept()
    assert app.read_log() == log


STAND_IN = "127.0.0.2"
"""Stands for a public address, which tests cannot reach."""

APP_WITH_STAND_IN = f"""
import os, sys
os.chdir({str(ROOT)!r})
sys.path.insert(0, os.getcwd())
import safehttpx
is_public = safehttpx.is_public_ip
safehttpx.is_public_ip = lambda address: address == {STAND_IN!r} or is_public(address)
from page import download
download.MAX_SECONDS = 2
import app
app.main()
"""


@pytest.fixture
def stand_in(listener):
    """A server with an image at /image.png, too much data at /large and slow data at /slow.

    Any other path redirects to the listener.
    """

    over = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            if self.path == "/image.png":
                self.send_response(200)
                self.end_headers()
                self.wfile.write(EXAMPLES["lung"].read_bytes())
            elif self.path in ("/large", "/slow"):
                self.send_response(200)
                self.end_headers()
                with contextlib.suppress(OSError):  # Nobody listens any longer.
                    while not over.wait(0.2 if self.path == "/slow" else 0):
                        self.wfile.write(bytes(2**20 if self.path == "/large" else 1))
            else:
                host = self.path.removeprefix("/")
                self.send_response(302)
                port = listener.getsockname()[1]
                self.send_header("Location", f"http://{host}:{port}/image.png")
                self.end_headers()

        def log_message(self, *args):
            pass

    try:
        server = ThreadingHTTPServer((STAND_IN, 0), Handler)
    except OSError:
        pytest.skip("the machine has one loopback address only")
    threading.Thread(target=server.serve_forever).start()
    yield f"http://{STAND_IN}:{server.server_port}"
    over.set()
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def app_with_stand_in(tmp_path_factory):
    folder = tmp_path_factory.mktemp("stand-in")
    (folder / "app.py").write_text(APP_WITH_STAND_IN)
    with RunningApp.bundled(folder / "uploads", folder) as app:
        yield app


def test_downloads_from_public_addresses_are_limited(app_with_stand_in, stand_in):
    app = app_with_stand_in
    log = app.read_log()
    with httpx.Client(base_url=f"{app.url}/gradio_api", timeout=60) as http:
        assert call(http, {"path": f"{stand_in}/image.png"}) == ("complete", "lung")
        for endless in ("large", "slow"):
            assert call(http, {"path": f"{stand_in}/{endless}"}) == ("error", NO_DOWNLOAD)
    assert app.read_log() == log


def test_redirects_to_private_addresses_are_not_followed(app_with_stand_in, listener, stand_in):
    app = app_with_stand_in
    log = app.read_log()
    with httpx.Client(base_url=f"{app.url}/gradio_api", timeout=60) as http:
        assert call(http, {"path": f"{stand_in}/image.png"}) == ("complete", "lung")
        for host in ("127.0.0.1", "localhost", "[::1]", "169.254.169.254"):
            assert call(http, {"path": f"{stand_in}/{host}"}) == ("error", NO_DOWNLOAD)
    with pytest.raises(BlockingIOError):
        listener.accept()
    assert app.read_log() == log


@pytest.mark.parametrize(
    "name", ["../../evil.png", "/tmp/evil.png", "a\\..\\evil.png", "x" * 300 + ".png"]
)
def test_file_names_cannot_leave_the_upload_folder(http, name):
    content = EXAMPLES["lung"].read_bytes()
    folder, _ = upload(http, "plain.png", content)["path"].rsplit("/", 1)
    sent = upload(http, name, content)
    assert sent["path"].rsplit("/", 1)[0] == folder
    assert sent["path"].rsplit("/", 1)[1] not in ("", ".", "..")
    assert call(http, sent) == ("complete", "lung")


def test_invalid_file_names_are_refused(http):
    assert http.post("/upload", files={"files": ("..", b"a")}).status_code == 400


def test_markup_in_file_names_is_never_returned(http, app):
    log = app.read_log()
    for content in (EXAMPLES["lung"].read_bytes(), MARKUP.encode()):
        event, text = call(http, upload(http, f"{MARKUP}.png", content))
        assert (event, text) in {("complete", "lung"), ("error", refusals("text")["en"])}
    assert app.read_log() == log


def test_uploads_are_never_rendered_as_pages(http):
    for name in ("page.html", "drawing.svg", "page.png.html", "page.xhtml"):
        path = upload(http, name, b"<script>alert(1)</script>")["path"]
        reply = http.get(f"/file={path}")
        assert reply.headers["content-disposition"].startswith("attachment")
        assert reply.headers["content-type"].startswith("application/octet-stream")


def test_uploads_of_others_cannot_be_listed_or_guessed(http, app):
    path = upload(http, "private.png", EXAMPLES["brain"].read_bytes())["path"]
    folder, digest, _ = path.rsplit("/", 2)
    # The name is a hash of the content: whoever can name it has it.
    assert len(digest) == 64
    for guess in (folder, f"{folder}/{digest}", f"{folder}/{'0' * 64}/private.png"):
        assert http.get(f"/file={guess}").status_code == 403
        assert call(http, {"path": guess}) == ("error", NOT_AN_IMAGE)


def status_of(http, route, **body):
    """Return the status of a response; None where it was lost while the body was being sent."""
    try:
        return http.post(route, **body).status_code
    except httpx.TransportError:
        return None


@pytest.mark.parametrize("route", ["/upload", "/call/predict", "/queue/join", "/run/predict"])
def test_bodies_larger_than_any_image_are_refused(http, route):
    many = {f"files{number}": ("a.png", bytes(15 * 2**20)) for number in range(2)}
    body = {"files": many} if route == "/upload" else {"content": bytes(30 * 2**20)}
    assert status_of(http, route, **body) in (404, 413, None)
    assert call(http, upload(http, "a.png", EXAMPLES["lung"].read_bytes()))[1] == "lung"


def test_bodies_of_unknown_length_are_limited_too(http):
    chunks = (bytes(2**20) for _ in range(40))
    assert status_of(http, "/call/predict", content=chunks) in (413, None)


def test_a_full_queue_refuses_and_serves_what_it_accepted(app):
    limits = httpx.Limits(max_connections=None)
    with httpx.Client(base_url=f"{app.url}/gradio_api", timeout=60, limits=limits) as http:
        sent = upload(http, "a.png", EXAMPLES["lung"].read_bytes())
        body = {"data": [sent | {"meta": {"_type": "gradio.FileData"}}]}
        replies = _flood(app, json.dumps(body), 400)
        assert set(replies) == {"200", "503"}
        assert replies.count("200") >= QUEUE_SIZE
        assert call_when_there_is_room(http, sent) == ("complete", "lung")


def _flood(app, body, count):
    """Return the status of many calls, sent at once on connections opened before."""
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
def test_other_sites_cannot_read_responses(app, origin):
    for method in ("GET", "OPTIONS"):
        headers = {"Origin": origin, "Access-Control-Request-Method": "POST"}
        reply = httpx.request(method, f"{app.url}/config", headers=headers)
        assert "access-control-allow-origin" not in reply.headers


@pytest.mark.parametrize("name", ["Host", "X-Forwarded-Host", "X-Gradio-Server", "Referer"])
def test_markup_in_headers_is_escaped(app, name):
    markup = "evil.example</script><script>alert(1)</script>"
    page = httpx.get(app.url, headers={name: markup}).text
    assert "<script>alert(1)" not in page
    assert "<script>alert(1)" not in html.unescape(page.split("window.gradio_config", 1)[0])


def threats():
    """Rows of docs/security.md: the threat, and the tests that show what prevents it."""
    for row in (ROOT / "docs" / "security.md").read_text(encoding="utf-8").splitlines():
        if row.startswith("|") and "---" not in row and "| who |" not in row:
            _, _, threat, _, tests, _ = row.split("|")
            yield threat.strip(), tests


THREATS = list(threats())


@pytest.mark.parametrize(("threat", "tests"), THREATS, ids=[threat[:40] for threat, _ in THREATS])
def test_every_threat_names_tests_that_exist(threat, tests):
    for part in tests.split(";"):
        file, _, names = part.partition(":")
        code = (ROOT / file.strip(" `")).read_text(encoding="utf-8")
        assert names, "names no test"
        for name in names.split(","):
            assert f"def {name.strip(' `')}(" in code, f"{file}: {name}"


def test_there_are_threats():
    assert len(THREATS) > 10
