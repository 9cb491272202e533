"""The tools that agents find: a real MCP client at the running app."""

import base64
import json
import re

import httpx
import pytest
from gradio_client import Client, handle_file
from mcp import ClientSession
from mcp.client.streamable_http import streamable_http_client

from tests.helpers.async_tests import async_test
from tests.helpers.refusals import refusals
from tests.helpers.running_app import EXAMPLES, ROOT


@pytest.fixture
def url(app):
    """Address of the app's MCP server, as docs/api.md configures it."""
    documentation = (ROOT / "docs/api.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"```json\n(\{\n  \"mcpServers\".*?)```", documentation, re.DOTALL)
    (server,) = json.loads(block)["mcpServers"].values()
    return server["url"].replace("https://victorouledi-brain-lung-other.hf.space", app.url)


def data_url(content: bytes) -> str:
    return f"data:image/png;base64,{base64.b64encode(content).decode()}"


def test_a_wrong_call_is_not_logged(app, url):
    log = app.read_log()
    params = {"name": "predict", "arguments": "Jane Doe"}
    call = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}
    accepted = {"Accept": "application/json, text/event-stream"}
    reply = httpx.post(url, json=call, headers=accepted, follow_redirects=True)
    assert "Invalid request parameters" in reply.text
    assert app.read_log() == log


@async_test
async def test_an_agent_finds_the_tools_and_gets_answers(app, url):
    log = app.read_log()
    async with (
        streamable_http_client(url) as (read, write, _),
        ClientSession(read, write) as agent,
    ):
        await agent.initialize()
        tools = {tool.name: tool for tool in (await agent.list_tools()).tools}
        assert tools.keys() == {"predict", "explain"}
        for words in ("brain imaging", "lung imaging", "not a medical device", "Returns the"):
            assert words in tools["predict"].description
        for tool in tools.values():
            parameter = tool.inputSchema["properties"]["image"]
            assert parameter["description"].startswith("an image file such as JPEG, PNG")
            assert tool.inputSchema["required"] == ["image"]

        image = data_url(EXAMPLES["brain"].read_bytes())
        answer = await agent.call_tool("predict", {"image": image})
        client = Client(app.url, verbose=False, analytics_enabled=False)
        expected = client.predict(handle_file(EXAMPLES["brain"]), api_name="/predict")
        assert [json.loads(content.text) for content in answer.content] == [expected]

        refused = await agent.call_tool("predict", {"image": data_url(b"Seen on Monday.")})
        assert refused.isError
        assert [content.text for content in refused.content] == [refusals("text")["en"]]

        wrong = await agent.call_tool("predict", {"image": image.partition(",")[2]})
        assert wrong.isError
        assert "url" in wrong.content[0].text
        assert len(wrong.content[0].text) <= 300

        for path in (str(EXAMPLES["brain"]), f"file://{EXAMPLES['brain']}"):
            assert (await agent.call_tool("predict", {"image": path})).isError

        explained = await agent.call_tool("explain", {"image": image})
        assert [content.type for content in explained.content] == ["image", "text"]
    assert app.read_log() == log
