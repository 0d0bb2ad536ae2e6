"""Any OpenAI-compatible chat endpoint: vLLM, SGLang, llama.cpp, a vendor.

An endpoint that is down, overloaded or speaks another protocol raises `ActorError`, and the
episode fails; whatever text it does return is the model's answer, however bad.
"""

from __future__ import annotations

import asyncio
import base64
import os
import random
from typing import Any, NamedTuple, Self

import httpx
import msgspec

from banbury.actors.chat import ChatPolicy, Reply, Sampling, Shots
from banbury.episode import NANO, Cost, Money, Task
from banbury.errors import ActorError, InputError

_RETRIED = frozenset({408, 409, 429, 500, 502, 503, 504})
_MAX_BYTES = 64 << 20


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
        connections: int = 64,
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
            timeout: seconds for one call.
            connections: most calls in flight.

        Raises:
            InputError: the address is none.
        """
        parsed = httpx.URL(url)
        if parsed.scheme not in ("http", "https") or not parsed.host:
            raise InputError(
                f"{url!r} is no address of an endpoint", do="give one like http://host:8000/v1"
            )
        super().__init__(
            model, url, sampling or Sampling(), system=system, shots=shots, shots_name=shots_name
        )
        self._key = key if key is not None else os.environ.get("OPENAI_API_KEY", "")
        self._url = url.rstrip("/") + "/chat/completions"
        self._model = model
        self._price = price
        self._retries = retries
        self._timeout = timeout
        self._connections = connections
        self._line: _Line | None = None

    def _copied(self) -> Self:
        other = super()._copied()
        other._line = None
        return other

    def _open_line(self) -> _Line:
        """Return the connections of the running event loop; each run of the arena has its own."""
        loop = asyncio.get_running_loop()
        if self._line is None or self._line.loop is not loop:
            client = httpx.AsyncClient(
                timeout=self._timeout,
                headers={"authorization": f"Bearer {self._key}"} if self._key else {},
                limits=httpx.Limits(max_connections=self._connections),
            )
            self._line = _Line(loop, client, asyncio.Semaphore(self._connections))
        return self._line

    async def close(self) -> None:
        """Close the connections."""
        if self._line is not None and self._line.loop is asyncio.get_running_loop():
            await self._line.client.aclose()
        self._line = None

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
            data = await self._post(line.client, msgspec.json.encode(body))
        return self._reply(data)

    async def _post(self, client: httpx.AsyncClient, body: bytes) -> bytes:
        problem = ""
        for attempt in range(self._retries + 1):
            if attempt:
                await asyncio.sleep(min(8.0, 0.25 * 2**attempt) * random.uniform(0.5, 1.5))
            try:
                answer = await client.post(
                    self._url, content=body, headers={"content-type": "application/json"}
                )
            except httpx.HTTPError as error:
                problem = f"{type(error).__name__}: {error}".rstrip(": ")
                continue
            if answer.status_code == httpx.codes.OK:
                return answer.content[:_MAX_BYTES]
            problem = f"HTTP {answer.status_code}: {answer.text[:300]}"
            if answer.status_code not in _RETRIED:
                break
        raise ActorError(
            f"the endpoint did not answer: {problem}",
            where=self._url,
            do="see that it runs, that the model's name is right and the key is valid",
        )

    def _reply(self, data: bytes) -> Reply:
        notes: dict[str, str] = {}
        try:
            text = data.decode()
        except UnicodeDecodeError as error:
            text = data.decode("utf-8", errors="replace")
            notes["invalid_utf8"] = f"{error}; as it came: {base64.b64encode(data[:2000]).decode()}"
        try:
            found = msgspec.json.decode(text.encode(), type=_Completion)
            choice = found.choices[0]
        except (msgspec.MsgspecError, IndexError) as error:
            raise ActorError(
                f"the endpoint's answer is no chat completion: {error}",
                where=self._url,
                do="point at the OpenAI-compatible root, which often ends in /v1",
            ) from error
        if choice.finish_reason and choice.finish_reason != "stop":
            notes["finish"] = choice.finish_reason
        usage = found.usage or _Usage()
        spent = Cost(usage.prompt_tokens, usage.completion_tokens)
        if self._price:
            money = self._price.of(usage.prompt_tokens, usage.completion_tokens)
            spent = Cost(usage.prompt_tokens, usage.completion_tokens, 0, (money,))
        return Reply(clean(choice.message.content or ""), cost=spent, notes=notes)


class _Line(NamedTuple):
    loop: asyncio.AbstractEventLoop
    client: httpx.AsyncClient
    slots: asyncio.Semaphore


def clean(text: str) -> str:
    """Return text that UTF-8 can hold: lone surrogates become U+FFFD."""
    return text.encode("utf-8", errors="replace").decode()


class _Message(msgspec.Struct):
    content: str | None = None


class _Choice(msgspec.Struct):
    message: _Message
    finish_reason: str | None = None


class _Usage(msgspec.Struct):
    prompt_tokens: int = 0
    completion_tokens: int = 0


class _Completion(msgspec.Struct):
    choices: list[_Choice]
    usage: _Usage | None = None
