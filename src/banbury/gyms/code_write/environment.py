"""The task as an environment: code can be tried on the examples, then it is answered."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from banbury.episode import Task
from banbury.gyms.code_write.actions import Try
from banbury.gyms.code_write.code import LONGEST, Call, call_of, code_of, plain
from banbury.gyms.code_write.inside.values import Unplain, decode, same
from banbury.gyms.code_write.problems import asked_of
from banbury.gyms.code_write.running import Said, called
from banbury.gyms.contract import Action, Environment, Observation, Turn

TRIES = 20
"""Tries after which an episode is cut off."""
_LONG = 600


class Writing(Environment):
    """One function, from the statement to the answer.

    Args:
        task: what is asked; nothing of its secret comes here.
        seat: who writes.
    """

    def __init__(self, task: Task, seat: str = "solver") -> None:
        self._task = task
        self._seat = seat
        self._asked = asked_of(task)
        self._tries = 0

    def opening(self) -> Turn:
        """Show the statement."""
        public = self._task.public
        return Turn({self._seat: (Observation(public.instruction, media=public.media),)})

    def step(self, seat: str, action: Action) -> Turn:
        """Try code, or end with the answer."""
        if not isinstance(action, Try):
            return Turn(terminated=True)
        self._tries += 1
        shown = Observation("\n".join(self._tried(action)), "tool")
        return Turn({self._seat: (shown,)}, truncated=self._tries >= TRIES)

    def _tried(self, action: Try) -> Iterator[str]:
        entry = self._asked.entry
        if len(action.code) > LONGEST:
            yield f"The code has {len(action.code)} characters; the most are {LONGEST}."
            return
        calls: list[tuple[str, Call, str]] = []
        for text, wanted in [(action.call, "")] if action.call.strip() else self._asked.examples:
            call = call_of(text, entry)
            if call is None:
                yield f"{text[:200]!r} is no call of {entry} with plain values."
                return
            calls.append((text, call, wanted))
        if not calls:
            yield f"The task has no examples to run; give a call such as {entry}(...)."
            return
        code = code_of(action.code, entry)
        for (text, _, wanted), said in zip(
            calls, called(code, self._asked, [call for _, call, _ in calls]), strict=True
        ):
            yield f"{text}: {_came(said, wanted)}"[:_LONG]


def _came(said: Said, wanted: str) -> str:
    kind, value = said
    if not kind:
        return f"{value}"
    try:
        got = decode(value)
        if not wanted:
            return f"returned {got!r}"
        if same(got, decode(plain(ast.parse(wanted, mode="eval").body))):
            return f"returned {got!r}, as it shall"
        return f"returned {got!r}, not {wanted}"
    except (Unplain, ValueError, SyntaxError):
        return "returned what is no plain value"
