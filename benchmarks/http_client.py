"""A client with under half of httpx's CPU time, as it shares the cores with the measured app."""

import json
from http.client import HTTPConnection
from urllib.parse import urlsplit


class HttpClient:
    """One kept connection to a running app; errors are OSError, HTTPException or RuntimeError."""

    def __init__(self, url: str):
        self._connection = HTTPConnection(urlsplit(url).netloc, timeout=60)
        self.close = self._connection.close  # The next request opens another.

    def predict_by_post(self, image: bytes) -> str:
        """Return the label of an image file by one request to ``POST /predict``."""
        return json.loads(self._request("POST", "/predict", image, "image/png"))["label"]

    def predict_by_gradio(self, image: bytes) -> str:
        """Return the label of an image file by Gradio's three requests: upload, call, result."""
        head = 'Content-Disposition: form-data; name="files"; filename="image.png"'
        form = b"--boundary\r\n%b\r\n\r\n%b\r\n--boundary--\r\n" % (head.encode(), image)
        form_type = "multipart/form-data; boundary=boundary"
        (path,) = json.loads(self._request("POST", "/gradio_api/upload", form, form_type))
        call = json.dumps({"data": [{"path": path, "meta": {"_type": "gradio.FileData"}}]})
        event = json.loads(self._request("POST", "/gradio_api/call/predict", call))["event_id"]
        stream = self._request("GET", f"/gradio_api/call/predict/{event}").decode()
        *_, name, data = stream.strip().splitlines()
        if name != "event: complete":
            raise RuntimeError(stream)
        return json.loads(data.removeprefix("data: "))[0]["label"]

    def _request(self, method: str, path: str, body=None, kind="application/json") -> bytes:
        self._connection.request(method, path, body, {"Content-Type": kind})
        reply = self._connection.getresponse()
        content = reply.read()
        if reply.status != 200:
            raise RuntimeError(f"{path}: {reply.status} {content[:200]}")
        return content
