"""Any OpenAI-compatible chat endpoint: vLLM, SGLang, llama.cpp, a vendor.

An endpoint that is down, overloaded or speaks another protocol raises `ActorError`, and the
episode fails; whatever text it does return is the model's answer, however bad.
"""

from __future__ import annotations

import asyncio
import os
import random
from typing import Any, NamedTuple, Self
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import aiohttp
import msgspec

from banbury.actors.chat import ChatPolicy, Reply, Sampling, Shots
from banbury.actors.completion import Completion, read
from banbury.episode import NANO, Cost, Money, Task
from banbury.errors import ActorError, InputError

_RETRIED = frozenset({408, 409, 425, 429, 500, 502, 503, 504, 529})
_MAX_BYTES = 64 << 20
_LONG = 1 << 20
"""Bytes; a longer body is read into an answer off the event loop."""
_LONGEST_WAIT_S = 60.0


class Price(msgspec.Struct, frozen=True):
    """Price of a million tokens, read and written, in one currency."""

    read: float
    written: float
    currency: str = "USD"

    def of(self, tokens_in: int, tokens_out: int) -> Money:
        """Return the price of one call."""
        million = tokens_in * self.read + tokens_out * self.written
        return Money(round(million * NANO / 1e6), self.currency)


class EndpointPolicy(ChatPolicy):
    """A model behind `POST {url}/chat/completions`."""

    def __init__(
        self,
        url: str,
        model: str,
        sampling: Sampling | None = None,
        *,
        key: str | None = None,
        price: Price | None = None,
        system: str = "",
        shots: Shots | None = None,
        shots_name: str = "",
        retries: int = 3,
        timeout: float = 120.0,
        connections: int = 256,
        backoff: float = 0.5,
    ) -> None:
        """Make the policy; nothing is sent yet.

        Args:
            url: base address, such as `http://127.0.0.1:8000/v1`.
            model: the model's name at the endpoint.
            sampling: how answers are drawn; greedy if not given.
            key: API key; the environment's OPENAI_API_KEY if not given.
            price: price of tokens, to account for money.
            system: system prompt.
            shots: solved examples for a task.
            shots_name: what the shots are called in the actor's settings.
            retries: how often a call is tried again after the endpoint's failure.
            timeout: seconds for one call, from the request to the last byte of the answer.
            connections: most calls in flight.
            backoff: seconds before the first retry, doubled with each; the endpoint may ask for
                more with Retry-After.

        Raises:
            InputError: the address is none, or address or key cannot be sent safely.
        """
        root = _address(url)
        super().__init__(
            model, root, sampling or Sampling(), system=system, shots=shots, shots_name=shots_name
        )
        self._key = _secret(os.environ.get("OPENAI_API_KEY", "") if key is None else key)
        self._url = root + "/chat/completions"
        self._proxy = _proxy(self._url)
        self._model = model
        self._price = price
        self._retries = retries
        self._timeout = timeout
        self._connections = connections
        self._backoff = backoff
        self._line: _Line | None = None

    def _copied(self) -> Self:
        other = super()._copied()
        other._line = None
        return other

    def _open_line(self) -> _Line:
        """Return the connections of the running event loop; each run of the arena has its own."""
        loop = asyncio.get_running_loop()
        if self._line is None or self._line.loop is not loop:
            headers = {"content-type": "application/json"}
            if self._key:
                headers["authorization"] = f"Bearer {self._key}"
            session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=self._connections),
                timeout=aiohttp.ClientTimeout(total=self._timeout),
                cookie_jar=aiohttp.DummyCookieJar(),
                headers=headers,
            )
            self._line = _Line(loop, session, asyncio.Semaphore(self._connections))
        return self._line

    async def close(self) -> None:
        """Close the connections."""
        line, self._line = self._line, None
        if line is not None and line.loop is asyncio.get_running_loop():
            await line.session.close()

    async def complete(
        self, messages: list[dict[str, str]], *, seed: int, task: Task, previous: Any = None
    ) -> Reply:
        """Return the endpoint's answer.

        Raises:
            ActorError: it is down, refuses, or speaks another protocol.
        """
        body = {
            "model": self._model,
            "messages": messages,
            "temperature": self.sampling.temperature,
            "top_p": self.sampling.top_p,
            "max_tokens": self.sampling.max_tokens,
            "seed": seed,
        }
        line = self._open_line()
        async with line.slots:
            data = await self._post(line.session, msgspec.json.encode(body))
        if len(data) > _LONG:
            said = await asyncio.to_thread(read, data, self._url)
        else:
            said = read(data, self._url)
        return Reply(said.text, cost=self._cost(said), notes=said.notes)

    async def _post(self, session: aiohttp.ClientSession, body: bytes) -> bytes:
        problem, wait = "", 0.0
        for attempt in range(self._retries + 1):
            if attempt:
                wait = max(wait, self._backoff * 2 ** (attempt - 1) * random.uniform(0.5, 1.5))
                await asyncio.sleep(min(wait, _LONGEST_WAIT_S))
            try:
                # A redirect would carry the key to another house.
                async with session.post(
                    self._url, data=body, proxy=self._proxy, allow_redirects=False
                ) as answer:
                    data = await _body(answer)
            except (aiohttp.ClientError, TimeoutError, OSError) as error:
                problem, wait = f"{type(error).__name__}: {error}".rstrip(": "), 0.0
                continue
            if answer.status == 200 and len(data) <= _MAX_BYTES:
                return data
            problem = f"HTTP {answer.status}: {data[:300].decode('utf-8', 'replace')}"
            if answer.status == 200:
                problem = f"it sent more than {_MAX_BYTES >> 20} MB"
            if answer.status not in _RETRIED:
                break
            wait = _asked_wait(answer.headers.get("retry-after", ""))
        if self._key:
            problem = problem.replace(self._key, "(the key)")
        raise ActorError(
            f"the endpoint did not answer: {problem}",
            where=self._url,
            do="see that it runs, that the model's name is right and the key is valid",
        )

    def _cost(self, said: Completion) -> Cost:
        if not self._price:
            return Cost(said.tokens_in, said.tokens_out)
        money = self._price.of(said.tokens_in, said.tokens_out)
        return Cost(said.tokens_in, said.tokens_out, 0, (money,))


class _Line(NamedTuple):
    loop: asyncio.AbstractEventLoop
    session: aiohttp.ClientSession
    slots: asyncio.Semaphore


async def _body(answer: aiohttp.ClientResponse) -> bytes:
    """Return a body, cut behind `_MAX_BYTES`."""
    parts = bytearray()
    async for part in answer.content.iter_any():
        parts += part
        if len(parts) > _MAX_BYTES:
            answer.close()
            break
    return bytes(parts)


def _asked_wait(header: str) -> float:
    """Return the seconds of a Retry-After header, 0 where it gives none."""
    return float(header) if header.isdecimal() else 0.0


def _address(url: str) -> str:
    """Return the root of an endpoint without a slash at its end.

    Raises:
        InputError: it is no address, or carries a secret: it is kept with every episode.
    """
    try:
        parts = urlsplit(url)
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        good = False
    if not good:
        raise InputError(
            f"{url!r} is no address of an endpoint", do="give one like http://host:8000/v1"
        )
    if parts.username or parts.password or parts.query or parts.fragment:
        raise InputError(
            f"the address of {parts.hostname} holds a name, a password, or something behind ? or #",
            do="give the bare address; the key goes into OPENAI_API_KEY",
        )
    return url.rstrip("/")


def _proxy(url: str) -> str | None:
    """Return the proxy that the environment names for an address."""
    parts = urlsplit(url)
    return None if proxy_bypass(parts.netloc) else getproxies().get(parts.scheme)


def _secret(key: str) -> str:
    """Return a key without blanks around it.

    Raises:
        InputError: no header can carry it.
    """
    key = key.strip()
    if not (key.isascii() and (key.isprintable() or not key)):
        raise InputError("the key holds characters that no header can carry", do="copy it again")
    return key
