"""How large a file a program may send or name."""

from collections.abc import AsyncIterable

MAX_BYTES = 20 * 2**20
"""Of a file."""


class BodyTooLarge(ValueError):
    """A file has more than ``MAX_BYTES``."""


async def collect(parts: AsyncIterable[bytes]) -> bytes:
    """All of a file, from its parts.

    Raises:
        BodyTooLarge: there are more than ``MAX_BYTES``; the rest is not waited for.
    """
    content = bytearray()
    async for part in parts:
        content += part
        if len(content) > MAX_BYTES:
            raise BodyTooLarge
    return bytes(content)
