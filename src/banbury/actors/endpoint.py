"""Any OpenAI-compatible chat endpoint: vLLM, SGLang, llama.cpp, a vendor.

An endpoint that is down, overloaded or speaks another protocol raises `ActorError`, and the
episode fails; whatever it does return, text or tool calls, is the model's answer, however bad.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Self

import msgspec

from banbury.actors import address, reach
from banbury.actors.chat import ChatPolicy, Sampling, Shots, Tools
from banbury.actors.completion import Completion, read
from banbury.actors.conversation import Reply, Transcript
from banbury.actors.line import Line, Patience
from banbury.actors.reach import PublicResolver
from banbury.actors.throttle import Rate, Throttle
from banbury.episode import NANO, Actor, Cost, Money, Task, canonical

_LONG = 1 << 20
"""Bytes; a longer body is read into an answer off the event loop."""
_BYTES_PER_TOKEN = 4
"""A guess for the rate limit, before the endpoint has counted."""


class Price(msgspec.Struct, frozen=True):
    """Price of a million tokens, in one currency.

    Attributes:
        read: of prompt tokens.
        written: of completion tokens.
        currency: ISO 4217.
        cached: of prompt tokens that the endpoint had in its cache; as `read` if None.
    """

    read: float
    written: float
    currency: str = "USD"
    cached: float | None = None

    def of(self, tokens_in: int, tokens_out: int, cached: int = 0) -> Money:
        """Return the price of one call; `cached` of the tokens read were in the cache."""
        known = self.read if self.cached is None else self.cached
        cached = min(cached, tokens_in)
        million = (tokens_in - cached) * self.read + cached * known + tokens_out * self.written
        return Money(round(million * NANO / 1e6), self.currency)


class EndpointPolicy(ChatPolicy):
    """A model behind `POST {url}/chat/completions`."""

    usual_tools: ClassVar[Tools] = "native"

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
        tools: Tools = "native",
        retries: int = 3,
        timeout: float = 120.0,
        connections: int = 1_000,
        backoff: float = 0.5,
        rate: Rate | None = None,
        extra: Mapping[str, Any] | None = None,
    ) -> None:
        """Make the policy; nothing is sent yet.

        Args:
            url: base address, such as `http://127.0.0.1:8000/v1`.
            model: the model's name at the endpoint.
            sampling: how answers are drawn; greedy if not given.
            key: API key; the environment's OPENAI_API_KEY if not given, see `address.key_for`.
            price: price of tokens, to account for money.
            system: system prompt.
            shots: solved examples for a task.
            shots_name: what the shots are called in the actor's settings.
            tools: `native` tool calls, or `text`: one JSON object, for models without them.
            retries: how often a call is tried again after the endpoint's failure; refusals for
                want of room (429) are waited out for two minutes, however many they are.
            timeout: seconds for one call, from the request to the last byte of the answer.
            connections: most calls in flight; less where the process may open fewer files.
            backoff: seconds before the first retry, doubled with each; the endpoint may ask for
                more with Retry-After.
            rate: requests and tokens a minute that the endpoint allows.
            extra: what else the request says, such as {"reasoning_effort": "low"}; a value of
                None takes a field out.

        Raises:
            InputError: the address is none, or address or key cannot be sent safely; or somebody
                named it who may name public addresses alone, see `reach`.
        """
        root = address.root(url)
        super().__init__(
            model, root, sampling or Sampling(), system=system, shots=shots, shots_name=shots_name
        )
        self.tools = tools
        self._key = address.secret(address.key_for(root) if key is None else key)
        self._url = root + "/chat/completions"
        self._proxy = address.proxy(self._url)
        reach.see_address(root, self._proxy)
        self._public = reach.public_only() and not reach.listed(root)
        self._model = model
        self._price = price
        self._patience = Patience(retries, timeout, backoff)
        self._connections = connections
        self._rate = rate
        self._extra = dict(extra or {})
        self._line: Line | None = None

    @property
    def actor(self) -> Actor:
        """Return who this is, with everything that changes its behaviour."""
        actor = super().actor
        if not self._extra:
            return actor
        settings = {**msgspec.json.decode(actor.settings), "extra": self._extra}
        return msgspec.structs.replace(actor, settings=canonical(settings).decode())

    @property
    def in_line(self) -> bool:
        """Return whether calls wait for a rate; each has its own time limit."""
        return self._rate is not None

    def _copied(self) -> Self:
        other = super()._copied()
        other._line = None
        return other

    def _open_line(self) -> Line:
        """Return the connections of the running event loop; each run of the arena has its own."""
        if self._line is None or self._line.loop is not asyncio.get_running_loop():
            throttle = Throttle(self._rate)
            self._line = Line(
                self._url,
                self._key,
                self._proxy,
                throttle,
                self._patience,
                self._connections,
                PublicResolver() if self._public else None,
            )
        return self._line

    async def close(self) -> None:
        """Close the connections."""
        line, self._line = self._line, None
        if line is not None and line.loop is asyncio.get_running_loop():
            await line.close()

    async def complete(
        self,
        messages: list[dict[str, Any]],
        *,
        seed: int,
        task: Task,
        previous: Any = None,
        tools: Sequence[Mapping[str, Any]] = (),
    ) -> Reply:
        """Return the endpoint's answer.

        Raises:
            ActorError: it is down, refuses, or speaks another protocol.
        """
        line = self._open_line()
        body = msgspec.json.encode(self._body(messages, seed, tools))
        expected = len(body) // _BYTES_PER_TOKEN + self.sampling.max_tokens
        data = await line.post(body, expected)
        if len(data) > _LONG:
            said = await asyncio.to_thread(read, data, self._url)
        else:
            said = read(data, self._url)
        line.settle(expected, said.tokens_in + said.tokens_out)
        return Reply(said.text, cost=self._cost(said), notes=said.notes, calls=said.calls)

    def _body(
        self, messages: list[dict[str, Any]], seed: int, tools: Sequence[Mapping[str, Any]]
    ) -> dict[str, Any]:
        body: dict[str, Any] = {
            "model": self._model,
            "messages": messages.raw() if isinstance(messages, Transcript) else messages,
            "temperature": self.sampling.temperature,
            "top_p": self.sampling.top_p,
            "max_tokens": self.sampling.max_tokens,
            "seed": seed,
        }
        if self.sampling.stop:
            body["stop"] = self.sampling.stop
        if tools:
            body |= {"tools": tools, "tool_choice": "auto"}
        body |= self._extra
        return {k: v for k, v in body.items() if v is not None} if self._extra else body

    def _cost(self, said: Completion) -> Cost:
        if not self._price:
            return Cost(said.tokens_in, said.tokens_out)
        money = self._price.of(said.tokens_in, said.tokens_out, said.tokens_cached)
        return Cost(said.tokens_in, said.tokens_out, 0, (money,))
