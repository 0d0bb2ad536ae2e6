"""Ledger: rows of evidence in the house, the beliefs and standings that follow from them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import msgspec
import sqlalchemy as sa

from banbury import clock
from banbury.errors import InputError
from banbury.people.ability.belief import Belief, Measured, belief
from banbury.people.ability.parts import wholes, within
from banbury.people.evidence.entry import Entry, counting, likelihoods
from banbury.people.matching.person import Belief as Short
from banbury.people.offers.profiles import believed
from banbury.people.offers.standings import Standings
from banbury.people.standing.finding import Result
from banbury.store import House
from banbury.store.evidence import Body

_FRESH = "SELECT DISTINCT account, skill FROM evidence WHERE NOT weighed ORDER BY 1, 2 LIMIT 1000"
_ROWS = """
SELECT e.seq, e.skill, e.source, e.lab, e.piece, e.at_ns, e.body, e.weighed,
    EXISTS (SELECT FROM objection o WHERE o.account = e.account AND o.skill = e.skill
        AND o.source = e.source AND o.state = 'left out' AND e.seq <= o.until_seq) AS left_out
FROM evidence e WHERE e.account = CAST(:a AS uuid) ORDER BY e.seq
"""
_ADD = """
INSERT INTO evidence (account, skill, source, lab, piece, body, at_ns)
VALUES (CAST(:a AS uuid), :skill, :source, :lab, :piece, :body, :at)
ON CONFLICT (account, lab, source, piece, skill) DO UPDATE SET body = excluded.body,
    weighed = false
"""
_body = msgspec.json.Decoder(Body).decode


class Ledger:
    """The evidence of a house."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._standings = Standings(house)

    def of(self, account: str, skill: str = "") -> list[Entry]:
        """Return a person's evidence, of all skills or of one with its parts, oldest first."""
        return self._house.run(lambda c: _entries(c, account, skill))

    def skills(self, account: str) -> list[str]:
        """Return the skills of which there is evidence, with what they are parts of."""
        return sorted({whole for e in self.of(account) for whole in wholes(e.skill)})

    def measured(self, account: str, skill: str, found: Measured) -> None:
        """Keep what an interview measured, once by what it rests on (`of`), and weigh it.

        Raises:
            InputError: it is no interview's, or names nothing that it rests on.
        """
        if found.source != "interview" or not found.of:
            raise InputError("an interview's result names its source and its episode", where=skill)
        body = Body(mean=found.mean, error=found.error, episode=found.of)
        row = {
            "a": account, "skill": skill, "source": "interview", "lab": "", "piece": found.of,
            "body": msgspec.json.encode(body), "at": found.at_ns,
        }  # fmt: skip
        self._house.run(lambda c: c.execute(sa.text(_ADD), row))
        self.weigh(account, skill)

    def take_in(self) -> int:
        """Weigh all that is new; return of how many skills of people there was something.

        What was not weighed when a process was killed is weighed by the next call, once.
        """
        total = 0
        while rows := self._house.run(lambda c: c.execute(sa.text(_FRESH)).all()):
            for row in rows:
                self.weigh(str(row.account), row.skill)
            total += len(rows)
        return total

    def weigh(self, account: str, skill: str) -> None:
        """Take new evidence of one skill into the standing, and believe anew what it bears on."""

        def work(c: sa.Connection) -> None:
            _alone(c, account)
            entries = _entries(c, account, "")
            fresh = _fresh(c, account, skill)
            results = [_result(e) for e in entries if e.seq in fresh and e.skill == skill]
            given = [r for r in results if r is not None]
            if given:
                self._standings.add_within(c, account, skill, given)
            done = sa.text("UPDATE evidence SET weighed = true WHERE seq = ANY(:seqs)")
            c.execute(done, {"seqs": sorted(fresh)})
            self._believe(c, account, entries, wholes(skill))

        self._house.run(work)

    def refresh(self, account: str = "") -> int:
        """Believe anew all that is kept of one person, or of everybody: beliefs fade with age.

        Returns:
            How many people.
        """
        query = sa.text(
            "SELECT DISTINCT account FROM evidence WHERE :a = '' OR account::text = :a ORDER BY 1"
        )
        people = self._house.run(lambda c: c.execute(query, {"a": account}).scalars().all())
        for id in people:
            self._house.run(lambda c, id=id: self._again(c, str(id)))  # type: ignore[misc]
        return len(people)

    def belief(self, account: str, skill: str, now_ns: int | None = None) -> Belief:
        """Return what is believed of a skill, from all evidence of it and of its parts."""
        now = clock.wall_ns() if now_ns is None else now_ns
        held = [e for e in self.of(account, skill) if e.at_ns <= now]
        return belief(likelihoods(held), now)

    def _again(self, c: sa.Connection, account: str) -> None:
        _alone(c, account)
        entries = _entries(c, account, "")
        self._believe(c, account, entries, sorted({w for e in entries for w in wholes(e.skill)}))

    @staticmethod
    def _believe(
        c: sa.Connection, account: str, entries: Sequence[Entry], skills: Sequence[str]
    ) -> None:
        now, made = clock.wall_ns(), {}
        for skill in skills:
            mine = [e for e in entries if within(e.skill, skill)]
            held = belief(likelihoods(mine), max([now, *(e.at_ns for e in mine)]))
            made[skill] = Short(held.mean, held.error**2, len(counting(mine)))
        believed(c, account, made)


def _fresh(c: sa.Connection, account: str, skill: str) -> set[int]:
    query = sa.text(
        "SELECT seq FROM evidence WHERE account = CAST(:a AS uuid) AND skill = :s AND NOT weighed "
        "FOR UPDATE"
    )
    return set(c.execute(query, {"a": account, "s": skill}).scalars().all())


def _entries(c: sa.Connection, account: str, skill: str) -> list[Entry]:
    rows = c.execute(sa.text(_ROWS), {"a": account}).all()
    return [_entry(r) for r in rows if not skill or within(r.skill, skill)]


def _entry(row: sa.Row[Any]) -> Entry:
    said = msgspec.structs.asdict(_body(bytes(row.body)))
    return Entry(
        row.seq, row.skill, row.source, row.lab, row.piece, row.at_ns, **said, left_out=row.left_out
    )


def _result(entry: Entry) -> Result | None:
    """Return a gold task or a review as the sequential test takes it; nothing else is tested.

    One that was left out after an objection lies on its line, which says nothing.
    """
    if entry.source not in ("gold", "reviews"):
        return None
    score = entry.line if entry.left_out else entry.score
    by = f"{entry.lab}/{entry.by}" if entry.by else ""
    kind: Literal["gold", "review"] = "gold" if entry.source == "gold" else "review"
    return Result(f"{entry.lab}/{entry.source}/{entry.piece}", kind, score, entry.line, by)


def _alone(c: sa.Connection, account: str) -> None:
    """Let one transaction at a time weigh a person's evidence."""
    key = sa.text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 9))")
    c.execute(key, {"key": account})
