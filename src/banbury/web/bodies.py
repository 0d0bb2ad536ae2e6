"""Bodies: what a request's JSON may hold, seen before it is unfolded into objects."""

from __future__ import annotations

from typing import Any

from litestar import Request
from litestar.exceptions import ClientException

LARGEST = 32 << 20
"""Bytes of a body; a file that is uploaded goes to the disk as it comes, and may have more."""
NESTED = 500_000
"""Objects and arrays in a body."""
VALUES = 4_000_000
"""Values in a body. `[],` unfolds to thirty times its bytes, while nobody else is served."""


class Asked(Request[Any, Any, Any]):
    """A request that refuses a body of more objects than anybody means to send."""

    async def json(self) -> Any:
        """Return the body's JSON.

        Raises:
            ClientException: it holds too many objects, arrays or values (413).
        """
        body = await self.body()
        if body.count(b"[") + body.count(b"{") > NESTED or body.count(b",") > VALUES:
            raise ClientException(
                f"this JSON holds more than {NESTED:,} objects and arrays, or {VALUES:,} values",
                status_code=413,
            )
        return await super().json()
