"""The size limit for files that clients send or name."""

from collections.abc import AsyncIterable

MAX_BYTES = 20 * 2**20
"""Maximum file size, in bytes."""


class BodyTooLarge(ValueError):
    """A file or a body has more bytes than permitted."""


async def read_limited(parts: AsyncIterable[bytes], max_bytes: int = MAX_BYTES) -> bytes:
    """Read a file from its parts.

    Raises:
        BodyTooLarge: there are more than ``max_bytes``; the rest is not read.
    """
    content = bytearray()
    async for part in parts:
        content += part
        if len(content) > max_bytes:
            raise BodyTooLarge
    return bytes(content)
