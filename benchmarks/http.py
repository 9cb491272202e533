"""Asking a running app over plain HTTP on a kept connection."""

import asyncio
import json
import time
import uuid
from urllib.parse import urlsplit


class Failed(Exception):
    """The app gave no answer."""


class Connection:
    """One HTTP/1.1 connection, kept open.

    A client library takes longer to make a request than the app does to answer it, and on the same
    cores; so this is just what a call needs.

    Args:
        url: where the app is.
    """

    def __init__(self, url: str):
        self._address = urlsplit(url)
        self._reader = self._writer = None

    async def ask_directly(self, picture: bytes) -> str:
        """The label of a picture, by one request to ``POST /predict``.

        Raises:
            Failed: there is no answer.
        """
        return json.loads(await self.request("POST", "/predict", picture, "image/png"))["label"]

    async def ask(self, picture: bytes) -> str:
        """The label of a picture, in Gradio's way: upload, call, event stream.

        Raises:
            Failed: there is no answer, or none in the right form.
        """
        boundary = uuid.uuid4().hex
        body = (
            (
                f'--{boundary}\r\nContent-Disposition: form-data; name="files"; '
                'filename="picture.png"\r\nContent-Type: image/png\r\n\r\n'
            ).encode()
            + picture
            + f"\r\n--{boundary}--\r\n".encode()
        )
        kind = f"multipart/form-data; boundary={boundary}"
        (path,) = json.loads(await self.request("POST", "/gradio_api/upload", body, kind))
        file = {"path": path, "meta": {"_type": "gradio.FileData"}}
        body = json.dumps({"data": [file]}).encode()
        event = json.loads(await self.request("POST", "/gradio_api/call/predict", body))
        stream = await self.request("GET", f"/gradio_api/call/predict/{event['event_id']}")
        name, _, data = stream.decode().strip().rpartition("data: ")
        if "event: complete" not in name:
            raise Failed(stream.decode())
        return json.loads(data)[0]["label"]

    async def request(
        self, method: str, path: str, body: bytes = b"", kind: str = "application/json"
    ) -> bytes:
        """The body of the reply.

        Raises:
            Failed: the status is not 200.
        """
        if self._writer is None:
            self._reader, self._writer = await asyncio.open_connection(
                self._address.hostname, self._address.port, limit=2**24
            )
        self._writer.write(
            f"{method} {path} HTTP/1.1\r\nHost: {self._address.netloc}\r\n"
            f"Content-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n".encode()
            + body
        )
        status, *headers = (await self._reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        headers = dict(line.lower().split(": ", 1) for line in headers if line)
        reply = await self._body(headers)
        if headers.get("connection") == "close":
            self.close()
        if " 200 " not in status:
            raise Failed(f"{path}: {status} {reply[:200]}")
        return reply

    def close(self) -> None:
        """Close the connection; the next request opens another."""
        if self._writer:
            self._writer.close()
        self._writer = None

    async def _body(self, headers: dict[str, str]) -> bytes:
        if "content-length" in headers:
            return await self._reader.readexactly(int(headers["content-length"]))
        chunks = []
        while size := int(await self._reader.readline(), 16):
            chunks.append(await self._reader.readexactly(size))
            await self._reader.readline()
        await self._reader.readline()
        return b"".join(chunks)


class Caller:
    """A ``Connection`` for callers that are not asynchronous, at the end of a block closed.

    Args:
        url: where the app is.
        picture: the bytes of the file to ask about.
        ask: the method of ``Connection`` by which it asks.
    """

    def __init__(self, url: str, picture: bytes, ask=Connection.ask):
        self._ask = ask
        self._loop = asyncio.new_event_loop()
        self._connection = Connection(url)
        self._picture = picture

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self._connection.close()
        self._loop.run_until_complete(asyncio.sleep(0))
        self._loop.close()

    def __call__(self) -> float:
        """Ask once: the seconds until the answer."""
        start = time.perf_counter()
        self._loop.run_until_complete(self._ask(self._connection, self._picture))
        return time.perf_counter() - start
