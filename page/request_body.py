"""Find the image in the body of a request: the file itself, a form or JSON, perhaps gzipped."""

import base64
import binascii
import json
import re
import zlib

from starlette.datastructures import Headers

from page.body_limit import MAX_BYTES, BodyTooLarge

MAX_BODY_BYTES = MAX_BYTES * 4 // 3 + 2**20
"""Maximum size of a body, in bytes: base64 adds a third to a file, and forms and JSON a little."""

MAX_PARTS = 64
"""Maximum number of parts of a form to search for a file."""

IMAGE_KEYS = ("image", "file", "data", "inputs", "url")
"""Keys under which JSON may hold the image: also those of Gradio and of the Hub's inference API."""

_PART_BYTES = 2**12
"""Number of bytes to unpack at a time, because zlib copies the data after a gzip member."""

_GZIP_BYTE = 0x1F
"""First byte of each member."""

_FORM = re.compile(
    rb"--([^\r\n]{1,200})\r\n(?:[^\r\n]+\r\n){0,9}?Content-Disposition:", re.IGNORECASE
)
"""How a form begins; programs that set its type themselves leave out the boundary."""

_JSON = re.compile(rb'\s*(\{\s*"|\[\s*["{]|"\w)')
"""How JSON with an image begins; no image format begins like this."""

_URL_SAFE = str.maketrans("-_", "+/")
"""The other alphabet of base64, with which padding is often left out."""

_NAME_LENGTH = 255
"""Maximum length of a text that may be the name of a file instead of base64."""

_BASE64 = re.compile(
    rb"(?:[A-Za-z0-9+/]{4}[\r\n]*+){25,}+(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?+\s*+"
)
"""A file in base64, and nothing else."""

_FILE_PART = re.compile(
    rb";\s*filename\*?=|^Content-Type:\s*(?:image|application)/(?!json)",
    re.IGNORECASE | re.MULTILINE,
)
"""Headers of a part of a form that is a file; some programs give it a type, but no name."""

_CUT_BY_CURL = re.compile(rb"(?:\xff\xd8\xff|\x89PNG)[^\0\r\n]{1000}[^\0\r\n]*")
"""A JPEG or a PNG of ``curl -d``, which removes these bytes."""

_FIELD = re.compile(rb"\w{1,30}=[\w%+/.:-]{100}")
"""Start of a form without a file, as programs send it with base64 in a field."""


class BadBody(ValueError):
    """A body contains no file; ``reason`` is the key of a text, ``values`` are filled in."""

    def __init__(self, reason: str, **values: str):
        super().__init__(reason)
        self.reason = reason
        self.values = values


def file_in(body: bytes, headers: Headers) -> bytes:
    """Return the file in the body of a request.

    Args:
        body: at most ``MAX_BODY_BYTES``.
        headers: of the request. The body is a file, a form (the first file that is not empty
            is used), base64, a ``data:`` URL or JSON (one of these two, by itself or under one of
            ``IMAGE_KEYS``).

    Raises:
        BodyTooLarge: the file has more than ``page.body_limit.MAX_BYTES``.
        BadBody: the body contains no file, or is compressed with neither gzip nor deflate.
    """
    body = _unpack(body, headers.get("content-encoding", "identity").strip().lower())
    kind = headers.get("content-type", "")
    if re.match("multipart/form-data", kind, re.IGNORECASE) or _FORM.match(body):
        file = _file_in_form(body, kind)
    # "curl --data" sends JSON without announcing it.
    elif re.match(r"application/([\w.-]+\+)?json\b", kind, re.IGNORECASE) or _JSON.match(body):
        file = _file_in_json(body)
    elif _FIELD.match(body):
        raise BadBody("no_file_in_form")
    elif body.startswith(b"data:") or _BASE64.fullmatch(body):
        file = _decode(body.decode("latin-1"))
    elif _CUT_BY_CURL.fullmatch(body):
        raise BadBody("lost_line_ends")
    else:
        file = body
    if len(file) > MAX_BYTES:
        raise BodyTooLarge
    return file


def _unpack(body, encoding):
    if encoding in ("identity", ""):
        return body
    if encoding not in ("gzip", "x-gzip", "deflate"):
        raise BadBody("unknown_encoding", encoding=encoding[:20])
    unpacked, stream = bytearray(), zlib.decompressobj(wbits=zlib.MAX_WBITS | 32)
    try:
        for start in range(0, len(body), _PART_BYTES):
            part = body[start : start + _PART_BYTES]
            while part:
                if stream.eof and part[0] != _GZIP_BYTE:
                    return bytes(unpacked)
                if stream.eof:
                    stream = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
                unpacked += stream.decompress(part, MAX_BODY_BYTES + 1 - len(unpacked))
                if len(unpacked) > MAX_BODY_BYTES:
                    raise BodyTooLarge
                part = stream.unused_data
    except zlib.error as error:
        raise BadBody("wrong_encoding", encoding=encoding) from error
    if not stream.eof:
        raise BadBody("wrong_encoding", encoding=encoding)
    return bytes(unpacked)


def _file_in_form(body, content_type):
    # Parsers of forms read byte by byte in Python, or write files to disk.
    files = []
    announced = re.search(r'boundary="?([^";,]+)', content_type)
    boundary = announced and announced[1].strip().encode("latin-1")
    if begins := _FORM.match(body):  # Programs that set the type themselves may invent a boundary.
        boundary = begins[1]
    if boundary:
        for part in (b"\r\n" + body).split(b"\r\n--" + boundary, MAX_PARTS)[1:]:
            headers, _, content = part.partition(b"\r\n\r\n")
            if _FILE_PART.search(headers):
                files.append(content)
    if not files:
        raise BadBody("no_file_in_form")
    # A field of a web page in which nothing was chosen is an empty file.
    return next(filter(None, files), b"")


def _file_in_json(body):
    try:
        value = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise BadBody("no_image_in_json") from error
    while not isinstance(value, str):
        if isinstance(value, list) and value:
            value = value[0]
        elif isinstance(value, dict) and (keys := [key for key in IMAGE_KEYS if key in value]):
            value = value[keys[0]]
        else:
            raise BadBody("no_image_in_json")
    return _decode(value)


def _decode(value):
    start, comma, content = value.partition(",")
    try:
        # Line breaks are common in base64.
        text = "".join((content if comma else start).split()).translate(_URL_SAFE)
        padding = "=" * (-len(text) % 4 if len(text) > _NAME_LENGTH else 0)
        return base64.b64decode(text + padding, validate=True)
    except (ValueError, binascii.Error) as error:
        raise BadBody("no_image_in_json") from error
