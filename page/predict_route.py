"""POST /predict: an image in, its prediction out, in one request; for clients with many images.

Gradio's own protocol needs three requests, a session and a file on disk, which cost more than the
prediction.
"""

import asyncio
import io
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import gradio as gr
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from page.body_limit import BodyTooLarge, read_limited
from page.i18n import TEXTS, language_of
from page.request_body import MAX_BODY_BYTES, BadBody, file_in

MAX_SECONDS = 30
"""Maximum time for a body to arrive, in seconds; meanwhile it occupies a slot of the queue."""

CLOSE = {"Connection": "close"}
"""Headers of a response to a body that was not read to its end."""


class PredictRoute:
    """Route that predicts images sent as the body of a request.

    Args:
        predict: maps an open file, or None for an empty body, and its request to a response in
            JSON; a ``gr.Error`` is reported to the client.
        queue_size: maximum number of requests in progress or waiting; others are refused.
        concurrency: number of images to predict at the same time.

    Attributes:
        route: the Starlette route.
    """

    def __init__(
        self,
        predict: Callable[[io.BytesIO | None, Request], dict],
        queue_size: int,
        concurrency: int,
    ):
        # Larger bodies than the app permits are refused here, in the words of this route.
        self.route = Route("/predict", self._respond, methods=["POST"], max_body_size=sys.maxsize)
        self._predict = predict
        self._threads = ThreadPoolExecutor(concurrency, "predict-route")
        self._free = queue_size

    async def _respond(self, request: Request) -> Response:
        if not self._free:
            return _refuse(request, 503, "busy")
        self._free -= 1
        try:
            async with asyncio.timeout(MAX_SECONDS):
                body = await read_limited(request.stream(), MAX_BODY_BYTES)
            loop = asyncio.get_running_loop()
            return JSONResponse(
                await loop.run_in_executor(self._threads, self._predict_body, body, request)
            )
        except gr.Error as error:
            return JSONResponse({"error": error.message}, 422)
        except BadBody as error:
            status = 415 if error.reason == "unknown_encoding" else 422
            return _refuse(request, status, error.reason, **error.values)
        except BodyTooLarge:
            return _refuse(request, 413, "file_too_large")
        except TimeoutError:
            return _refuse(request, 408, "upload_timeout")
        except ClientDisconnect:
            return Response(status_code=400)  # Nobody reads it.
        finally:
            self._free += 1

    def _predict_body(self, body: bytes, request: Request) -> dict:
        file = file_in(body, request.headers)
        return self._predict(io.BytesIO(file) if body else None, request)


def _refuse(request: Request, status: int, key: str, **values: str) -> Response:
    headers = {503: {"Retry-After": "1"}, 408: CLOSE, 413: CLOSE}.get(status)
    sentence = TEXTS[key][language_of(request)].format(**values)
    return JSONResponse({"error": sentence}, status, headers)
