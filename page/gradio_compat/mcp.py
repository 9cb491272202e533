"""Answers of Gradio's MCP server as JSON, the form that every other way of calling has."""

import json

from gradio.mcp import GradioMCPServer


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
