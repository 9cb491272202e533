"""GET /health: whether the app can predict, for load balancers and container platforms."""

from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route


def health_route(is_ready: Callable[[], bool]) -> Route:
    """Return a route with status 200 when the network is ready, and 503 while it is loading.

    Args:
        is_ready: returns at once.
    """

    def health(request: Request) -> JSONResponse:
        if is_ready():
            return JSONResponse({"status": "ready"})
        return JSONResponse({"status": "loading"}, 503, {"Retry-After": "1"})

    return Route("/health", health)
