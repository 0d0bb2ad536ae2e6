"""What an OpenAI-compatible endpoint sent back: the model's text and tool calls, as they are.

A body that is no chat completion is the endpoint's failure. Everything within a completion is the
model's answer, however bad: nothing at all, broken UTF-8, lone surrogates, a million letters,
tool calls that are none.
"""

from __future__ import annotations

import base64
import json
from typing import Any

import msgspec

from banbury.actors.policy import clean
from banbury.errors import ActorError
from banbury.formats.chat import Function, ToolCall

_KEPT = 1_000
"""Bytes of evidence kept on each side of what is broken."""
_ASIDE = ("refusal", "reasoning_content", "reasoning")


class Completion(msgspec.Struct, frozen=True):
    """A model's answer.

    Attributes:
        text: what it said, valid Unicode.
        notes: evidence beside it: how it ended, if not by itself, and what was mended.
        tokens_in: prompt tokens, 0 where the endpoint does not say.
        tokens_out: completion tokens, likewise.
        tokens_cached: prompt tokens that the endpoint had in its cache, likewise.
        calls: the tools that it called, in its order.
    """

    text: str
    notes: dict[str, str]
    tokens_in: int
    tokens_out: int
    tokens_cached: int = 0
    calls: tuple[ToolCall, ...] = ()


def read(data: bytes, where: str) -> Completion:
    """Return the first choice of a response's body.

    Args:
        data: the body.
        where: the address that it came from, for the error.

    Raises:
        ActorError: it is no chat completion.
    """
    notes: dict[str, str] = {}
    try:
        found = _decoded(data, notes)
        if not found.choices:
            raise ValueError("it has no choices")
        choice = found.choices[0]
        said = _text(choice.message.content)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        shown = data[:300].decode("utf-8", "replace")
        raise ActorError(
            f"the endpoint's answer is no chat completion: {error}; it is {shown!r}",
            where=where,
            do="point at the OpenAI-compatible root, which often ends in /v1",
        ) from error
    if choice.finish_reason not in (None, "stop", "tool_calls"):
        notes["finish"] = str(choice.finish_reason)
    for name in _ASIDE:
        if aside := getattr(choice.message, name):
            notes[name] = clean(str(aside))
    text = clean(said)
    if text != said:
        notes["surrogates"] = "the answer held lone surrogates; they are U+FFFD now"
    usage = found.usage if isinstance(found.usage, dict) else {}
    if not usage:
        notes["usage"] = "the endpoint did not say how many tokens it read and wrote"
    spent = _count(usage, "prompt_tokens"), _count(usage, "completion_tokens")
    if cached := _cached(usage):
        notes["cached"] = f"{cached} of the prompt's tokens were in the endpoint's cache"
    calls = tuple(map(_call, _list(choice.message.tool_calls)))
    return Completion(text, notes, *spent, cached, calls)


def _decoded(data: bytes, notes: dict[str, str]) -> _Response:
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        text = data.decode("utf-8", errors="replace")
        around = data[max(0, error.start - _KEPT) : error.start + _KEPT]
        notes["invalid_utf8"] = f"{error}; around it: {base64.b64encode(around).decode()}"
    try:
        return msgspec.json.decode(text, type=_Response)
    except msgspec.ValidationError:
        raise
    except msgspec.DecodeError:
        # The standard library reads escapes of lone surrogates, which msgspec refuses.
        return msgspec.convert(json.loads(text), _Response)


def _text(content: Any) -> str:
    """Return the text of a message's content: a text, or a list of parts, or nothing."""
    if isinstance(content, list):
        parts = [part.get("text") for part in content if isinstance(part, dict)]
        return "".join(part for part in parts if isinstance(part, str))
    return content or ""


def _call(found: Any) -> ToolCall:
    """Return a tool call in OpenAI's form, whatever came in its place."""
    call = found if isinstance(found, dict) else {}
    function = call.get("function")
    function = function if isinstance(function, dict) else {}
    name, arguments, number = function.get("name"), function.get("arguments"), call.get("id")
    if not isinstance(arguments, str):  # some servers send the object itself
        arguments = "" if arguments is None else json.dumps(arguments)
    said = Function(name if isinstance(name, str) else "", arguments)
    return ToolCall(number if isinstance(number, str) else "", said)


def _list(found: Any) -> list[Any]:
    return found if isinstance(found, list) else []


def _cached(usage: dict[str, Any]) -> int:
    """Return the prompt tokens out of the cache, as OpenAI and vLLM or as DeepSeek tell them."""
    details = usage.get("prompt_tokens_details")
    told = _count(details, "cached_tokens") if isinstance(details, dict) else 0
    return told or _count(usage, "prompt_cache_hit_tokens")


def _count(usage: dict[str, Any], name: str) -> int:
    value = usage.get(name)
    return int(value) if isinstance(value, int | float) and 0 <= value < 1 << 62 else 0


class _Message(msgspec.Struct):
    content: str | list[Any] | None = None
    refusal: Any = None
    reasoning_content: Any = None
    reasoning: Any = None
    tool_calls: Any = None


class _Choice(msgspec.Struct):
    message: _Message
    finish_reason: Any = None


class _Response(msgspec.Struct):
    choices: list[_Choice]
    usage: Any = None
