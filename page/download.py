"""The picture at a public address that a program names, within limits of size and time."""

import asyncio
from urllib.parse import urljoin

import httpx
import safehttpx
from gradio.processing_utils import PUBLIC_HOSTNAME_WHITELIST

from page.body_limit import collect

MAX_SECONDS = 10
"""For all of it, in which it holds one of the places for answers."""

MAX_REDIRECTS = 5


async def download(url: str) -> bytes:
    """Fetch a picture as Gradio would, which has no limits: public addresses only.

    Args:
        url: its ``http`` or ``https`` address.

    Returns:
        What the server sent, not unpacked.

    Raises:
        TimeoutError: it took longer than ``MAX_SECONDS``.
        ValueError: the address is not public, or the file is too large.
        httpx.HTTPError: it cannot be had.
    """
    async with asyncio.timeout(MAX_SECONDS):
        for _ in range(MAX_REDIRECTS + 1):
            host, transport = httpx.URL(url).host, None
            if not safehttpx.matches_domain_whitelist(host, PUBLIC_HOSTNAME_WHITELIST):
                address = await safehttpx.async_validate_url(host)
                transport = safehttpx.AsyncSecureTransport(address)
            async with (
                httpx.AsyncClient(transport=transport) as client,
                client.stream("GET", url, headers={"Accept-Encoding": "identity"}) as reply,
            ):
                if not reply.has_redirect_location:
                    reply.raise_for_status()
                    return await collect(reply.aiter_raw())
                url = urljoin(url, reply.headers["Location"])
    raise ValueError("too many redirects")
