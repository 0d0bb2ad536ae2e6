"""Heads of requests: bounded, so that nobody fills the server's memory before they are known."""

from __future__ import annotations

import asyncio

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

LONGEST = 64 << 10
"""Bytes of a request's line and headers, or of what follows its body."""


class Bounded(HttpToolsProtocol):
    """uvicorn's protocol on httptools, which itself takes headers without end."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to count."""
        self._plain = 0
        super().connection_made(transport)

    def data_received(self, data: bytes) -> None:
        """Read on, and end the connection where a head does not end."""
        self._plain += len(data)
        super().data_received(data)
        if self._plain <= LONGEST or self.transport.is_closing():
            return
        if self.cycle is None or self.cycle.response_complete:
            self.send_400_response("The head of this request is too long.")
        else:
            self.transport.abort()

    def on_headers_complete(self) -> None:
        """Answer."""
        self._plain = 0
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Count again from here."""
        self._plain = 0
        super().on_body(body)
