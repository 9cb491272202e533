"""Download an image from a public address that a client names, with limits on size and time."""

import asyncio
from urllib.parse import urljoin

import httpx
import safehttpx

from page.body_limit import read_limited

MAX_SECONDS = 10
"""Maximum time of a download with its redirects, in seconds; it occupies a slot of the queue."""

MAX_REDIRECTS = 5

HUGGING_FACE = ["hf.co", "huggingface.co", "*.hf.co", "*.huggingface.co"]
"""Hosts that resolve to private addresses on a Space although they are public."""


async def download(url: str) -> bytes:
    """Download a file as Gradio does, from public addresses only, but with limits.

    Args:
        url: an ``http`` or ``https`` address.

    Returns:
        The body of the response, not decompressed.

    Raises:
        TimeoutError: the download took longer than ``MAX_SECONDS``.
        ValueError: the address is not public, or the file is too large.
        httpx.HTTPError: the download failed.
    """
    async with asyncio.timeout(MAX_SECONDS):
        for _ in range(MAX_REDIRECTS + 1):
            host, transport = httpx.URL(url).host, None
            if not safehttpx.matches_domain_whitelist(host, HUGGING_FACE):
                address = await safehttpx.async_validate_url(host)
                transport = safehttpx.AsyncSecureTransport(address)
            async with (
                httpx.AsyncClient(transport=transport) as client,
                client.stream("GET", url, headers={"Accept-Encoding": "identity"}) as response,
            ):
                if not response.has_redirect_location:
                    response.raise_for_status()
                    return await read_limited(response.aiter_raw())
                url = urljoin(url, response.headers["Location"])
    raise ValueError("too many redirects")
