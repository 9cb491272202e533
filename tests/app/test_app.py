"""The running app, called by the Python client and over plain HTTP."""

import base64
import json
import math
import re
import socket
import struct
import time
import zipfile
import zlib

import httpx
import numpy as np
import pytest
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError
from PIL import Image

from page.i18n import TEXTS
from tests.helpers.refusals import refusals
from tests.helpers.running_app import EXAMPLES

A_TEXT = refusals("text")


@pytest.fixture(scope="module")
def client(app):
    return _client(app)


@pytest.fixture(scope="module")
def http(app):
    with httpx.Client(base_url=f"{app.url}/gradio_api", timeout=60) as http:
        yield http


def test_the_api_has_predict_and_explain_which_take_an_image(client):
    api = client.view_api(return_format="dict", print_info=False)
    assert list(api["named_endpoints"]) == ["/predict", "/explain"]
    assert not api["unnamed_endpoints"]
    parameters = api["named_endpoints"]["/predict"]["parameters"]
    assert [parameter["parameter_name"] for parameter in parameters] == ["image"]


@pytest.mark.parametrize("label", EXAMPLES)
def test_an_example_gets_its_label_and_all_confidences(client, label):
    answer = client.predict(handle_file(EXAMPLES[label]), api_name="/predict")
    confidences = [entry["confidence"] for entry in answer["confidences"]]
    assert answer["label"] == label
    assert {entry["label"] for entry in answer["confidences"]} == set(EXAMPLES)
    assert all(0 <= confidence <= 1 for confidence in confidences)
    assert math.isclose(sum(confidences), 1, abs_tol=1e-6)


def test_submitted_images_are_predicted_in_the_background(client):
    jobs = {
        label: client.submit(handle_file(file), api_name="/predict")
        for label, file in EXAMPLES.items()
    }
    assert {label: job.result(timeout=60)["label"] for label, job in jobs.items()} == {
        label: label for label in EXAMPLES
    }


def _text(file):
    file.write_text("The patient was seen on Monday.")


def _nothing(file):
    file.touch()


def _page(file):
    file.write_text("<!doctype html><title>Sign in</title>")


def _scripted_drawing(file):
    file.write_text('<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>')


def _archive(file):
    with zipfile.ZipFile(file, "w") as archive:
        archive.write(EXAMPLES["brain"], "brain.png")


def _first_half(file):
    content = EXAMPLES["brain"].read_bytes()
    file.write_bytes(content[: len(content) // 2])


def _bomb(file):
    """A small image whose header declares a billion pixels more."""
    content = bytearray(EXAMPLES["brain"].read_bytes())
    content[16:24] = struct.pack(">II", 40_000, 40_000)
    content[29:33] = struct.pack(">I", zlib.crc32(content[12:29]))
    file.write_bytes(content)


@pytest.mark.parametrize(
    ("name", "write", "sentences"),
    [
        ("text.png", _text, A_TEXT),
        ("nothing.jpg", _nothing, refusals("empty")),
        ("page.html", _page, refusals("web_page")),
        ("drawing.svg", _scripted_drawing, refusals("svg")),
        ("archive.zip", _archive, TEXTS["zip_without_scans"]),
        ("half.png", _first_half, TEXTS["damaged"]),
        ("bomb.png", _bomb, TEXTS["too_large"]),
    ],
)
def test_a_bad_file_gets_one_sentence_and_the_next_image_is_predicted(
    client, app, tmp_path, name, write, sentences
):
    file = tmp_path / name
    write(file)
    log = app.read_log()
    with pytest.raises(AppError) as error:
        client.predict(handle_file(file), api_name="/predict")
    assert error.value.message == sentences["en"]
    answer = client.predict(handle_file(EXAMPLES["lung"]), api_name="/predict")
    assert answer["label"] == "lung"
    assert app.read_log() == log


def test_no_image_gets_a_sentence(client):
    with pytest.raises(AppError, match=f"^{re.escape(TEXTS['no_image']['en'])}$"):
        client.predict(None, api_name="/predict")


@pytest.mark.parametrize(
    ("accepted", "language"),
    [("fr", "fr"), ("fr-CA,fr;q=0.9,en;q=0.8", "fr"), ("en-GB,en;q=0.9,fr;q=0.8", "en")],
)
def test_the_sentence_is_in_the_language_of_the_client(app, tmp_path, accepted, language):
    file = tmp_path / "text.png"
    _text(file)
    client = _client(app, headers={"Accept-Language": accepted})
    with pytest.raises(AppError) as error:
        client.predict(handle_file(file), api_name="/predict")
    assert error.value.message == A_TEXT[language]


def _rotated_by_exif(image):
    exif = Image.Exif()
    exif[0x0112] = 6  # Orientation: rotate clockwise.
    return image.transpose(Image.Transpose.ROTATE_90), image, {"exif": exif}


def _twelve_bits(image):
    grey = image.convert("L")
    return Image.fromarray(np.asarray(grey).astype(np.uint16) * 16), grey, {}


def _cmyk(image):
    cmyk = image.convert("CMYK")
    return cmyk, cmyk.convert("RGB"), {}


def _palette(image):
    palette = image.convert("P", palette=Image.Palette.ADAPTIVE)
    return palette, palette.convert("RGB"), {}


def _transparent(image):
    area = (0, 0, image.width // 4, image.height)
    transparent, filled = image.convert("RGBA"), image.convert("RGB")
    transparent.paste((0, 0, 0, 0), area)
    filled.paste("white", area)
    return transparent, filled, {}


@pytest.mark.parametrize(
    ("label", "convert", "suffix"),
    [
        ("brain", _rotated_by_exif, "png"),
        ("brain", _twelve_bits, "png"),
        ("other", _cmyk, "tiff"),
        ("other", _palette, "gif"),
        ("other", _transparent, "png"),
    ],
)
def test_a_variant_is_predicted_like_the_plain_image(client, tmp_path, label, convert, suffix):
    with Image.open(EXAMPLES[label]) as image:
        variant, plain, options = convert(image)
        variant.save(tmp_path / f"variant.{suffix}", **options)
        plain.save(tmp_path / "plain.png")
    answers = [
        client.predict(handle_file(tmp_path / name), api_name="/predict")
        for name in (f"variant.{suffix}", "plain.png")
    ]
    assert answers[0]["label"] == label
    confidences, expected = (
        {entry["label"]: entry["confidence"] for entry in answer["confidences"]}
        for answer in answers
    )
    assert confidences == pytest.approx(expected, rel=1e-3, abs=1e-9)


def test_plain_http_gets_a_prediction(http):
    assert _call(http, _upload(http, "lung.png", EXAMPLES["lung"].read_bytes())) == (
        "complete",
        "lung",
    )


def test_plain_http_gets_the_sentence_about_a_bad_file(http):
    assert _call(http, _upload(http, "notes.png", b"Seen on Monday.")) == (
        "error",
        A_TEXT["en"],
    )


@pytest.mark.parametrize(
    ("content", "answer"),
    [
        (EXAMPLES["lung"].read_bytes(), ("complete", "lung")),
        (b"Seen on Monday.", ("error", A_TEXT["en"])),
    ],
    ids=["image", "text"],
)
def test_a_data_url_is_predicted_like_a_file_and_not_logged(http, app, content, answer):
    log = app.read_log()
    data = base64.b64encode(content).decode()
    assert _call(http, {"url": f"data:image/png;base64,{data}"}) == answer
    assert app.read_log() == log


def test_files_over_20_megabytes_are_refused_and_the_app_lives(http):
    status = http.post("/upload", files={"files": ("large.png", bytes(20 * 2**20 + 1))}).status_code
    assert status == 413
    assert _call(http, _upload(http, "brain.png", EXAMPLES["brain"].read_bytes()))[1] == "brain"


def test_a_cancelled_upload_is_not_logged(app):
    address = httpx.URL(app.url)
    before = app.read_log()
    with socket.create_connection((address.host, address.port)) as connection:
        connection.sendall(
            b"POST /gradio_api/upload HTTP/1.1\r\nHost: app\r\nContent-Length: 100000\r\n"
            b"Content-Type: multipart/form-data; boundary=b\r\n\r\n"
            b'--b\r\nContent-Disposition: form-data; name="files"; filename="a.png"\r\n\r\n'
        )
        time.sleep(0.5)  # Until the app reads the body.
    time.sleep(0.5)
    assert app.read_log() == before


def test_file_names_and_contents_are_never_logged(http, app):
    for content in (EXAMPLES["brain"].read_bytes(), b"Seen on Monday."):
        _call(http, _upload(http, "jane-doe-1948.png", content))
    log = app.read_log()
    assert "jane-doe" not in log
    assert "Monday" not in log
    assert "Traceback" not in log


def test_the_page_has_nothing_that_keeps_or_shares_images(app):
    config = httpx.get(f"{app.url}/config").json()
    assert config["analytics_enabled"] is False
    assert config["run_history"] is False
    assert config["show_error"] is False
    assert "runs" not in config["footer_links"]
    components = {component["type"]: component["props"] for component in config["components"]}
    assert "share" not in components["image"]["buttons"]
    assert not {"deeplinkbutton", "duplicatebutton", "loginbutton"} & set(components)
    buttons = [c["props"]["value"] for c in config["components"] if c["type"] == "button"]
    assert len(buttons) == 1 and "clear" in buttons[0]


def _client(app, **options):
    return Client(app.url, verbose=False, analytics_enabled=False, **options)


def _upload(http, name, content):
    reply = http.post("/upload", files={"files": (name, content)})
    assert reply.status_code == 200
    return {"path": reply.json()[0]}


def _call(http, image):
    """Return the event that ends a call, and its label or error message."""
    image = image | {"meta": {"_type": "gradio.FileData"}}
    event = http.post("/call/predict", json={"data": [image]}).json()["event_id"]
    with http.stream("GET", f"/call/predict/{event}") as reply:
        assert reply.headers["content-type"].startswith("text/event-stream")
        lines = list(reply.iter_lines())
    name, data = (line.partition(": ")[2] for line in lines if line)
    data = json.loads(data)
    return name, data[0]["label"] if name == "complete" else data["error"]
