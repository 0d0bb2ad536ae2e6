"""A language model seated at one task: observations become messages, the reply becomes a move.

Where a gym's only action is `Answer`, the text is the answer. Elsewhere the model has tools: native
tool calls where it has them, else a text protocol, one JSON object a message.

Calls in parallel are taken one after the other, each a move of its own and answered by what the
seat then sees; the model is asked again once all are answered. A broken call is a fault of the
actor: it is told what was wrong, and the calls behind it in the same message are not run.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import msgspec

from banbury.actors.policy import Call, Move, clean
from banbury.episode import Cost, Task
from banbury.formats.chat import Function, ToolCall
from banbury.gyms.contract import Action, Answer, Observation
from banbury.gyms.tools import TAG, BadCall, Toolbox, only_answers, toolbox

PAYLOAD_LIMIT = 4_000_000
"""Characters of one answer that are kept; a longer one is cut and says so."""
CALLS_LIMIT = 64
"""Tool calls of one message that are taken; the others are left out and said to be."""

_NAME = re.compile(r"[^a-zA-Z0-9_-]")


class Reply(msgspec.Struct, frozen=True):
    """What a model said, before it is an action."""

    text: str
    call: Call | None = None
    cost: Cost = Cost()
    route: str = ""
    notes: dict[str, str] = {}
    calls: tuple[ToolCall, ...] = ()


class Transcript(list[dict[str, Any]]):
    """Chat messages that are only ever added to, each of them encoded once.

    A conversation of n moves sends its history n times, as the protocol has it; what is spent on
    a message again is the copying of its bytes.
    """

    def __init__(self, messages: Sequence[dict[str, Any]] = ()) -> None:
        super().__init__(messages)
        self._bytes = bytearray()
        self._encoded = 0

    def raw(self) -> msgspec.Raw:
        """Return the messages as a JSON array."""
        while self._encoded < len(self):
            if self._encoded:
                self._bytes += b","
            self._bytes += msgspec.json.encode(self[self._encoded])
            self._encoded += 1
        return msgspec.Raw(b"[" + self._bytes + b"]")


class Speaker(Protocol):
    """What can be asked for the next message of a conversation; see `ChatPolicy.complete`."""

    async def complete(
        self,
        messages: list[dict[str, Any]],
        *,
        seed: int,
        task: Task,
        previous: Any = None,
        tools: Sequence[Mapping[str, Any]] = (),
    ) -> Reply:
        """Return the model's next message."""


class Conversation:
    """A seat at which text is spoken: the answer itself, or an action as JSON."""

    def __init__(
        self,
        speaker: Speaker,
        task: Task,
        actions: Any,
        messages: Sequence[dict[str, Any]],
        seed: int,
    ) -> None:
        self._speaker = speaker
        self._task = task
        self._actions = actions
        self._messages = Transcript(messages)
        self._seed = seed

    async def act(self, observations: Sequence[Observation]) -> Move:
        """Show the model what the seat has seen, and return its move."""
        self._messages += map(_shown, observations)
        reply = await self._speaker.complete(self._messages, seed=self._seed, task=self._task)
        reply = msgspec.structs.replace(reply, text=clean(reply.text))
        self._messages.append({"role": "assistant", "content": reply.text})
        return as_move(reply, self._actions)

    def recall(self, observations: Sequence[Observation], move: Move) -> None:
        """Put a move made before an interruption into the history."""
        self._messages += map(_shown, observations)
        self._messages.append({"role": "assistant", "content": _words(move)})


class ToolConversation:
    """A seat whose model calls tools."""

    def __init__(
        self,
        speaker: Speaker,
        task: Task,
        actions: Any,
        messages: Sequence[dict[str, Any]],
        seed: int,
    ) -> None:
        self._speaker = speaker
        self._task = task
        self._box = toolbox(actions)
        self._messages = Transcript(messages)
        self._seed = seed
        self._waiting: deque[ToolCall] = deque()
        self._open = ""
        self._dropped: list[str] = []
        self._later: list[dict[str, Any]] = []
        self._calls = 0

    async def act(self, observations: Sequence[Observation]) -> Move:
        """Answer the last call, and return the next one: of the same message, or of a new one."""
        self._hear(observations)
        if self._waiting:
            return self._next(Reply(""))
        reply = await self._speaker.complete(
            self._messages, seed=self._seed, task=self._task, tools=self._box.functions
        )
        reply = msgspec.structs.replace(reply, text=clean(reply.text))
        if not reply.calls:
            self._messages.append({"role": "assistant", "content": reply.text})
            return self._spoken(reply)
        self._called(reply)
        notes = {"said": reply.text} if reply.text else {}
        if (left := len(reply.calls) - CALLS_LIMIT) > 0:
            notes["calls"] = f"{left} calls behind the first {CALLS_LIMIT} were left out"
        return self._next(msgspec.structs.replace(reply, notes={**reply.notes, **notes}))

    def recall(self, observations: Sequence[Observation], move: Move) -> None:
        """Put a move made before an interruption into the history, as a call of its own."""
        self._hear(observations)
        if move.action is None or isinstance(move.action, Answer):
            self._messages.append({"role": "assistant", "content": _words(move)})
            return
        said = msgspec.to_builtins(move.action)
        function = Function(said.pop(TAG), msgspec.json.encode(said).decode())
        self._called(Reply(move.notes.get("said", ""), calls=(ToolCall("", function),)))
        self._open = self._waiting.popleft().id

    def _hear(self, observations: Sequence[Observation]) -> None:
        """Take what was seen: the answer to the open call, and what is said after all answers."""
        if not self._open:
            self._messages += map(_shown, observations)
            return
        answers = [o for o in observations if o.role == "tool"] or list(observations)
        self._answer(self._open, "\n".join(o.text for o in answers))
        self._later += [_shown(o) for o in observations if o not in answers]
        for dropped in self._dropped:
            self._answer(dropped, "not run, since the call before it was broken")
        self._open, self._dropped = "", []
        if not self._waiting:
            self._messages += self._later
            self._later = []

    def _answer(self, call: str, text: str) -> None:
        self._messages.append({"role": "tool", "tool_call_id": call, "content": text})

    def _called(self, reply: Reply) -> None:
        """Put the model's message into the history, in words that every server takes back."""
        taken: set[str] = set()
        for call in reply.calls[:CALLS_LIMIT]:
            self._calls += 1
            named = call.id if call.id and call.id not in taken else f"call_{self._calls}"
            taken.add(named)
            self._waiting.append(msgspec.structs.replace(call, id=named))
        calls = [msgspec.to_builtins(_presentable(call)) for call in self._waiting]
        content = reply.text or None
        self._messages.append({"role": "assistant", "content": content, "tool_calls": calls})

    def _next(self, reply: Reply) -> Move:
        call = self._waiting.popleft()
        self._open = call.id
        function = call.function
        try:
            return _move(reply, self._box.action(function.name, function.arguments))
        except BadCall as error:
            self._dropped = [c.id for c in self._waiting]
            self._waiting.clear()
            raw = f"{clean(function.name)} {clean(function.arguments)}"
            return _fault(reply, raw, f"{error}{_ending(reply)}")

    def _spoken(self, reply: Reply) -> Move:
        if self._box.says:
            return _answered(reply)
        what = f"you called no tool; the tools are: {self._box.names}"
        return _fault(reply, reply.text, f"{what}{_ending(reply)}")


def as_move(reply: Reply, actions: Any) -> Move:
    """Return the move that a text makes under a gym's actions."""
    if only_answers(actions):
        return _answered(reply)
    try:
        return _move(reply, toolbox(actions).read(reply.text))
    except BadCall as error:
        return _fault(reply, reply.text, f"{error}{_ending(reply)}")


def opening(box: Toolbox, system: str) -> str:
    """Return the system message of a model that is told its tools in text."""
    return f"{system}\n\n{box.protocol}" if system else box.protocol


def _words(move: Move) -> str:
    """Return a move as the text that it was, or could have been."""
    if move.action is None:
        return move.raw
    if isinstance(move.action, Answer):
        return move.action.text
    return msgspec.json.encode(move.action).decode()


def _shown(seen: Observation) -> dict[str, Any]:
    return {"role": "user" if seen.role == "tool" else seen.role, "content": seen.text}


def _presentable(call: ToolCall) -> ToolCall:
    """Return a call as it can be sent back: servers refuse broken JSON in a history."""
    name = _NAME.sub("_", call.function.name)[:64] or "unnamed"
    arguments = clean(call.function.arguments)
    try:
        good = isinstance(msgspec.json.decode(arguments), dict)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        good = False
    return ToolCall(call.id, Function(name, arguments if good else "{}"))


def _ending(reply: Reply) -> str:
    return " (the answer was cut at its length)" if reply.notes.get("finish") == "length" else ""


def _answered(reply: Reply) -> Move:
    text, notes = _cut(reply.text, reply.notes)
    return _move(msgspec.structs.replace(reply, notes=notes), Answer(text))


def _fault(reply: Reply, raw: str, fault: str) -> Move:
    raw, notes = _cut(raw, reply.notes)
    move = _move(msgspec.structs.replace(reply, notes=notes), None)
    return msgspec.structs.replace(move, raw=raw, fault=fault)


def _move(reply: Reply, action: Action | None) -> Move:
    return Move(action, call=reply.call, cost=reply.cost, route=reply.route, notes=reply.notes)


def _cut(text: str, notes: dict[str, str]) -> tuple[str, dict[str, str]]:
    if len(text) <= PAYLOAD_LIMIT:
        return text, notes
    said = f"the answer had {len(text)} characters; {PAYLOAD_LIMIT} are kept"
    return text[:PAYLOAD_LIMIT], {**notes, "cut": said}
