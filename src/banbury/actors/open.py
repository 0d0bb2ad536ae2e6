"""From a word to an actor: `open_policy("smollm2")`, an endpoint, a checkpoint, a script."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from types import ModuleType
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import msgspec

from banbury.actors.chat import ChatPolicy, Sampling, Tools
from banbury.actors.endpoint import EndpointPolicy, Price
from banbury.actors.policy import Policy
from banbury.actors.reach import see_name
from banbury.actors.script import fixed
from banbury.actors.throttle import Rate
from banbury.errors import InputError, SetupError
from banbury.store import Lab


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What may stand behind an endpoint's model, as in `#MODEL?tools=text&price=2/8`.

    Attributes:
        tools: native tool calls, or one JSON object in text.
        max_tokens: the most tokens of one answer.
        temperature: 0 is greedy decoding.
        top_p: nucleus mass.
        seed: of sampling.
        stop: text at which an answer ends.
        price: of a million tokens, as READ/WRITTEN or READ/WRITTEN/CACHED.
        currency: of the price, ISO 4217.
        rpm: requests a minute that the endpoint allows.
        tpm: tokens a minute.
        connections: most calls in flight.
        retries: how often a call is tried again after the endpoint's failure.
        timeout: seconds for one call.
    """

    tools: Tools = "native"
    max_tokens: int = 1_024
    temperature: float | None = None
    top_p: float | None = None
    seed: int | None = None
    stop: str = ""
    price: str = ""
    currency: str = "USD"
    rpm: float | None = None
    tpm: float | None = None
    connections: int = 1_000
    retries: int = 3
    timeout: float = 120.0

    def priced(self) -> Price | None:
        """Return the price, None if none is given."""
        if not self.price:
            return None
        read, written, *cached = (float(part) for part in self.price.split("/"))
        if len(cached) > 1 or min(read, written, *cached) < 0:
            raise ValueError("a price is READ/WRITTEN or READ/WRITTEN/CACHED, each at least 0")
        return Price(read, written, self.currency, *cached)

    def sampling(self) -> Sampling:
        """Return how answers are drawn."""
        given: dict[str, Any] = {"stop": (self.stop,)} if self.stop else {}
        for name in ("temperature", "top_p", "seed"):
            if (value := getattr(self, name)) is not None:
                given[name] = value
        return Sampling(max_tokens=self.max_tokens, **given)


def _endpoint(address: str, model: str, words: str, sampling: Sampling | None) -> EndpointPolicy:
    given: dict[str, Any] = dict(parse_qsl(words, keep_blank_values=True))
    try:
        asked = msgspec.convert(given, Settings, strict=False)
        price = asked.priced()
        if asked.connections < 1 or asked.retries < 0 or not asked.timeout > 0:
            raise ValueError("connections, retries or timeout leave no room for a call")
    except (msgspec.MsgspecError, ValueError) as error:
        raise InputError(
            f"the settings of the model {model!r} cannot be used: {error}",
            where=f"?{words}",
            do="give them as in #MODEL?tools=text&max_tokens=512&price=2/8",
        ) from error
    return EndpointPolicy(
        address,
        model,
        sampling or asked.sampling(),
        tools=asked.tools,
        price=price,
        rate=Rate(asked.rpm, asked.tpm),
        connections=asked.connections,
        retries=asked.retries,
        timeout=asked.timeout,
    )


@contextmanager
def open_policy(spec: str, lab: Lab | None, sampling: Sampling | None = None) -> Iterator[Policy]:
    """Open the actor that a word names, and release it at the end.

    Args:
        spec: `http://host/v1#MODEL`, which may end in settings as `?tools=text&max_tokens=512`
            (see `Settings`), `checkpoint:NAME` or `checkpoint:NAME@VERSION` of the lab,
            `script:TEXT` for one fixed answer, else `smollm2`, a folder, or a Hugging Face id.
        lab: where checkpoints are looked up; None where none can be.
        sampling: how answers are drawn; greedy if not given.

    Raises:
        InputError: the word names nothing, or nothing that may be named here, see `reach`.
        SetupError: a local model needs packages that are not installed.
    """
    if spec.startswith(("http://", "https://")):
        address, _, model = spec.partition("#")
        if not model:
            raise InputError(
                f"{spec!r} names no model",
                do=f"add it behind a #, as in {urlsplit(spec).geturl()}#MODEL",
            )
        model, _, settings = model.partition("?")
        yield _endpoint(address, model, settings, sampling)
    elif spec.startswith("script:"):
        yield fixed(spec.removeprefix("script:"))
    elif spec.startswith("checkpoint:"):
        if lab is None:
            raise InputError("a checkpoint is looked up in a lab, and there is none", where=spec)
        name, _, version = spec.removeprefix("checkpoint:").partition("@")
        if version and not version.isdigit():
            raise InputError(
                f"{version!r} is no version", where=spec, do="versions are 1, 2, 3, ..."
            )
        artifact = lab.artifact("checkpoint", name, int(version) if version else None)
        with _local().open_checkpoint(lab, artifact, sampling) as policy:
            yield policy
    else:
        see_name(spec)
        with _local().open_local(spec, sampling) as policy:
            yield policy


@contextmanager
def open_model(spec: str, lab: Lab, sampling: Sampling | None = None) -> Iterator[ChatPolicy]:
    """Open a language model, which can be shown examples; see `open_policy`.

    Raises:
        InputError: the word names a script, or nothing.
    """
    with open_policy(spec, lab, sampling) as policy:
        if not isinstance(policy, ChatPolicy):
            raise InputError(f"{spec!r} is no language model", do="name the model that was probed")
        yield policy


def _local() -> ModuleType:
    """Load what runs weights in this process; only a model that is asked for here needs it."""
    try:
        return import_module("banbury.actors.checkpoint")
    except ImportError as error:
        raise SetupError(
            f"a model in this process needs a package that is not installed: {error.name}",
            do="install it with: pip install 'banbury[local]'",
        ) from error
