"""POST /predict: an image in, its prediction out, in one request; for clients with many images.

Gradio's own protocol needs three requests, a session and a file on disk, which cost more than the
prediction.
"""

import asyncio
import io
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import gradio as gr
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from page.body_limit import BodyTooLarge, read_limited
from page.i18n import TEXTS, language_of

MAX_SECONDS = 30
"""Time limit for a body to arrive, which occupies a place in the queue meanwhile."""


class PredictRoute:
    """Route that predicts images sent as the body of a request.

    Args:
        predict: maps an open file, or None for an empty body, and its request to a response in
            JSON; a ``gr.Error`` is reported to the client.
        queue_size: requests that may be in progress or waiting; further ones are refused.
        concurrency: images that are predicted at the same time.

    Attributes:
        route: the Starlette route.
    """

    def __init__(
        self,
        predict: Callable[[io.BytesIO | None, Request], dict],
        queue_size: int,
        concurrency: int,
    ):
        self.route = Route("/predict", self._respond, methods=["POST"])
        self._predict = predict
        self._threads = ThreadPoolExecutor(concurrency, "predict-route")
        self._free = queue_size

    async def _respond(self, request: Request) -> Response:
        if not self._free:
            return _refuse(request, 503, "busy")
        self._free -= 1
        try:
            async with asyncio.timeout(MAX_SECONDS):
                content = await read_limited(request.stream())
            file = io.BytesIO(content) if content else None
            loop = asyncio.get_running_loop()
            return JSONResponse(
                await loop.run_in_executor(self._threads, self._predict, file, request)
            )
        except gr.Error as error:
            return JSONResponse({"error": error.message}, 422)
        except BodyTooLarge:
            return _refuse(request, 413, "file_too_large")
        except TimeoutError:
            return _refuse(request, 408, "upload_timeout")
        except ClientDisconnect:
            return Response(status_code=400)  # Nobody reads it.
        finally:
            self._free += 1


def _refuse(request: Request, status: int, key: str) -> Response:
    headers = {"Retry-After": "1"} if status == 503 else {"Connection": "close"}
    return JSONResponse({"error": TEXTS[key][language_of(request)]}, status, headers)
