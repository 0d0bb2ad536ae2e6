"""What people answered in a campaign, as the signals take it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from difflib import SequenceMatcher
from typing import Any

import msgspec

from banbury.arena.answering import SEAT, Evidence
from banbury.episode import Judgement, Record, canonical
from banbury.errors import Erased, UnknownName
from banbury.people.signals import Answer
from banbury.people.signals.typing import LONG
from banbury.store import Lab

CIRCULATED, FRESH = 20, 2
"""People who answered an item before from which on it has gone round; up to which it is fresh."""
_QUOTE = 20
"""Characters in a row that are the task's own words."""
_LONGEST = 4000
_SAMPLED = 200
"""Open items for which models' answers are looked up."""
_FORM = b"only its form"


class Gathered(msgspec.Struct, frozen=True):
    """A campaign's answers.

    Attributes:
        answers: the newest of each person to each task, in the order in which they came.
        at_ns: when each came.
        models: answers that models gave to the same open tasks in this lab, by task.
        skills: of each person's tasks.
        words: what each task asks, its beginning.
    """

    answers: list[Answer]
    at_ns: list[int]
    models: dict[str, list[str]]
    skills: dict[str, list[str]]
    words: dict[str, str]


class _Said(msgspec.Struct, frozen=True):
    person: str
    task: str
    text: str
    long: bool
    seconds: float
    keys: int
    at_ns: int
    skill: str
    episode: str


def gathered(lab: Lab, campaign: str) -> Gathered:
    """Return a campaign's answers, with how they came about.

    Where a client watched nothing, all of a text counts as typed. An answer of a person whose key
    was destroyed is not there.

    Raises:
        UnknownName: there is no such campaign.
    """
    shows = lab.queue.campaign(campaign).shows
    newest = {(one.person, one.task): one for one in _said(lab, f"campaign:{campaign}")}
    said = sorted(newest.values(), key=lambda one: one.episode)
    open_ = {one.task for one in said if one.long}
    right = _right(lab, [one.episode for one in said])
    before: dict[str, int] = defaultdict(int)
    answers = []
    words = _words(lab, sorted({one.task for one in said}))
    for one in said:
        gold = _gold(before[one.task]) if right[one.episode] is not None else ""
        before[one.task] += 1
        quoted = _quoted(one.text, words.get(one.task, "")) if one.long else 0
        answers.append(
            Answer(
                one.person, one.task, one.text, one.seconds, one.keys, quoted, "",
                right[one.episode], gold, one.task in open_,  # type: ignore[arg-type]
            )
        )  # fmt: skip
    skills: dict[str, set[str]] = defaultdict(set)
    for one in said:
        skills[one.person].add(shows or one.skill)
    return Gathered(
        answers, [one.at_ns for one in said], _models(lab, sorted(open_)),
        {person: sorted(own) for person, own in skills.items()}, words,
    )  # fmt: skip


def _said(lab: Lab, run: str) -> list[_Said]:
    """Return the answers of a run; page by page, or where somebody was erased, one by one."""
    try:
        found = [_of(record) for record, _ in lab.records(run=run, status="done")]
    except Erased:
        headers = lab.episodes(run=run, status="done")
        found = [_of(record) for e in headers if (record := _read(lab, e.id)) is not None]
    return [one for one in found if one is not None]


def _read(lab: Lab, id: str) -> Record | None:
    try:
        return lab.read(id)
    except Erased:
        return None


def _of(record: Record) -> _Said | None:
    episode = record.episode
    if not episode.actors or episode.actors[0].kind != "person":
        return None
    text, long = _text(record)
    seen = _evidence(record)
    keys = len(text) if seen is None else seen.keys
    seconds = (episode.cost.busy_ns or episode.length_ns) / 1e9
    return _Said(
        episode.actors[0].name, episode.key.task, text, long, seconds, keys,
        episode.anchor_ns + episode.length_ns, episode.skill, episode.id,
    )  # fmt: skip


def _text(record: Record) -> tuple[str, bool]:
    """Return the words of an answer, and whether they are the person's own."""
    answer = record.answer
    if not answer:
        return "", False
    value = msgspec.json.decode(answer)
    leaves = [leaf for leaf in _leaves(value) if len(leaf) >= LONG]
    if leaves:
        return "\n".join(leaves)[:_LONGEST], True
    rest = {k: v for k, v in value.items() if k != "do"} if isinstance(value, dict) else value
    alone = list(rest.values()) if isinstance(rest, dict) else [rest]
    said = alone[0] if len(alone) == 1 and isinstance(alone[0], str) else canonical(rest).decode()
    return said[:_LONGEST], False


def _leaves(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _leaves(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _leaves(inner)


def _evidence(record: Record) -> Evidence | None:
    for step in record.steps:
        if step.kind != "note" or SEAT.encode() not in step.payload:
            continue
        try:
            note = msgspec.json.decode(step.payload, type=dict[str, Any])
            return msgspec.json.decode(note[SEAT], type=Evidence)
        except (msgspec.MsgspecError, KeyError, TypeError):
            continue
    return None


def _right(lab: Lab, episodes: list[str]) -> dict[str, bool | None]:
    """Whether each answer is known to be right; None where only its form was judged."""
    found: dict[str, bool | None] = {}
    for first in range(0, len(episodes), 500):
        part = episodes[first : first + 500]
        held = lab.judgements(part)
        found |= {id: _known(held.get(id, ())) for id in part}
    return found


def _known(judgements: tuple[Judgement, ...]) -> bool | None:
    if not judgements or _FORM in _bytes(judgements[-1].evidence):
        return None
    return judgements[-1].passed


def _bytes(evidence: str | bytes) -> bytes:
    return evidence.encode() if isinstance(evidence, str) else evidence


def _gold(before: int) -> str:
    return "circulated" if before >= CIRCULATED else "fresh" if before <= FRESH else ""


def _words(lab: Lab, tasks: list[str]) -> dict[str, str]:
    found = {}
    for id in tasks:
        try:
            found[id] = lab.task(id).public.instruction[:_LONGEST]
        except UnknownName:
            continue
    return found


def _quoted(text: str, task: str) -> int:
    matches = SequenceMatcher(None, text, task, autojunk=False).get_matching_blocks()
    return sum(m.size for m in matches if m.size >= _QUOTE)


def _models(lab: Lab, tasks: list[str]) -> dict[str, list[str]]:
    """Answers that models gave to some tasks, in any run of this lab."""
    found: dict[str, list[str]] = {}
    for task in tasks[:_SAMPLED]:
        for episode in lab.episodes(task=task, status="done"):
            if any(actor.kind == "model" for actor in episode.actors):
                text, _ = _text(lab.read(episode.id))
                found.setdefault(task, []).append(text)
    return found
