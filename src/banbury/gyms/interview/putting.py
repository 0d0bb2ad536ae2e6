"""How a question is put: in words for everybody, as data for the seat, with what is looked at."""

from __future__ import annotations

from typing import Literal

import msgspec

from banbury.episode import Blob, Span
from banbury.gyms.contract import Observation
from banbury.gyms.interview import marking
from banbury.gyms.interview.bank import Item
from banbury.gyms.interview.spoken import words

SHOWN = 1500
"""Characters of an answer that are shown again where it is to be defended."""
BLOB = "blob"

HOW = {
    "number": "Answer with the number alone.",
    "expression": "Answer with the expression alone: numbers, {names}, + - * / // % ** ( ), min, "
    "max, abs, sqrt, ceil, floor.",
    "code": "Answer with the whole function, repaired. It is run on inputs that are not shown.",
    "choice": "Answer with one letter.",
    "open": "Answer in a few sentences, in {language}.",
}

Stage = Literal["verifiable", "open", "defence", "further"]


class Question(msgspec.Struct, frozen=True, omit_defaults=True):
    """A question as a seat shows it.

    Attributes:
        number: from 1.
        stage: of the interview.
        kind: how it is answered.
        ask: the question.
        how: how to answer.
        planned: seconds planned for what came before.
        seconds: planned for this one.
        whole: planned for the whole interview, at most.
        most: short questions, at most.
        options: of a choice, as they are shown.
        names: variables of an expression.
        code: what is to be repaired.
        entry: name of the function.
        samples: cases that may be tried.
        before: the question whose answer is to be defended.
        said: that answer.
        follow: a question of a model's about the person's own words.
        measured: whether it counts.
    """

    number: int
    stage: Stage
    kind: str
    ask: str
    how: str
    planned: int
    seconds: int
    whole: int
    most: int
    options: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    code: str = ""
    entry: str = ""
    samples: tuple[str, ...] = ()
    before: str = ""
    said: str = ""
    follow: str = ""
    measured: bool = True


def how(item: Item, language: str) -> str:
    """Return how an item is to be answered."""
    return HOW[item.kind].format(names=", ".join(item.names), language=language)


def said(question: Question) -> str:
    """Return a question in words, for whoever has no seat."""
    q = question
    head = f"Question {q.number}."
    if q.stage == "defence":
        return f"{head} The last one.\n\n{defended(q.before, q.said, _asks(q))}"
    if q.stage == "further":
        return f"{head} This one is not measured.\n\n{q.ask}"
    parts = [head, q.ask]
    if q.code:
        parts.append(f"```python\n{q.code}\n```")
    if q.options:
        named = zip(marking.LETTERS, q.options, strict=False)
        parts.append("\n".join(f"{letter}) {option}" for letter, option in named))
    return "\n\n".join([*parts, q.how])


def defended(ask: str, answer: str, question: str) -> str:
    """Return the words of a defence: what was asked and answered, and what is asked now."""
    said = words(answer)[:SHOWN] or "(said aloud)"
    return f"You were asked:\n\n{ask.strip()}\n\nYou answered:\n\n{said}\n\n{question}"


def observed(question: Question, item: Item | None = None) -> Observation:
    """Return a question as an observation: words, data, and what is looked at."""
    data = msgspec.json.encode(question).decode()
    return Observation(said(question), data=data, media=looked_at(item))


def looked_at(item: Item | None) -> tuple[Span, ...]:
    """Return the image, sound or video of an item."""
    if item is None or not item.media.startswith(f"{BLOB}:"):
        return ()
    _, sha256, size, media = item.media.split(":", 3)
    return (Span(Blob(sha256, int(size), media), media.partition("/")[0], 0, 0),)


def _asks(question: Question) -> str:
    return f"{question.follow}\n\n{question.ask}" if question.follow else question.ask
