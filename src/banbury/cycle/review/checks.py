"""The checks: small pure functions, each with a name, a hash of its own code, and its reasons.

A finding that `rejects` keeps the episode out of releases; one that does not is a note. Reasons
are fixed sentences, so that they can be counted; what was found stands in the finding's detail.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Literal

import msgspec

from banbury.cycle.review.candidate import (
    Candidate,
    content_key,
    content_text,
    public_text,
)
from banbury.episode import UNSTATED, Task, canonical, digest
from banbury.similar.exact import digest as text_digest
from banbury.similar.near import near_duplicates
from banbury.similar.overlap import overlaps

LICENCES = (
    "0BSD",
    "Apache-2.0",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "CC-BY-4.0",
    "CC0-1.0",
    "ISC",
    "MIT",
    "MIT-0",
    "PostgreSQL",
    "Unlicense",
)
"""Licences, by SPDX id, whose content may be released and trained on without asking anybody."""


class Limits(msgspec.Struct, frozen=True):
    """The settings of the checks.

    Attributes:
        answer: most characters of one answer.
        shown: most characters of all that was shown.
        licences: SPDX ids that are allowed.
        near: similarity from which two texts that people wrote are near duplicates, in (0, 1].
        overlap: share of a text's pieces in one reserved text from which it overlaps, in (0, 1].
        words: a run of so many words in both is overlap too.
    """

    answer: int = 20_000
    shown: int = 200_000
    licences: tuple[str, ...] = LICENCES
    near: float = 0.8
    overlap: float = 0.8
    words: int = 13


class Finding(msgspec.Struct, frozen=True):
    """What a check found of one episode."""

    episode: str
    reason: str
    detail: str = ""
    rejects: bool = True


Look = Callable[[Sequence[Candidate], Sequence[Task], Limits], Iterator[Finding]]


class Check(msgspec.Struct, frozen=True):
    """A check.

    Attributes:
        name: one word.
        scope: `each` looks at every episode alone; `set` compares those that are left with one
            another and with the reserved tasks.
        look: the function; it is handed candidates, reserved tasks and limits.
    """

    name: str
    scope: Literal["each", "set"]
    look: Look

    def hash(self, limits: Limits) -> str:
        """Return the hash of the check's code and settings."""
        code = inspect.getsource(self.look)
        return digest(self.name.encode(), code.encode(), canonical(limits))


def sealed(candidates: Sequence[Candidate], _: Sequence[Task], __: Limits) -> Iterator[Finding]:
    """The episode is over, by its own rules and not by a limit or a failure of the machine."""
    for c in candidates:
        if c.episode.status != "done":
            detail = c.episode.failure.what if c.episode.failure else ""
            yield Finding(c.id, f"the episode is {c.episode.status}, not done", detail)
        elif c.episode.truncated:
            yield Finding(c.id, "the gym's limit cut the episode short")


def judged(candidates: Sequence[Candidate], _: Sequence[Task], __: Limits) -> Iterator[Finding]:
    """The gym's own judge passed it."""
    for c in candidates:
        verdict = c.judgement
        if verdict is None or verdict.judge.split("/", 1)[0] != c.episode.gym:
            yield Finding(c.id, "the gym's own judge has not judged it")
        elif not verdict.passed:
            detail = f"score {verdict.score:g} by {verdict.judge}"
            yield Finding(c.id, "the gym's own judge did not pass it", detail)


def split(candidates: Sequence[Candidate], _: Sequence[Task], __: Limits) -> Iterator[Finding]:
    """Its task may be trained on."""
    for c in candidates:
        if c.task.split == "reserved":
            yield Finding(c.id, "its task is reserved for measuring")
        elif c.task.split == "probe":
            yield Finding(c.id, "its task belongs to the probe")


def answer(candidates: Sequence[Candidate], _: Sequence[Task], limits: Limits) -> Iterator[Finding]:
    """There is an answer, and neither it nor what was shown is longer than anybody reads."""
    for c in candidates:
        longest = max(map(len, c.answers), default=0)
        if not c.answers or not all(a.strip() for a in c.answers):
            yield Finding(c.id, "an answer is empty")
        elif longest > limits.answer:
            yield Finding(c.id, "an answer is too long", f"{longest} characters")
        if len(c.shown) > limits.shown:
            yield Finding(c.id, "what was shown is too long", f"{len(c.shown)} characters")


def licence(
    candidates: Sequence[Candidate], _: Sequence[Task], limits: Limits
) -> Iterator[Finding]:
    """Its content is under a licence from the list; of what a team imported, one may be its own."""
    for c in candidates:
        own = c.task.origin.kind == "imported" and c.task.licence.startswith("LicenseRef-")
        if own:
            what = "its licence is not stated" if c.task.licence == UNSTATED else "its own licence"
            yield Finding(c.id, what, c.task.licence, rejects=False)
        elif c.task.licence not in limits.licences:
            yield Finding(c.id, "its licence is not on the list", c.task.licence or "none named")


def leak(candidates: Sequence[Candidate], _: Sequence[Task], __: Limits) -> Iterator[Finding]:
    """The public half does not hand out the answer.

    A gold answer may stand in the task by nature (the last word of a sentence). What may not:
    the secret's own JSON, the reference solution of more than a word or two, or the line
    `Answer: X` with the gold X.
    """
    for c in candidates:
        text = public_text(c.task)
        secret = c.problem.secret
        if _stands_in(secret.answer, text, solution=False):
            yield Finding(c.id, "the task shows its secret", "the gold answer")
        elif _stands_in(secret.solution, text, solution=True):
            yield Finding(c.id, "the task shows its secret", "the reference solution")


def personal(candidates: Sequence[Candidate], _: Sequence[Task], __: Limits) -> Iterator[Finding]:
    """Notes what looks like an e-mail address or a telephone number of a real person."""
    for c in candidates:
        if c.task.origin.kind == "generated":
            continue
        text = "\n".join((c.shown, *c.answers))
        if found := _EMAIL.search(text):
            yield Finding(c.id, "holds what looks like an e-mail address", found[0], rejects=False)
        if found := _PHONE.search(text):
            yield Finding(c.id, "holds what looks like a phone number", found[0], rejects=False)


def duplicate(
    candidates: Sequence[Candidate], _: Sequence[Task], limits: Limits
) -> Iterator[Finding]:
    """The same words are not there twice; the first of each stays.

    Texts that people wrote are compared for near copies too. Generated tasks are not: two of one
    template differ in a number or two, and are different tasks.
    """
    first: dict[str, str] = {}
    for c in candidates:
        key = text_digest("\n\n".join((c.shown, *c.answers)))
        if first.setdefault(key, c.id) != c.id:
            yield Finding(c.id, "the same prompt and answer are there already", first[key])
    real = [c for c in candidates if c.task.origin.kind != "generated"]
    by_content: dict[str, Candidate] = {}
    for c in real:
        by_content.setdefault(content_key(c.task), c)
    texts = [content_text(c.task) for c in by_content.values()]
    for match in near_duplicates(texts, threshold=limits.near):
        copy, kept = list(by_content)[match.text], list(by_content.values())[match.other]
        for c in real:
            if content_key(c.task) == copy:
                detail = f"{kept.id}: {match.reason}"
                yield Finding(c.id, "a near copy of its text is there already", detail)


def reserved(
    candidates: Sequence[Candidate], held: Sequence[Task], limits: Limits
) -> Iterator[Finding]:
    """Nothing of it is in a reserved task: not the item in other words, not its text."""
    contents = {content_key(t): t.id for t in held}
    texts = {text_digest(public_text(t)): t.id for t in held}
    for c in candidates:
        item = contents.get(content_key(c.task)) or texts.get(text_digest(public_text(c.task)))
        if item is not None:
            yield Finding(c.id, "a reserved task asks the same", item)
    real = [c for c in candidates if c.task.origin.kind != "generated"]
    matches = overlaps(
        [content_text(c.task) for c in real],
        (content_text(t) for t in held),
        words=limits.words,
        share=limits.overlap,
    )
    for match in matches:
        detail = f"{held[match.other].id}: {match.reason}"
        yield Finding(real[match.text].id, "its text overlaps a reserved task", detail)


CHECKS: tuple[Check, ...] = (
    Check("sealed", "each", sealed),
    Check("judged", "each", judged),
    Check("split", "each", split),
    Check("answer", "each", answer),
    Check("licence", "each", licence),
    Check("leak", "each", leak),
    Check("personal", "each", personal),
    Check("duplicate", "set", duplicate),
    Check("reserved", "set", reserved),
)

_EMAIL = re.compile(r"\b[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}\b")
_PHONE = re.compile(
    r"(?<![\w.-])(?!\d{4}-\d\d-\d\d\b)\+?\(?\d{2,4}\)?[ .\-/]\(?\d{2,4}\)?"
    r"(?:[ .\-]\d{2,5}){1,3}(?![\w-])"
)
_JSON = 8
"""Characters from which an object or list is no longer part of the task by chance."""
_LONG = 24
"""Characters from which a solution can no longer stand in a task by chance."""


def _stands_in(raw: str, text: str, *, solution: bool) -> bool:
    """Return whether a secret's raw JSON stands in the text, as JSON or as the answer."""
    try:
        value: Any = msgspec.json.decode(raw)
    except msgspec.DecodeError:
        value = raw
    if not isinstance(value, str):
        return isinstance(value, dict | list) and len(raw) >= _JSON and raw in text
    plain = value.strip()
    if not plain:
        return False
    if solution and len(plain) >= _LONG and plain in text:
        return True
    line = re.escape(plain if plain.startswith("Answer:") else f"Answer: {plain}")
    return re.search(rf"^\s*{line}\s*$", text, re.MULTILINE) is not None
