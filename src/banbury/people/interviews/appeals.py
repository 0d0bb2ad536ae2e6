"""Appeals against a result: the person says why, somebody else looks at it and decides."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from typing import Any

import msgspec
import sqlalchemy as sa

from banbury import clock
from banbury.episode import Actor
from banbury.errors import Forbidden, InputError, UnknownName
from banbury.people.interviews.interviews import GYM, Interview, Interviews
from banbury.people.interviews.results import believe
from banbury.store import House
from banbury.store.personal import opened_text, person_key, sealed_text

LONGEST = 4000
_DECIDE = (
    "UPDATE interview_appeal SET decided_ns = :t, decided_by = :by, decision = :d, "
    "answer = :a WHERE interview = CAST(:i AS uuid) AND decided_ns IS NULL"
)
_ROWS = """
SELECT a.interview::text, a.made_ns, a.body, a.decided_ns, a.decision, a.answer, i.account::text
FROM interview_appeal a JOIN interview i ON i.id = a.interview
"""


class Appeal(msgspec.Struct, frozen=True):
    """An appeal against the result of one interview.

    Attributes:
        interview: id.
        made_ns: UTC nanoseconds.
        reason: the person's.
        decided_ns: None while it waits.
        decision: `kept` or `corrected`, "" while it waits.
        answer: why, by whoever decided.
    """

    interview: str
    made_ns: int
    reason: str
    decided_ns: int | None = None
    decision: str = ""
    answer: str = ""


class Appeals:
    """The appeals of a house. What both sides write is sealed under the person's key."""

    def __init__(self, house: House) -> None:
        self._house = house

    def make(self, interview: Interview, reason: str) -> None:
        """Appeal, once for each interview, after its end.

        Raises:
            InputError: there is no result yet, an appeal was made, or the reason is none.
        """
        words = _words(reason)
        if not interview.episode:
            raise InputError("there is no result yet", where=interview.id)
        row = {"i": interview.id, "t": clock.wall_ns(), "body": self._sealed(interview, words)}
        query = sa.text(
            "INSERT INTO interview_appeal (interview, made_ns, body) VALUES "
            "(CAST(:i AS uuid), :t, :body) ON CONFLICT DO NOTHING"
        )
        if not self._house.run(lambda c: c.execute(query, row).rowcount):
            raise InputError("you have appealed against this result already", where=interview.id)

    def get(self, interview: Interview) -> Appeal | None:
        """Return the appeal against an interview's result, None if there is none."""
        query = sa.text(f"{_ROWS} WHERE a.interview = CAST(:i AS uuid)")
        row = self._house.run(lambda c: c.execute(query, {"i": interview.id}).one_or_none())
        return None if row is None else self._made(row)

    def of_lab(self, lab: str) -> list[Appeal]:
        """Return the appeals against interviews in a lab: those that wait first, the oldest first.

        Those of people who were erased are left out.
        """
        query = sa.text(
            f"{_ROWS} WHERE i.lab = :lab ORDER BY a.decided_ns IS NOT NULL, a.made_ns LIMIT 500"
        )
        rows = self._house.run(lambda c: c.execute(query, {"lab": lab}).all())
        there = self._house.keyring.has
        return [self._made(row) for row in rows if there(person_key(row.account))]

    def waiting(self, labs: Collection[str], but: str = "") -> dict[str, int]:
        """Return how many appeals wait for a decision, by lab, in some labs.

        Args:
            labs: which; those where none waits are left out.
            but: account whose own are left out, as those of people who were erased are.
        """
        query = sa.text(
            "SELECT i.lab, i.account::text FROM interview_appeal a JOIN interview i "
            "ON i.id = a.interview WHERE a.decided_ns IS NULL AND i.lab = ANY(:labs) "
            "ORDER BY i.lab LIMIT 1000"
        )
        rows = self._house.run(lambda c: c.execute(query, {"labs": list(labs)}).all())
        there = self._house.keyring.has
        kept = [r.lab for r in rows if r.account != but and there(person_key(r.account))]
        return dict(Counter(kept))

    def decide(
        self,
        interview: Interview,
        right: Mapping[str, bool],
        reason: str,
        *,
        account: str,
        pseudonym: str,
    ) -> str:
        """Decide an appeal: correct whether some answers were right, or keep the result.

        The corrected result is a verdict of its own beside the others; beliefs follow it.

        Args:
            interview: whose result.
            right: by item, whether its answer was right; empty keeps the result.
            reason: why, for the person.
            account: whoever decides.
            pseudonym: what they are called in the lab.

        Raises:
            Forbidden: it is their own.
            UnknownName: nobody appealed.
            InputError: it is decided already, gives no reason, or names what was not asked.
        """
        words = _words(reason)
        if account == interview.account:
            raise Forbidden("nobody decides about an appeal of their own")
        there = self.get(interview)
        if there is None:
            raise UnknownName("appeal", interview.id, ())
        if there.decided_ns is not None:
            raise InputError("this appeal is decided", where=interview.id)
        decision = "corrected" if right else "kept"
        row = {
            "i": interview.id, "t": clock.wall_ns(), "by": pseudonym, "d": decision,
            "a": self._sealed(interview, words),
        }  # fmt: skip

        def work(c: sa.Connection) -> None:
            # Claimed before the verdict is written: of two who decide at once, one does.
            if not c.execute(sa.text(_DECIDE), row).rowcount:
                raise InputError("this appeal is decided", where=interview.id)
            if right:
                self._correct(interview, right, pseudonym)

        self._house.run(work)
        believe(self._house, interview)
        return decision

    def _correct(self, interview: Interview, right: Mapping[str, bool], pseudonym: str) -> None:
        """Give a verdict of one's own beside the others."""
        lab = Interviews(self._house).lab(interview)
        record, problem = lab.read(interview.episode), lab.problem(interview.task)
        before = lab.judgements([interview.episode])[interview.episode][-1]
        by = Actor("person", pseudonym).key
        lab.judge([GYM.corrected(record, problem, right, by, before)])

    def _sealed(self, interview: Interview, words: str) -> bytes:
        return sealed_text(self._house.keyring, interview.account, words, _place(interview.id))

    def _made(self, row: sa.Row[*tuple[Any, ...]]) -> Appeal:
        place = _place(row.interview)
        reason, answer = (
            opened_text(self._house.keyring, row.account, box or None, place)
            for box in (row.body, row.answer)
        )
        return Appeal(row.interview, row.made_ns, reason, row.decided_ns, row.decision, answer)


def _place(id: str) -> str:
    return f"interview_appeal {id}"


def _words(reason: str) -> str:
    words = reason.strip()
    if not words or len(words) > LONGEST:
        raise InputError(
            f"a reason has 1 to {LONGEST:,} characters, not {len(words):,}", where="reason"
        )
    return words
