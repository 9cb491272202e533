"""Answers and errors of Gradio's MCP server, in the form that other ways of calling have."""

import json
import logging
from pathlib import Path

from gradio.mcp import GradioMCPServer

# The package "mcp" logs calls that it refuses, with what they contain, also by the root logger.
logging.getLogger("mcp").setLevel(logging.CRITICAL)
logging.getLogger().addFilter(lambda record: "mcp" not in Path(record.pathname).parts)

MAX_ERROR_LENGTH = 300
"""Maximum length of an error, in characters: some of them repeat the image, in base64."""


def answer_in_json(server: GradioMCPServer) -> None:
    """Make the tools of a server answer in JSON, where Gradio sends Python's ``str`` of it."""
    with_files = server.postprocess_output_data

    def postprocess(data, root_url):
        content = with_files(data, root_url)
        # An endpoint here has one output. A file gives an image too, and a text with its address.
        if len(content) == 1:
            content[0].text = json.dumps(data[0])
        return content

    server.postprocess_output_data = postprocess


def shorten_errors(server: GradioMCPServer) -> None:
    """Cut long errors, which would fill the context of an agent."""
    make_error = server.mcp_server._make_error_result
    server.mcp_server._make_error_result = lambda text: make_error(text[:MAX_ERROR_LENGTH])
