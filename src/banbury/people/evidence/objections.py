"""Objections: a person says that a source is wrong; somebody else decides, with reasons."""

from __future__ import annotations

from typing import Any, Literal

import msgspec
import sqlalchemy as sa

from banbury import clock
from banbury.episode import new_id
from banbury.errors import InputError, UnknownName
from banbury.people.ability.belief import Source
from banbury.people.evidence.ledger import Ledger
from banbury.people.offers.words import Words
from banbury.store import House

State = Literal["open", "kept", "left out", "withdrawn"]
_REASON, _DECISION = "objection.body", "objection.decision"
MOST, LONGEST = 20, 4000
"""Open objections of one person, and characters of a reason."""


class Objection(msgspec.Struct, frozen=True, omit_defaults=True):
    """What somebody says against a source of what is believed of them.

    Attributes:
        id: of the objection.
        account: whose.
        skill: about which skill.
        source: which source.
        until_seq: the newest evidence that it is about; what comes later is untouched.
        reason: in the person's words.
        made_ns: when.
        state: `open`; `kept`, the evidence counts; `left out`, it does not; `withdrawn`.
        decision: why, in the words of who decided.
        decided_ns: when, 0 if never.
    """

    id: str
    account: str
    skill: str
    source: Source
    until_seq: int
    reason: str
    made_ns: int
    state: State = "open"
    decision: str = ""
    decided_ns: int = 0


_LAST = """
SELECT max(seq) FROM evidence WHERE account = CAST(:a AS uuid) AND skill = :skill
    AND source = :source
"""
_MAKE = """
INSERT INTO objection (id, account, skill, source, until_seq, body, made_ns, state) VALUES
    (CAST(:id AS uuid), CAST(:a AS uuid), :skill, :source, :until, :body, :now, 'open')
"""
_DECIDE = """
UPDATE objection SET state = :state, decision = :decision, decided_by = :by, decided_ns = :now
WHERE id = CAST(:id AS uuid) AND state = 'open'
"""
_AGAIN = """
UPDATE evidence SET weighed = false WHERE account = CAST(:a AS uuid) AND skill = :skill
    AND source = :source AND seq <= :until
"""
_SELECT = (
    "SELECT id, account, skill, source, until_seq, body, made_ns, state, decision, decided_ns "
    "FROM objection"
)


class Objections:
    """The objections of a house."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._words = Words(house)

    def make(self, account: str, skill: str, source: str, reason: str) -> str:
        """Object to a source of what is believed of a skill; return the objection's id.

        Raises:
            InputError: there is no such evidence, no reason, an open one is there already, or too
                many are.
        """
        said = _reason(reason)
        given = {"a": account, "skill": skill, "source": source}
        box = self._words.sealed(account, said, _REASON)

        def work(c: sa.Connection) -> str:
            until = c.execute(sa.text(_LAST), given).scalar_one()
            if until is None:
                raise InputError("there is no evidence of this source", where=f"{skill}, {source}")
            waits = [o for o in self._rows(c, account) if o.state == "open"]
            if any((o.skill, o.source) == (skill, source) for o in waits):
                raise InputError("you objected to this already", do="wait for the decision")
            if len(waits) >= MOST:
                raise InputError(f"at most {MOST} objections are open at a time")
            id = new_id()
            row = {**given, "id": id, "until": until, "body": box, "now": clock.wall_ns()}
            c.execute(sa.text(_MAKE), row)
            return id

        return self._house.run(work)

    def withdraw(self, account: str, id: str) -> None:
        """Take an open objection of one's own back.

        Raises:
            UnknownName: the person has no such open objection.
        """
        query = sa.text(
            "UPDATE objection SET state = 'withdrawn' WHERE id::text = :id AND state = 'open' "
            "AND account = CAST(:a AS uuid)"
        )
        if not self._house.run(lambda c: c.execute(query, {"id": id, "a": account}).rowcount):
            raise UnknownName("objection", id, ())

    def decide(self, id: str, leave_out: bool, by: str, reason: str) -> Objection:
        """Decide on somebody else's objection, with reasons; believe anew what it bears on.

        Raises:
            UnknownName: there is no such objection.
            InputError: it is one's own, was decided, or no reason is given.
        """
        said, now = _reason(reason), clock.wall_ns()
        state: State = "left out" if leave_out else "kept"

        def work(c: sa.Connection) -> Objection:
            query = sa.text(_SELECT + " WHERE id::text = :id FOR UPDATE")
            row = c.execute(query, {"id": id}).one_or_none()
            if row is None:
                raise UnknownName("objection", id, ())
            held = self._made(row)
            if held.account == by:
                raise InputError("somebody else decides on your objection", do="ask a colleague")
            if held.state != "open":
                raise InputError(f"this objection is {held.state}")
            box = self._words.sealed(held.account, said, _DECISION)
            c.execute(
                sa.text(_DECIDE),
                {"id": id, "state": state, "decision": box, "by": by, "now": now},
            )
            if leave_out:
                about = {"a": held.account, "skill": held.skill, "source": held.source,
                         "until": held.until_seq}  # fmt: skip
                c.execute(sa.text(_AGAIN), about)
            return msgspec.structs.replace(held, state=state, decision=said, decided_ns=now)

        held = self._house.run(work)
        if leave_out:
            Ledger(self._house).weigh(held.account, held.skill)
        return held

    def of(self, account: str) -> list[Objection]:
        """Return a person's objections, newest first."""
        return self._house.run(lambda c: self._rows(c, account))

    def open(self, limit: int = 100) -> list[Objection]:
        """Return what waits for a decision, oldest first."""
        query = sa.text(_SELECT + " WHERE state = 'open' ORDER BY made_ns, id LIMIT :limit")
        rows = self._house.run(lambda c: c.execute(query, {"limit": limit}).all())
        return [self._made(r) for r in rows]

    def _rows(self, c: sa.Connection, account: str) -> list[Objection]:
        query = sa.text(
            _SELECT + " WHERE account = CAST(:a AS uuid) ORDER BY made_ns DESC, id LIMIT 200"
        )
        return [self._made(r) for r in c.execute(query, {"a": account}).all()]

    def _made(self, row: sa.Row[Any]) -> Objection:
        account = str(row.account)
        said = self._words.opened(account, row.body, _REASON)
        why = self._words.opened(account, row.decision, _DECISION)
        return Objection(
            str(row.id), account, row.skill, row.source, row.until_seq, said, row.made_ns,
            row.state, why, row.decided_ns or 0,
        )  # fmt: skip


def _reason(reason: str) -> str:
    said = reason.strip()
    if not 0 < len(said) <= LONGEST:
        raise InputError(f"give a reason of 1 to {LONGEST} characters")
    return said
