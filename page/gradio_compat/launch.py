"""Start and stop the server, with the settings that Gradio has no arguments for."""

import contextlib
import io
import sys
from pathlib import Path

import gradio as gr
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware

from page.gradio_compat.early import EarlyPage
from page.gradio_compat.head import head
from page.gradio_compat.mcp import answer_in_json, shorten_errors
from page.gradio_compat.refused_calls import HANDLERS
from page.gradio_compat.sessions import prune_lifespan

STYLE = Path(__file__).with_name("static") / "dom.css"


class NoFreePort(OSError):
    """The requested port, or each that may be used, is taken."""


def launch(
    blocks: gr.Blocks,
    routes: list,
    max_body_size: int,
    stylesheets: list[Path],
    title: dict[str, str],
    description: dict[str, str],
    quiet: bool,
    **options,
) -> None:
    """Serve blocks in a thread, as a page, an API and an MCP server.

    Args:
        blocks: what to serve.
        routes: Starlette routes to serve as well.
        max_body_size: largest body of a request to Gradio's own routes, in bytes.
        stylesheets: CSS files of the page.
        title: title of the browser tab and of links to the page, by language.
        description: what the page is for, by language.
        quiet: print nothing.
        options: further arguments of ``gr.Blocks.launch``.

    Raises:
        NoFreePort: the requested port, or each that may be used, is taken.
    """
    # Gradio prints the address of the MCP server in spite of its own ``quiet``.
    output = io.StringIO() if quiet else sys.stdout
    try:
        with contextlib.redirect_stdout(output):
            blocks.launch(
                prevent_thread_lock=True,
                app_kwargs={
                    "max_body_size": max_body_size,
                    "routes": routes,
                    # Texts, but no images and no event streams; Gradio compresses only its scripts.
                    "middleware": [
                        Middleware(GZipMiddleware, compresslevel=6),
                        Middleware(EarlyPage, title, description),
                    ],
                    "lifespan": prune_lifespan,
                    "exception_handlers": HANDLERS,
                },
                head=head([*stylesheets, STYLE]),
                mcp_server=True,
                **options,
            )
        answer_in_json(blocks.mcp_server_obj)
        shorten_errors(blocks.mcp_server_obj)
    except OSError as error:
        if "empty port" not in str(error):
            raise
        raise NoFreePort from error


def shut_down(blocks: gr.Blocks) -> None:
    """Stop the server within ten seconds.

    Closing the server lets running predictions finish, within five seconds; closing the blocks
    ends the connections of open pages and of slow uploads too, within another five.
    """
    blocks.server.close()
    blocks.server.force_exit = True
    blocks.close(verbose=False)
