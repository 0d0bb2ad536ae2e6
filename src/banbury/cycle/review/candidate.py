"""A candidate: what the checks read of an episode that may be trained on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from banbury.episode import Episode, Judgement, Problem, Record, Task, canonical, digest
from banbury.formats.chat import Message, messages

WORDING = frozenset({"wording", "phrasing", "template", "difficulty"})
"""Parameters that change how a task is put and not what it is about."""


class Candidate(msgspec.Struct, frozen=True):
    """An episode, its task with the secret, its words, and its newest judgement.

    Attributes:
        episode: the header.
        problem: task and secret.
        shown: all that the seat was shown.
        answers: all that was done at the seat, one text an action.
        judgement: the newest, None if there is none.
    """

    episode: Episode
    problem: Problem
    shown: str
    answers: tuple[str, ...]
    judgement: Judgement | None

    @property
    def id(self) -> str:
        """Return the episode's id."""
        return self.episode.id

    @property
    def task(self) -> Task:
        """Return the task without its secret."""
        return self.problem.task


def candidate(
    record: Record, problem: Problem, judgements: tuple[Judgement, ...], seat: str | None
) -> Candidate:
    """Return an episode as a candidate, seen from one seat (the first if None)."""
    seats = [s.name for s in record.episode.seats]
    spoken = messages(record, seat or (seats[0] if seats else None))
    return Candidate(
        episode=record.episode,
        problem=problem,
        shown="\n".join(m.content for m in spoken if m.role != "assistant"),
        answers=tuple(_text(m) for m in spoken if m.role == "assistant"),
        judgement=judgements[-1] if judgements else None,
    )


def content_key(task: Task) -> str:
    """Return the hash of what a task is about: equal for one item in two wordings."""
    return digest(task.gym.encode(), task.family.encode(), canonical(_content(task)))


def content_text(task: Task) -> str:
    """Return the words that a task is about, without the wording around them.

    That is every text in its parameters, or its instruction where these hold none.
    """
    words = "\n".join(_texts(_content(task)))
    return words or task.public.instruction


def public_text(task: Task) -> str:
    """Return the whole public half as one text."""
    inputs = task.public.inputs
    return (
        task.public.instruction if inputs in ("", "{}") else f"{task.public.instruction}\n{inputs}"
    )


def _content(task: Task) -> Any:
    try:
        params = msgspec.json.decode(task.params)
    except msgspec.DecodeError:
        return task.params
    if isinstance(params, dict):
        if "content" in params:
            return params["content"]
        return {k: v for k, v in params.items() if k not in WORDING}
    return params


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for one in value.values():
            yield from _texts(one)
    elif isinstance(value, list):
        for one in value:
            yield from _texts(one)


def _text(message: Message) -> str:
    calls = "\n".join(f"{c.function.name} {c.function.arguments}" for c in message.tool_calls)
    return "\n".join(part for part in (message.content, calls) if part)
