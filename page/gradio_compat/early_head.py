"""Put a skeleton, and what to load soon, into the document, which has them before any script."""

import json
from pathlib import Path

from starlette.types import ASGIApp, Message, Receive, Scope, Send

STYLE, SCRIPT, PRELOADS = (
    Path(__file__).with_name(name).read_text(encoding="utf-8")
    for name in ("early.css", "early.js", "preloads.txt")
)

LONGEST_MS = 20_000
"""Milliseconds after which the page is shown even if dom.js has not found it complete."""

EARLY_HEAD = f"""<style>{STYLE}</style><script>{{
const LONGEST_MS = {LONGEST_MS}, PRELOADS = {json.dumps(PRELOADS.split())};
{SCRIPT}}}</script></head>""".encode()


class EarlyHead:
    """ASGI middleware that adds ``EARLY_HEAD`` to the document; ``launch(head=…)`` comes too late.

    Args:
        app: the application.
    """

    def __init__(self, app: ASGIApp):
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Respond as the application does, with the addition to "/"."""
        if scope["type"] != "http" or scope["path"] != "/" or scope["method"] != "GET":
            return await self._app(scope, receive, send)
        start, body = None, b""

        async def add(message: Message) -> None:
            nonlocal start, body
            if message["type"] == "http.response.start":
                start = message
                return
            body += message.get("body", b"")
            if message.get("more_body"):
                return
            document = body.replace(b"</head>", EARLY_HEAD, 1)
            headers = [pair for pair in start["headers"] if pair[0] != b"content-length"]
            headers.append((b"content-length", str(len(document)).encode()))
            await send(start | {"headers": headers})
            await send({"type": "http.response.body", "body": document})

        await self._app(scope, receive, add)
