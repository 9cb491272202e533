"""Answer requests that Gradio logs with a traceback, and some of them with what they contain."""

import traceback
from pathlib import Path

from fastapi.exceptions import RequestValidationError
from gradio.route_utils import FnIndexInferError
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response

from page.i18n import TEXTS, language_of


async def _no_response(request: Request, error: ClientDisconnect) -> Response:
    return Response(status_code=400)  # Nobody reads it.


async def _refuse(request: Request, error: Exception) -> Response:
    return JSONResponse({"error": TEXTS["unknown_call"][language_of(request)]}, 422)


async def _refuse_if_from_gradio(request: Request, error: Exception) -> Response:
    *_, origin = traceback.extract_tb(error.__traceback__)
    if not {"gradio", "gradio_client"} & set(Path(origin.filename).parts):
        raise error  # A fault of ours, which has to be logged.
    return await _refuse(request, error)


HANDLERS = {
    ClientDisconnect: _no_response,  # A cancelled upload.
    RequestValidationError: _refuse,  # A body that is not JSON, such as a picture.
    FnIndexInferError: _refuse,  # An unknown endpoint.
    # Unknown numbers and arguments of endpoints, and parts of a form without a file name.
    KeyError: _refuse_if_from_gradio,
    TypeError: _refuse_if_from_gradio,
}
"""What answers an exception in a route, by its type."""
