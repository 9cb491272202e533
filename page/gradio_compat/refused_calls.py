"""Answer requests that Gradio logs with a traceback, and some of them with what they contain."""

from fastapi.exceptions import RequestValidationError
from gradio.route_utils import API_PREFIX, FnIndexInferError
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response

from page.i18n import TEXTS, language_of


async def _no_response(request: Request, error: ClientDisconnect) -> Response:
    return Response(status_code=400)  # Nobody reads it.


async def _refuse(request: Request, error: Exception) -> Response:
    if API_PREFIX not in request.url.path:
        raise error
    return JSONResponse({"error": TEXTS["unknown_call"][language_of(request)]}, 422)


HANDLERS = {
    ClientDisconnect: _no_response,  # A cancelled upload.
    RequestValidationError: _refuse,  # A body that is not JSON, such as a picture.
    # Unknown names, numbers and arguments of endpoints, and parts of a form without a file name.
    **dict.fromkeys((FnIndexInferError, KeyError, TypeError), _refuse),
}
"""What answers an exception in a route, by its type."""
