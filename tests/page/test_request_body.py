"""The ways in which programs send a file."""

import base64
import gzip
import json
import zlib

import httpx
import pytest
from starlette.datastructures import Headers

from page import request_body
from page.body_limit import MAX_BYTES, BodyTooLarge
from page.request_body import BadBody, file_in

FILE = b"\x89PNG\r\n\x1a\n--boundary\r\n" + bytes(range(256))
BASE64 = base64.b64encode(FILE).decode()
DATA_URL = f"data:image/png;base64,{BASE64}"


def sent(**request) -> tuple[bytes, Headers]:
    """Return the body and the headers of a request as a client sends it."""
    built = httpx.Request("POST", "http://app/predict", **request)
    return built.read(), Headers(dict(built.headers))


@pytest.mark.parametrize(
    "value",
    [
        {"image": BASE64},
        {"image": DATA_URL},
        {"image": {"url": DATA_URL, "orig_name": "brain.png"}},
        {"data": [DATA_URL]},
        {"data": [{"path": None, "url": DATA_URL}]},
        {"inputs": base64.encodebytes(FILE).decode()},
        [BASE64],
        BASE64,
    ],
)
@pytest.mark.parametrize("announced", [True, False])
def test_json_with_base64(value, announced):
    content = json.dumps(value, indent=1)
    kind = "application/json; charset=utf-8" if announced else "application/x-www-form-urlencoded"
    assert file_in(*sent(content=content, headers={"Content-Type": kind})) == FILE


@pytest.mark.parametrize(
    "files",
    [
        {"file": FILE},
        {"image": ("brain.png", FILE, "image/png")},
        [("note", (None, "seen")), ("file", ("é.png", FILE)), ("file", ("second.png", b"second"))],
    ],
)
def test_a_form_with_a_file(files):
    assert file_in(*sent(files=files)) == FILE


@pytest.mark.parametrize("kind", ["image/png", "application/x-www-form-urlencoded", "", "x"])
@pytest.mark.parametrize(
    ("encoding", "encode"),
    [("gzip", gzip.compress), ("X-GZIP", gzip.compress), ("deflate", zlib.compress), ("", bytes)],
)
def test_the_file_itself_as_it_is_or_compressed(kind, encoding, encode):
    headers = {"Content-Type": kind, "Content-Encoding": encoding}
    assert file_in(*sent(content=encode(FILE), headers=headers)) == FILE


@pytest.mark.parametrize("kind", ["multipart/form-data", "image/png", "application/json", ""])
def test_a_form_whose_type_does_not_name_its_boundary(kind):
    body, _ = sent(files={"note": (None, "seen"), "file": FILE})
    assert file_in(body, Headers({"content-type": kind})) == FILE


@pytest.mark.parametrize("kind", ["image/png", "application/octet-stream"])
def test_a_part_of_a_form_with_the_type_of_a_file_needs_no_name(kind):
    body, headers = sent(files={"note": (None, "seen"), "file": (None, FILE, kind)})
    assert b"filename" not in body
    assert file_in(body, headers) == FILE
    note = (None, "{}", "application/json")
    with pytest.raises(BadBody, match="no_file_in_form"):
        file_in(*sent(files={"note": note}))


def test_a_form_whose_type_names_another_boundary():
    body, _ = sent(files={"file": FILE})
    kind = "multipart/form-data; boundary=----WebKitFormBoundary7MA4YWxkTrZu0gW"
    assert file_in(body, Headers({"content-type": kind})) == FILE


@pytest.mark.parametrize("size", [len(FILE), len(FILE) - 1, len(FILE) - 2])
def test_base64_for_addresses_without_padding(size):
    text = base64.urlsafe_b64encode(FILE[:size]).decode()
    assert "-" in text
    for value in (text, text.rstrip("="), f"data:image/png;base64,{text.rstrip('=')}"):
        assert file_in(*sent(json={"image": value})) == FILE[:size]


@pytest.mark.parametrize("start", [b"\xff\xd8\xff\xe0", b"\x89PNG\r\n\x1a\n"])
def test_a_file_without_its_line_ends_and_zeros_is_named(start):
    file = start + 9 * bytes(range(256))
    cut = file.translate(None, b"\0\r\n")
    with pytest.raises(BadBody, match="lost_line_ends"):
        file_in(*sent(content=cut, headers={"Content-Type": "application/x-www-form-urlencoded"}))
    assert file_in(*sent(content=file)) == file


def test_a_file_with_dashes_and_many_lines_is_no_form():
    file = b"--dashes\r\n" + 50 * b"line\r\n" + b"Content-Disposition: form-data\r\n"
    assert file_in(*sent(content=file, headers={"Content-Type": "image/png"})) == file


def test_an_empty_field_of_a_form_is_passed_over():
    nothing = ("first", ("nothing", b""))
    body, headers = sent(files=[nothing, ("second", ("brain.png", FILE))])
    # As browsers send a field in which no file was chosen.
    assert file_in(body.replace(b'filename="nothing"', b'filename=""'), headers) == FILE
    assert file_in(*sent(files=[nothing])) == b""


@pytest.mark.parametrize("content", [DATA_URL, BASE64, base64.encodebytes(FILE[:-1]) + b"\n"])
def test_base64_without_json(content):
    kind = {"Content-Type": "text/plain"}
    assert file_in(*sent(content=content, headers=kind)) in (FILE, FILE[:-1])


@pytest.mark.parametrize("text", [b"ACGT" * 24 + b"ACG", b"ACGT" * 30 + b"A", b"Seen today. " * 9])
def test_a_text_is_not_base64(text):
    assert file_in(*sent(content=text, headers={"Content-Type": "text/plain"})) == text


def test_gzip_may_have_several_members_and_something_behind_them():
    body = gzip.compress(FILE[:1000]) + gzip.compress(FILE[1000:]) + bytes(512)
    assert file_in(*sent(content=body, headers={"Content-Encoding": "gzip"})) == FILE
    with pytest.raises(BadBody, match="wrong_encoding"):
        file_in(*sent(content=body[:-600], headers={"Content-Encoding": "gzip"}))


def test_a_compressed_form():
    body, headers = sent(files={"file": FILE})
    headers = Headers(dict(headers) | {"content-encoding": "gzip"})
    assert file_in(gzip.compress(body), headers) == FILE


@pytest.mark.parametrize(
    ("request_", "reason"),
    [
        ({"files": {"note": (None, "seen")}}, "no_file_in_form"),
        ({"data": {"image": BASE64}}, "no_file_in_form"),
        ({"data": {"image": DATA_URL, "note": "seen"}}, "no_file_in_form"),
        ({"content": FILE, "headers": {"Content-Type": "multipart/form-data"}}, "no_file_in_form"),
        ({"json": {"image": "scans/brain.png"}}, "no_image_in_json"),
        ({"json": {"image": "https://example.org/brain.png"}}, "no_image_in_json"),
        ({"json": {"patient": "seen"}}, "no_image_in_json"),
        ({"json": {"image": []}}, "no_image_in_json"),
        ({"json": 7}, "no_image_in_json"),
        (
            {"content": '{"a":' * 99_999, "headers": {"Content-Type": "application/json"}},
            "no_image_in_json",
        ),
        ({"content": FILE, "headers": {"Content-Type": "application/json"}}, "no_image_in_json"),
        ({"content": FILE, "headers": {"Content-Encoding": "br"}}, "unknown_encoding"),
        ({"content": FILE, "headers": {"Content-Encoding": "gzip"}}, "wrong_encoding"),
        (
            {"content": gzip.compress(FILE)[:-9], "headers": {"Content-Encoding": "gzip"}},
            "wrong_encoding",
        ),
    ],
)
def test_a_body_without_a_file_is_named(request_, reason):
    with pytest.raises(BadBody) as error:
        file_in(*sent(**request_))
    assert error.value.reason == reason


TOO_LARGE = {
    "file": lambda: {"content": bytes(MAX_BYTES + 1)},
    "form": lambda: {"files": {"file": bytes(MAX_BYTES + 1)}},
    "JSON": lambda: {"json": base64.b64encode(bytes(MAX_BYTES + 1)).decode()},
    "gzip": lambda: {
        "content": gzip.compress(bytes(2**28), 1),
        "headers": {"Content-Encoding": "gzip"},
    },
}


@pytest.mark.parametrize("form", TOO_LARGE)
def test_files_over_the_limit_are_refused_in_any_form(form):
    with pytest.raises(BodyTooLarge):
        file_in(*sent(**TOO_LARGE[form]()))


def test_the_largest_file_fits_into_a_body_in_any_form():
    file = bytes(MAX_BYTES)
    for request in (
        {"files": {"file": file}},
        {"json": {"image": base64.b64encode(file).decode()}},
    ):
        body, headers = sent(**request)
        assert len(body) <= request_body.MAX_BODY_BYTES
        assert file_in(body, headers) == file
