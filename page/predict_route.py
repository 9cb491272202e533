"""POST /predict: a picture in, its answer out, in one request; for programs with many of them.

Gradio's own way for programs takes three requests, a session and a file on disk, which cost more
than the answer does.
"""

import asyncio
import io
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import gradio as gr
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from page.body_limit import BodyTooLarge, collect
from page.i18n import TEXTS, language_of

MAX_SECONDS = 30
"""For a picture to arrive, which holds its place meanwhile."""


class Direct:
    """Answers requests whose body is a picture file.

    Args:
        answer: gives what to reply about a file, to be written as JSON; its ``gr.Error`` is one
            sentence for the sender.
        places: files that may be on their way or waiting; more are refused.
        at_once: files that are answered at the same time.

    Attributes:
        route: where the requests come in.
    """

    def __init__(
        self, answer: Callable[[io.BytesIO | None, Request], dict], places: int, at_once: int
    ):
        self.route = Route("/predict", self._reply, methods=["POST"])
        self._answer = answer
        self._threads = ThreadPoolExecutor(at_once, "direct")
        self._free = places

    async def _reply(self, request: Request) -> Response:
        if not self._free:
            return _refusal(request, 503, "busy")
        self._free -= 1
        try:
            async with asyncio.timeout(MAX_SECONDS):
                content = await collect(request.stream())
            file = io.BytesIO(content) if content else None
            loop = asyncio.get_running_loop()
            return JSONResponse(
                await loop.run_in_executor(self._threads, self._answer, file, request)
            )
        except gr.Error as error:
            return JSONResponse({"error": error.message}, 422)
        except BodyTooLarge:
            return _refusal(request, 413, "file_too_large")
        except TimeoutError:
            return _refusal(request, 408, "upload_timeout")
        except ClientDisconnect:
            return Response(status_code=400)  # Nobody reads it.
        finally:
            self._free += 1


def _refusal(request: Request, status: int, key: str) -> Response:
    headers = {"Retry-After": "1"} if status == 503 else {"Connection": "close"}
    return JSONResponse({"error": TEXTS[key][language_of(request)]}, status, headers)
