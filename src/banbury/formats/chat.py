"""OpenAI chat messages of an episode, and the steps that a list of chat messages stands for.

What a seat was shown becomes `system`, `user` and `tool` messages, what was done at the seat
becomes `assistant` messages. An action that only says a text (`{"do": "answer", "text": ...}`) is
plain content; any other action is one tool call whose name is the action's tag. Only steps on the
track `main` are messages: joints, cameras and states are not words.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import msgspec

from banbury.episode import GYM, Record, Step, canonical
from banbury.errors import InputError

Role = Literal["system", "user", "assistant", "tool"]

MAIN = "main"
"""The track whose steps are words."""
SAY = "answer"
"""The tag of the action that only says a text."""


class Function(msgspec.Struct, frozen=True):
    """The function of a tool call; `arguments` is JSON text, as OpenAI has it."""

    name: str
    arguments: str


class ToolCall(msgspec.Struct, frozen=True):
    """One tool call of an assistant message."""

    id: str
    function: Function
    type: Literal["function"] = "function"


class Message(msgspec.Struct, frozen=True, omit_defaults=True):
    """One chat message; `dump` gives the object that an OpenAI-compatible server takes."""

    role: Role
    content: str
    tool_calls: tuple[ToolCall, ...] = ()
    tool_call_id: str = ""


Calls = tuple[int, tuple[str, ...]]
"""The seq of the last action and the ids of its tool calls."""


class Said(msgspec.Struct, frozen=True):
    """A message with the step that it was made from."""

    message: Message
    step: Step


def dump(messages: Sequence[Message]) -> list[dict[str, Any]]:
    """Return the messages as plain dicts and lists."""
    return [
        {
            "role": m.role,
            "content": m.content,
            **({"tool_calls": msgspec.to_builtins(list(m.tool_calls))} if m.tool_calls else {}),
            **({"tool_call_id": m.tool_call_id} if m.tool_call_id else {}),
        }
        for m in messages
    ]


def plain(messages: Sequence[Message]) -> list[dict[str, str]]:
    """Return the messages for a model without tool calls, as the text protocol of tools has them.

    A tool call is the JSON object of its action, and what a tool said comes from the user.
    """
    return [
        {"role": "user" if m.role == "tool" else m.role, "content": _written(m)} for m in messages
    ]


def _written(message: Message) -> str:
    calls = []
    for call in message.tool_calls:
        action = doing(call.function.name, msgspec.json.decode(call.function.arguments or "{}"))
        calls.append(msgspec.json.encode(action).decode())
    return "\n".join(part for part in (message.content, *calls) if part)


def load(rows: Sequence[Any]) -> tuple[Message, ...]:
    """Return plain dicts as messages; content that is null is read as "".

    Raises:
        InputError: a row is not a chat message.
    """
    out = []
    for i, row in enumerate(rows):
        plain = row
        if isinstance(row, dict):
            plain = {k: v for k, v in row.items() if v is not None}
            plain.setdefault("content", "")
        try:
            out.append(msgspec.convert(plain, Message))
        except msgspec.ValidationError as error:
            raise InputError(
                f"this is not a chat message: {error}",
                where=f"message {i}",
                do="give role and content, with roles system, user, assistant or tool",
            ) from error
    return tuple(out)


def the_seat(record: Record, seat: str | None = None) -> str:
    """Return the seat to look from: the one named, or the only one there is.

    Raises:
        InputError: there is no such seat, or several and none was named.
    """
    seats = [s.name for s in record.episode.seats]
    seats = seats or sorted({s.seat for s in record.steps if s.kind == "action"})
    if seat is None and len(seats) <= 1:
        return seats[0] if seats else ""
    if seat in seats:
        return str(seat)
    raise InputError(
        "the episode has several seats" if seat is None else f"the episode has no seat {seat!r}",
        where=f"episode {record.episode.id}",
        do="name one of: " + ", ".join(seats),
    )


def said(record: Record, seat: str | None = None) -> tuple[Said, ...]:
    """Return the conversation as one seat had it, each message with its step, in order.

    A corrected action is replaced, at its own place, by the last step that corrects it.

    Raises:
        InputError: there is no such seat, or several and none was named.
    """
    name = the_seat(record, seat)
    mends: Mapping[int | None, Step] = {
        s.corrects: s for s in record.steps if s.corrects is not None
    }
    out: list[Said] = []
    open_calls: Calls = (-1, ())
    for step in record.steps:
        if step.track != MAIN or step.corrects is not None:
            continue
        if step.kind == "action" and step.seat == name:
            last = _mended(step, mends)
            message = _acted(last)
            open_calls = (step.seq, tuple(c.id for c in message.tool_calls))
            out.append(Said(message, last))
        elif step.kind == "observation" and step.seat in (name, ""):
            out.extend(Said(m, step) for m in _shown(step, open_calls))
    return tuple(out)


def messages(record: Record, seat: str | None = None) -> tuple[Message, ...]:
    """Return the conversation as one seat had it; see `said`."""
    return tuple(s.message for s in said(record, seat))


def steps(
    conversation: Sequence[Message], seat: str = "solver", *, actor: int = 0
) -> tuple[Step, ...]:
    """Return the steps that a conversation stands for, all at time 0 (chat carries no times).

    `messages` of a record with these steps gives the conversation back, save for the ids of tool
    calls, which are made from the steps' own numbers.

    Raises:
        InputError: a tool call's arguments are not a JSON object.
    """
    out: list[Step] = []
    asked: dict[str, int] = {}
    for message in conversation:
        if message.role == "assistant":
            for payload, call in _doings(message):
                if call:
                    asked[call] = len(out)
                out.append(Step(len(out), "action", actor, seat, MAIN, 0, 0, payload))
            continue
        shown = {"role": message.role, "text": message.content}
        reply = asked.get(message.tool_call_id)
        payload = msgspec.json.encode(shown)
        out.append(Step(len(out), "observation", GYM, seat, MAIN, 0, 0, payload, reply_to=reply))
    return tuple(out)


def _mended(step: Step, mends: Mapping[int | None, Step]) -> Step:
    seen = {step.seq}
    while step.seq in mends and mends[step.seq].seq not in seen:
        step = mends[step.seq]
        seen.add(step.seq)
    return step


def doing(name: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Return a tool call as an action; arguments that hold a `do` of their own are nested."""
    if "do" in arguments:
        return {"do": name, "arguments": dict(arguments)}
    return {"do": name, **arguments}


def decoded(step: Step) -> Any:
    """Return a step's payload as plain data; bytes that are not JSON come back as text."""
    try:
        return msgspec.json.decode(step.payload)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return bytes(step.payload).decode("utf-8", "replace")


def _acted(step: Step) -> Message:
    payload = decoded(step)
    if isinstance(payload, str):
        return Message("assistant", payload)
    if isinstance(payload, dict) and isinstance(payload.get("do"), str):
        rest = {k: v for k, v in payload.items() if k != "do"}
        if payload["do"] == SAY and set(rest) == {"text"} and isinstance(rest["text"], str):
            return Message("assistant", rest["text"])
        function = Function(payload["do"], msgspec.json.encode(rest).decode())
        return Message("assistant", "", (ToolCall(f"call_{step.seq}", function),))
    return Message("assistant", canonical(payload).decode())


def _shown(step: Step, open_calls: Calls) -> list[Message]:
    """Return the messages of an observation; `tool` ones answer the call before them."""
    payload = decoded(step)
    out = []
    for one in payload if isinstance(payload, list) else [payload]:
        if isinstance(one, str):
            out.append(Message("user", one))
            continue
        if not isinstance(one, dict) or not isinstance(one.get("text"), str):
            continue
        role: Role = one["role"] if one.get("role") in ("system", "tool") else "user"
        if role != "tool":
            out.append(Message(role, one["text"]))
            continue
        asker, calls = open_calls
        # Servers refuse a tool message that answers no call.
        if calls and step.reply_to in (asker, None):
            out.append(Message("tool", one["text"], (), calls[0]))
        else:
            out.append(Message("user", one["text"]))
    return out


def _doings(message: Message) -> list[tuple[bytes, str]]:
    """Return (payload, id of the tool call or "") of each action of an assistant message."""
    out: list[tuple[bytes, str]] = []
    if message.content or not message.tool_calls:
        out.append((canonical({"do": SAY, "text": message.content}), ""))
    for call in message.tool_calls:
        try:
            arguments = msgspec.json.decode(call.function.arguments or "{}")
        except msgspec.DecodeError:
            arguments = None
        if not isinstance(arguments, dict):
            raise InputError(
                "the arguments of a tool call are not a JSON object",
                where=f"call {call.id} of {call.function.name}",
                do="give arguments as the text of a JSON object",
            )
        out.append((canonical(doing(call.function.name, arguments)), call.id))
    return out
