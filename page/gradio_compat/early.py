"""Put what a visitor sees and uses before Gradio's scripts have run into the document."""

import html
import json
import re
from pathlib import Path

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from page.i18n import TEXTS, language_of
from page.template import BROWSER_LANGUAGE, STATIC

STYLE, SCRIPT, PRELOADS = (
    (Path(__file__).parent / name).read_text(encoding="utf-8")
    for name in ("static/early.css", "static/early.js", "preloads.txt")
)

APP = (STATIC / "app.js").read_text(encoding="utf-8")

LONGEST_MS = 20_000
"""Milliseconds after which the page is shown even if skeleton.js has not found it complete."""

_CONSTANTS = f"""const LONGEST_MS = {LONGEST_MS}, PRELOADS = {json.dumps(PRELOADS.split())};
const LANGUAGE = {BROWSER_LANGUAGE};
const DROP = {json.dumps(TEXTS["drop"])}[LANGUAGE];
const SENDING = {json.dumps(TEXTS["sending"])}[LANGUAGE];
"""

EARLY_BODY = (
    '<label class="early"><span></span><input type="file" multiple></label>'
    f"<script>{APP}{{\n{_CONSTANTS}{SCRIPT}}}</script>"
)


_CARD = re.compile(rb'<meta\s+(?:property|name)="(?:og|twitter):[^>]*>\s*')
"""Gradio's description of itself, which chats and networks would show beside a link to the page."""


class EarlyPage:
    """ASGI middleware that adds to the document; ``launch(head=…)`` comes too late.

    Args:
        app: the application.
        title: title of the page, by language.
        description: what the page is for, by language.
    """

    def __init__(self, app: ASGIApp, title: dict[str, str], description: dict[str, str]):
        self._app = app
        self._title, self._description = title, description

    def _head(self, language: str) -> str:
        title, description = (
            html.escape(text[language]) for text in (self._title, self._description)
        )
        return (
            f"<title>{title}</title>"
            f'<meta name="description" content="{description}">'
            f'<meta property="og:title" content="{title}">'
            f'<meta property="og:description" content="{description}">'
            f"<style>{STYLE}</style>"
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Respond as the application does, with the additions to "/"."""
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
            document = _CARD.sub(b"", body)
            head = self._head(language_of(Request(scope)))
            for addition, place in ((head, b"</head>"), (EARLY_BODY, b"<gradio-app")):
                document = document.replace(place, addition.encode() + place, 1)
            headers = [pair for pair in start["headers"] if pair[0] != b"content-length"]
            headers.append((b"content-length", str(len(document)).encode()))
            await send(start | {"headers": headers})
            await send({"type": "http.response.body", "body": document})

        await self._app(scope, receive, add)
