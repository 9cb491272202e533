"""Environment variables that Gradio reads when it is imported, launched or creates components."""

import errno
import os
import socket
from pathlib import Path

HTTP_VARIABLES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR")
"""What the HTTP clients of Gradio and of the Hub read, in upper or lower case."""


class BadEnvironment(ValueError):
    """A variable prevents the start; the message is one line that says what to do."""


def check() -> None:
    """Check the variables that would end the start with a traceback, some at ``import gradio``.

    Raises:
        BadEnvironment: a variable cannot be used.
    """
    port = os.environ.get("GRADIO_SERVER_PORT", "7860")
    if not (port.isascii() and port.isdecimal() and 0 < int(port) < 2**16):
        raise BadEnvironment(f"GRADIO_SERVER_PORT is {port!r}; set it to a number of 1 to 65535")
    _check_address(os.environ.get("GRADIO_SERVER_NAME") or "127.0.0.1", int(port))
    _check_http_variables()


def configure(folder: Path) -> None:
    """Set variables for this process. Must run before ``import gradio``.

    Args:
        folder: for everything that Gradio writes to disk.
    """
    os.environ["GRADIO_TEMP_DIR"] = str(folder)
    # Gradio summarises up to 10,000 calls after each call, which takes ever longer.
    os.environ.setdefault("GRADIO_ANALYTICS_MAX_EVENTS", "1")
    os.environ.setdefault("GRADIO_ANALYTICS_CACHE_FREQUENCY", str(10**9))
    # Gradio requests its own page at start, which no proxy can reach. Lower case takes precedence.
    hosts = os.environ.get("no_proxy") or os.environ.get("NO_PROXY", "")
    own = ("127.0.0.1", "localhost", os.environ.get("GRADIO_SERVER_NAME"))
    os.environ["no_proxy"] = ",".join(filter(None, (hosts, *own)))


def _check_address(name, port):
    explicit = "GRADIO_SERVER_PORT" in os.environ
    try:
        # Without an explicit port Gradio looks for a free one.
        with socket.create_server((name, port if explicit else 0)):
            pass
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            advice = f"port {port} is in use; set GRADIO_SERVER_PORT to a free one"
        elif error.errno == errno.EACCES:
            advice = f"port {port} is not permitted; set GRADIO_SERVER_PORT to 1024 or more"
        else:
            advice = (
                f"GRADIO_SERVER_NAME is {name!r}, which is not an IPv4 address of this machine; "
                "set it to 127.0.0.1, or to 0.0.0.0 for every network"
            )
        raise BadEnvironment(advice) from error


def _check_http_variables():
    given = [name for name in HTTP_VARIABLES if name in os.environ or name.lower() in os.environ]
    if not given:
        return
    import httpx

    try:
        httpx.Client().close()
    except Exception as error:
        raise BadEnvironment(
            f"{' or '.join(given)} cannot be used ({error}); correct it or unset it"
        ) from error
