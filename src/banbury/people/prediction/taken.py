"""Interviews that were taken, and what came of people's work, from the rows of the house."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

import msgspec
import sqlalchemy as sa

from banbury.episode import Episode, Judgement
from banbury.errors import Erased, StoreError
from banbury.people.ability.predicting import Outcome, Worked
from banbury.statistics.response.ability import Estimate
from banbury.store import House, Lab
from banbury.store.evidence import Body

GYM = "interview"
ARROW = " -> "
LEAST = 3
"""Pieces of work from which on a person has an outcome."""
_BATCH = 500
_WORK = """
SELECT e.account, e.skill, e.source, e.body FROM evidence e
WHERE e.source IN ('gold', 'reviews') AND NOT EXISTS (
    SELECT FROM objection o WHERE o.account = e.account AND o.skill = e.skill
    AND o.source = e.source AND o.state = 'left out' AND e.seq <= o.until_seq)
"""


class Taken(msgspec.Struct, frozen=True):
    """One interview that was taken, as its newest judgement has it.

    Attributes:
        account: of the person.
        skill: of the bank.
        number: `first`, `second` or `third` try.
        at_ns: when it ended.
        ability: estimated.
        passed: whether the line was reached.
        answers: whether each item was answered rightly; those that wait for a grader are not there.
        bank: hash of the bank as it was asked.
    """

    account: str
    skill: str
    number: str
    at_ns: int
    ability: Estimate
    passed: bool
    answers: Mapping[str, bool]
    bank: str


class _Asked(msgspec.Struct):
    item: str
    right: bool | None = None


class _Evidence(msgspec.Struct):
    ability: Estimate
    asked: tuple[_Asked, ...] = ()
    rubric: str = ""
    number: str = msgspec.field(default="", name="try")


_evidence = msgspec.json.Decoder(_Evidence).decode


def taken(house: House) -> tuple[list[Taken], int]:
    """Return all interviews of people, oldest first, and how many were left out.

    Left out are those of people about whose record a case is open or stands.
    """
    found = sorted(
        (one for name in house.labs() for one in _of_lab(house, name)), key=lambda t: t.at_ns
    )
    query = sa.text("SELECT DISTINCT account FROM signal_case WHERE state <> 'cleared'")
    rows = house.run(lambda c: c.execute(query).scalars().all())
    suspect = {str(account) for account in rows}
    kept = [one for one in found if one.account not in suspect]
    return kept, len(found) - len(kept)


def worked(house: House, interviews: list[Taken]) -> list[Worked]:
    """Return each person's first interview in a skill with what came of each field of their work.

    A field is the first word of the skills of work, such as `code_repair`; a row's skill names
    both. Whoever has too few results there has no outcome, and shows how those who work differ
    from all who were interviewed.
    """
    first: dict[tuple[str, str], Taken] = {}
    for one in interviews:
        first.setdefault((one.account, one.skill), one)
    results = _results(house)
    fields = sorted({field for account, field in results})
    rows = []
    for skill in sorted({skill for _, skill in first}):
        mine = [one for (_, s), one in first.items() if s == skill]
        for field in fields:
            if any((one.account, field) in results for one in mine):
                rows += [
                    Worked(one.account, f"{skill}{ARROW}{field}", one.ability.mean,
                           results.get((one.account, field), {}), one.answers) for one in mine
                ]  # fmt: skip
    return rows


def _of_lab(house: House, name: str) -> Iterator[Taken]:
    try:
        lab = house.lab(name, create=False)
        headers = [e for e in lab.episodes(gym=GYM, status="done") if _who(e)]
    except StoreError:
        return
    query = sa.text("SELECT name, account FROM pseudonym WHERE lab = :lab")
    rows = house.run(lambda c: c.execute(query, {"lab": name}).all()) if headers else []
    accounts = {r.name: str(r.account) for r in rows}
    for first in range(0, len(headers), _BATCH):
        part = headers[first : first + _BATCH]
        held = _judgements(lab, [e.id for e in part])
        for episode in part:
            account = accounts.get(_who(episode), "")
            if account and held.get(episode.id):
                yield from _one(account, episode, held[episode.id][-1])


def _judgements(lab: Lab, ids: list[str]) -> Mapping[str, tuple[Judgement, ...]]:
    try:
        return lab.judgements(ids)
    except Erased:
        return {}


def _who(episode: Episode) -> str:
    return next((a.name for a in episode.actors if a.kind == "person"), "")


def _one(account: str, episode: Episode, judgement: Judgement) -> Iterator[Taken]:
    try:
        told = _evidence(judgement.evidence)
    except msgspec.MsgspecError:
        return
    answers = {a.item: a.right for a in told.asked if a.right is not None}
    if answers:
        yield Taken(
            account, episode.skill, told.number, episode.anchor_ns + episode.length_ns,
            told.ability, bool(judgement.passed), answers, told.rubric,
        )  # fmt: skip


def _results(house: House) -> dict[tuple[str, str], dict[Outcome, float]]:
    """The mean of what was good, by account and field of work, where there is enough of it."""
    pieces: dict[tuple[str, str], dict[Outcome, list[float]]] = defaultdict(dict)
    for row in house.run(lambda c: c.execute(sa.text(_WORK)).all()):
        good = msgspec.json.decode(bytes(row.body), type=Body).good
        key = str(row.account), row.skill.partition(".")[0]
        pieces[key].setdefault(row.source, []).append(min(1.0, max(0.0, good)))
    found = {}
    for key, held in pieces.items():
        means: dict[Outcome, float] = {
            source: sum(all_) / len(all_) for source, all_ in held.items() if len(all_) >= LEAST
        }
        if means:
            found[key] = means
    return found
