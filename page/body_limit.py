"""The size limit for files that clients send or name."""

from collections.abc import AsyncIterable

MAX_BYTES = 20 * 2**20
"""Larger files are refused."""


class BodyTooLarge(ValueError):
    """A file has more than ``MAX_BYTES``."""


async def read_limited(parts: AsyncIterable[bytes]) -> bytes:
    """Read a file from its parts.

    Raises:
        BodyTooLarge: there are more than ``MAX_BYTES``; the rest is not read.
    """
    content = bytearray()
    async for part in parts:
        content += part
        if len(content) > MAX_BYTES:
            raise BodyTooLarge
    return bytes(content)
