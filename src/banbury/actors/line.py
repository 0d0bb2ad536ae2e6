"""The line to an endpoint: connections, retries with jitter, rate limits, in one event loop."""

from __future__ import annotations

import asyncio
import io
import random
import resource
from typing import NamedTuple

import aiohttp
import msgspec
from aiohttp.abc import AbstractResolver

from banbury import clock
from banbury.actors.throttle import LONGEST_WAIT_S, Throttle
from banbury.errors import ActorError

RETRIED = frozenset({408, 409, 425, 429, 500, 502, 503, 504, 529})
MAX_BYTES = 64 << 20
_LARGE = 1 << 20
"""Bytes of a request from which it is sent piece by piece."""
_FILES = 128
"""Open files that are left to everything but connections."""


class Patience(msgspec.Struct, frozen=True):
    """How often and how long an endpoint is asked again.

    Attributes:
        retries: times a call is tried again after the endpoint's failure; 0 for never.
        timeout: seconds for one try, from the request to the last byte of the answer.
        backoff: seconds before the first retry, doubled with each.
        refusals: seconds for which a call that is refused for want of room (429) is tried again,
            however often that is.
    """

    retries: int = 3
    timeout: float = 120.0
    backoff: float = 0.5
    refusals: float = 120.0


class Line:
    """An open line; it belongs to the event loop in which it was made."""

    def __init__(
        self,
        url: str,
        key: str,
        proxy: str | None,
        throttle: Throttle,
        patience: Patience,
        connections: int,
        resolver: AbstractResolver | None = None,
    ) -> None:
        self.loop = asyncio.get_running_loop()
        self._url, self._key, self._proxy = url, key, proxy
        self._throttle = throttle
        self._patience = patience
        room = min(connections, _room())
        self._slots = asyncio.Semaphore(room)
        headers = {"content-type": "application/json"}
        if key:
            headers["authorization"] = f"Bearer {key}"
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=room, resolver=resolver),
            timeout=aiohttp.ClientTimeout(total=patience.timeout),
            cookie_jar=aiohttp.DummyCookieJar(),
            headers=headers,
        )

    async def close(self) -> None:
        """Close the connections."""
        await self._session.close()

    async def post(self, body: bytes, tokens: int) -> bytes:
        """Send a request until it is answered, and return the answer's body.

        Args:
            body: JSON.
            tokens: how many it will read and write at most, about.

        Raises:
            ActorError: it was not answered, within the line's patience.
        """
        begun, failures, tries, wait = self.loop.time(), 0, 0, 0.0
        while True:
            await self._turn(tokens, wait)
            async with self._slots:
                found = await self._try(body)
            if isinstance(found, bytes):
                return found
            tries += 1
            failures += not found.refused
            late = self.loop.time() - begun > self._patience.refusals if found.refused else False
            if not found.again or late or failures > self._patience.retries:
                raise self._error(found.problem)
            grown = self._patience.backoff * 2 ** min(tries - 1, 16) * random.uniform(0.5, 1.5)
            wait = min(max(found.asked, grown), LONGEST_WAIT_S)

    def settle(self, expected: int, used: int) -> None:
        """Tell the rate limit how many tokens a call really used."""
        self._throttle.settle(expected, used)

    async def _turn(self, tokens: int, wait: float) -> None:
        """Wait for the limits, and as long as the endpoint wants no call at all."""
        wait = max(wait, self._throttle.take(tokens, self.loop.time()))
        while wait > 0:
            await asyncio.sleep(wait)
            # A crowd that was held back does not come all at once.
            wait = self._throttle.held(self.loop.time()) * random.uniform(1.0, 1.2)

    async def _try(self, body: bytes) -> bytes | _Failed:
        try:
            # A redirect would carry the key to another house.
            async with self._session.post(
                self._url,
                data=io.BytesIO(body) if len(body) > _LARGE else body,
                proxy=self._proxy,
                allow_redirects=False,
            ) as answer:
                data = await _body(answer)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            return _Failed(f"{type(error).__name__}: {error}".rstrip(": "), self._may_again())
        asked = self._throttle.heed(
            answer.status, answer.headers, self.loop.time(), clock.wall_ns() / 1e9
        )
        if answer.status == 200 and len(data) <= MAX_BYTES:
            return data
        if answer.status == 200:
            return _Failed(f"it sent more than {MAX_BYTES >> 20} MB", False)
        problem = f"HTTP {answer.status}: {data[:300].decode('utf-8', 'replace')}"
        # No money left is told as a refusal, and does not pass by waiting.
        final = answer.status not in RETRIED or b"insufficient_quota" in data[:2_000]
        return _Failed(problem, self._may_again() and not final, answer.status == 429, asked)

    def _may_again(self) -> bool:
        return self._patience.retries > 0

    def _error(self, problem: str) -> ActorError:
        if self._key:
            problem = problem.replace(self._key, "(the key)")
        return ActorError(
            f"the endpoint did not answer: {problem}",
            where=self._url,
            do="see that it runs, that the model's name is right and the key is valid",
        )


class _Failed(NamedTuple):
    """A try without an answer: may it be tried again, was it refused for want of room?"""

    problem: str
    again: bool
    refused: bool = False
    asked: float = 0.0


async def _body(answer: aiohttp.ClientResponse) -> bytes:
    """Return a body, cut behind `MAX_BYTES`."""
    parts = bytearray()
    async for part in answer.content.iter_any():
        parts += part
        if len(parts) > MAX_BYTES:
            answer.close()
            break
    return bytes(parts)


def _room() -> int:
    """Return how many connections this process may open."""
    files = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    return 1 << 20 if files == resource.RLIM_INFINITY else max(16, files - _FILES)
