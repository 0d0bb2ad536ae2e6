"""The cases of a house: rows, looks, moves, and the effects that a person decides on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from typing import Any, Self

import msgspec
import sqlalchemy as sa

from banbury import clock
from banbury.episode import new_id
from banbury.errors import Erased, InputError, UnknownName
from banbury.people.cases.devices import Devices
from banbury.people.cases.evidence import Evidence, evidence
from banbury.people.cases.heard import heard
from banbury.people.cases.records import Gathered, gathered
from banbury.people.cases.sealed import opened, sealed
from banbury.people.cases.told import WRITING, Tellings
from banbury.people.offers import Standings
from banbury.people.signals import Case, Move, look, moved
from banbury.people.signals.case import State
from banbury.people.signals.look import Suspicion
from banbury.store import House

RATE = 0.01
LEAST = 20
"""Answers in a campaign from which on somebody is looked at; then again when they have doubled."""
PAGE = 100
_CASE = "SELECT id, account, lab, campaign, who, made_ns, decided_ns, body FROM signal_case"
_MOVES = "SELECT case_id, body FROM signal_move WHERE case_id = ANY(:ids) ORDER BY case_id, seq"


class Filed(msgspec.Struct, frozen=True):
    """One case of the house.

    Attributes:
        id: UUIDv7.
        account: of the accused; whoever decides sees `who` instead.
        lab: where the work was done.
        campaign: likewise.
        who: the accused's pseudonym in the lab.
        made_ns: when it was opened.
        case: the suspicion and what was done about it.
        evidence: all that it rests on.
    """

    id: str
    account: str
    lab: str
    campaign: str
    who: str
    made_ns: int
    case: Case
    evidence: Evidence

    @property
    def state(self) -> State:
        """Return how it stands."""
        return self.case.state

    def heard(self) -> Self:
        """Return it as the accused sees it; again changes nothing."""
        case, kept = heard(self.case, self.evidence)
        return msgspec.structs.replace(self, case=case, evidence=kept)


class Looked(msgspec.Struct, frozen=True):
    """What one look did.

    Attributes:
        lab: where.
        campaign: whose answers.
        people: who have answers there.
        looked: who were looked at: those with twice as many answers as at the last look.
        untold: of whom nothing could be said, since too few are there to compare them with.
        found: the pseudonyms for whom a case was opened.
        rate: share of honest people, at most, for whom a case is opened in one look.
        at_ns: when.
    """

    lab: str
    campaign: str
    people: int
    looked: int
    untold: int
    found: tuple[str, ...]
    rate: float
    at_ns: int


class Cases:
    """The cases of a house."""

    def __init__(self, house: House) -> None:
        self._house = house

    def look(self, lab: str, campaign: str, rate: float = RATE) -> Looked:
        """Look at a campaign's answers, and open a case for each person who stands out.

        People are compared with all others of the campaign but those about whom a case is open or
        stands. Nobody who has an open case there gets a second one; after a decision only later
        answers count.

        Raises:
            UnknownName: there is no such lab or campaign.
            InputError: `rate` is no share.
        """
        held = self._house.lab(lab, create=False)
        found, accounts = gathered(held, campaign), self._accounts(lab)
        suspect, open_, since = self._before(lab, campaign)
        found = _later(found, accounts, since)
        count = Counter(a.person for a in found.answers if a.person in accounts)
        seen = self._seen(lab, campaign)
        due = {
            who for who, n in count.items()
            if n >= max(LEAST, 2 * seen.get(accounts[who], 0)) and accounts[who] not in open_
        }  # fmt: skip
        told = Tellings(self._house).all() if due else {}
        like = {
            who: said for who, account in accounts.items()
            if account in told and (said := getattr(told[account], WRITING)) != "by keyboard"
        }  # fmt: skip
        trusted = {who for who in count if accounts[who] not in suspect}
        seen_by = look(
            found.answers, trusted, rate=rate, like=like, models=found.models,
            devices=Devices(self._house).used(lab), only=due,
        )  # fmt: skip
        opened_for = self._filed(
            lab, campaign, found, seen_by.suspicions, rate,
            {who: count[who] for who in due}, accounts,
        )  # fmt: skip
        done = Looked(lab, campaign, len(count), seen_by.looked, len(seen_by.untold),
                      opened_for, rate, clock.wall_ns())  # fmt: skip
        self._note(done)
        return done

    def one(self, id: str) -> Filed:
        """Return a case.

        Raises:
            UnknownName: there is none.
            Erased: the accused was erased.
        """
        row = self._house.run(
            lambda c: c.execute(sa.text(f"{_CASE} WHERE id::text = :id"), {"id": id}).one_or_none()
        )
        if row is None:
            raise UnknownName("case", id[:60], ())
        return self._read([row], skip=False)[0]

    def listed(self, decided: bool = False) -> list[Filed]:
        """Return cases that wait for somebody, oldest first, or those decided, newest first."""
        order = "decided_ns DESC" if decided else "id"
        test = "NOT NULL" if decided else "NULL"
        return self._query(f"decided_ns IS {test} ORDER BY {order} LIMIT {PAGE}", {})

    def about(self, account: str) -> list[Filed]:
        """Return what a person may know of cases about them, newest first.

        That is each of which they were told, or that was decided; see `heard`.
        """
        found = self._query("account = CAST(:a AS uuid) ORDER BY id DESC", {"a": account})
        return [one.heard() for one in found if one.case.told_ns or one.case.decided]

    def of_lab(self, lab: str, campaign: str = "") -> list[Filed]:
        """Return the cases that concern a lab's campaigns, newest first."""
        where = f"lab = :lab AND (:c = '' OR campaign = :c) ORDER BY id DESC LIMIT {PAGE}"
        return self._query(where, {"lab": lab, "c": campaign})

    def looks(self, lab: str = "", limit: int = 20) -> list[Looked]:
        """Return the last looks, newest first."""
        query = sa.text(
            "SELECT lab, campaign, people, looked, untold, found, rate, at_ns FROM signal_look "
            "WHERE (:lab = '' OR lab = :lab) ORDER BY at_ns DESC LIMIT :n"
        )
        rows = self._house.run(lambda c: c.execute(query, {"lab": lab, "n": limit}).all())
        return [
            Looked(r.lab, r.campaign, r.people, r.looked, r.untold, ("",) * r.found, r.rate,
                   r.at_ns) for r in rows
        ]  # fmt: skip

    def move(
        self, id: str, kind: str, by: str, words: str = "", pause: Collection[str] = ()
    ) -> Filed:
        """Do something about a case; what a decision pauses, pauses with it, and nothing else.

        A decision that clears somebody after an appeal lifts what the first one paused.

        Raises:
            UnknownName: there is no such case.
            Erased: the accused was erased.
            InputError: it is not possible now, or not for them; or a skill is none of the case's.
        """
        move = Move(kind, clock.wall_ns(), by, words.strip(), tuple(sorted(set(pause))))  # type: ignore[arg-type]
        if len(words) > 20_000:
            raise InputError("more than 20,000 characters", do="say it more briefly")

        def work(c: sa.Connection) -> None:
            c.execute(sa.text("SELECT 1 FROM signal_case WHERE id::text = :id FOR UPDATE"),
                      {"id": id})  # fmt: skip
            filed = self._within(c, id)
            strange = sorted(set(move.pause) - set(filed.evidence.skills))
            if strange:
                raise UnknownName("skill of this case", strange[0], filed.evidence.skills)
            case = moved(filed.case, move)
            self._keep(c, filed, case, move)
            self._effects(c, filed, case, move)

        self._house.run(work)
        return self.one(id)

    def _effects(self, c: sa.Connection, filed: Filed, case: Case, move: Move) -> None:
        standings = Standings(self._house)
        before = {s for m in filed.case.moves if m.kind == "stand" for s in m.pause}
        # Whoever it is about reads this where they stand, and nobody's pseudonym in it.
        words = heard(case, filed.evidence)[0].moves[-1].words
        why = f"A case about how the work was done was decided: {words}"
        if move.kind == "stand":
            for skill in move.pause:
                standings.pause(c, filed.account, skill, move.by, why)
        if move.kind in ("clear", "stand") and case.appealed:
            for skill in sorted(before - set(move.pause)):
                standings.resume(c, filed.account, skill, move.by, why)

    def _keep(self, c: sa.Connection, filed: Filed, case: Case, move: Move) -> None:
        new = sa.text(
            "INSERT INTO signal_move (case_id, seq, body) VALUES (CAST(:id AS uuid), :seq, :body)"
        )
        place = f"move/{filed.id}/{len(filed.case.moves)}"
        body = sealed(self._house, filed.account, place, msgspec.json.encode(move))
        c.execute(new, {"id": filed.id, "seq": len(filed.case.moves), "body": body})
        now = sa.text(
            "UPDATE signal_case SET state = :state, decided_ns = :at WHERE id = CAST(:id AS uuid)"
        )
        at = move.when_ns if case.decided else None
        c.execute(now, {"state": case.state, "at": at, "id": filed.id})

    def _accounts(self, lab: str) -> dict[str, str]:
        query = sa.text("SELECT name, account FROM pseudonym WHERE lab = :lab")
        rows = self._house.run(lambda c: c.execute(query, {"lab": lab}).all())
        return {r.name: str(r.account) for r in rows}

    def _before(self, lab: str, campaign: str) -> tuple[set[str], set[str], dict[str, int]]:
        """Who is under suspicion anywhere, who has an open case here, whose answers count since."""
        query = sa.text("SELECT account, lab, campaign, state, decided_ns FROM signal_case")
        suspect, open_, since = set(), set(), dict[str, int]()
        for r in self._house.run(lambda c: c.execute(query).all()):
            account = str(r.account)
            if r.state != "cleared":
                suspect.add(account)
            if (r.lab, r.campaign) == (lab, campaign):
                if r.decided_ns is None:
                    open_.add(account)
                else:
                    since[account] = max(since.get(account, 0), r.decided_ns)
        return suspect, open_, since

    def _seen(self, lab: str, campaign: str) -> dict[str, int]:
        query = sa.text("SELECT account, answers FROM signal_seen WHERE lab = :l AND campaign = :c")
        rows = self._house.run(lambda c: c.execute(query, {"l": lab, "c": campaign}).all())
        return {str(r.account): r.answers for r in rows}

    def _filed(
        self,
        lab: str,
        campaign: str,
        found: Gathered,
        suspicions: Collection[Suspicion],
        rate: float,
        counts: dict[str, int],
        accounts: dict[str, str],
    ) -> tuple[str, ...]:
        """Open the cases and note who was looked at, all or nothing."""
        rows = []
        for one in suspicions:
            account, id = accounts[one.person], new_id()
            body = msgspec.json.encode(evidence(found, one, rate))
            try:
                box = sealed(self._house, account, f"case/{id}", body)
            except Erased:
                continue
            rows.append({"id": id, "a": account, "l": lab, "c": campaign, "who": one.person,
                         "now": clock.wall_ns(), "body": box})  # fmt: skip
        new = sa.text(
            "INSERT INTO signal_case (id, account, lab, campaign, who, state, made_ns, body) "
            "VALUES (CAST(:id AS uuid), CAST(:a AS uuid), :l, :c, :who, 'new', :now, :body) "
            "ON CONFLICT DO NOTHING"
        )
        note = sa.text(
            "INSERT INTO signal_seen (lab, campaign, account, answers) VALUES (:l, :c, "
            "CAST(:a AS uuid), :n) ON CONFLICT (lab, campaign, account) DO UPDATE SET "
            "answers = excluded.answers"
        )
        seen = [{"l": lab, "c": campaign, "a": accounts[who], "n": n} for who, n in counts.items()]

        def work(c: sa.Connection) -> tuple[str, ...]:
            made = tuple(str(row["who"]) for row in rows if c.execute(new, row).rowcount)
            if seen:
                c.execute(note, seen)
            return made

        return self._house.run(work)

    def _note(self, done: Looked) -> None:
        query = sa.text(
            "INSERT INTO signal_look (lab, campaign, at_ns, people, looked, untold, found, rate) "
            "VALUES (:lab, :campaign, :at_ns, :people, :looked, :untold, :found, :rate) "
            "ON CONFLICT DO NOTHING"
        )
        row = {**msgspec.structs.asdict(done), "found": len(done.found)}
        self._house.run(lambda c: c.execute(query, row))

    def _query(self, where: str, given: dict[str, Any]) -> list[Filed]:
        rows = self._house.run(lambda c: c.execute(sa.text(f"{_CASE} WHERE {where}"), given).all())
        return self._read(rows, skip=True)

    def _within(self, c: sa.Connection, id: str) -> Filed:
        row = c.execute(sa.text(f"{_CASE} WHERE id::text = :id"), {"id": id}).one_or_none()
        if row is None:
            raise UnknownName("case", id[:60], ())
        moves = c.execute(sa.text(_MOVES), {"ids": [row.id]}).all()
        return self._made(row, [bytes(m.body) for m in moves])

    def _read(self, rows: Collection[sa.Row[Any]], skip: bool) -> list[Filed]:
        given = {"ids": [r.id for r in rows]}
        moves: dict[str, list[bytes]] = {}
        for r in self._house.run(lambda c: c.execute(sa.text(_MOVES), given).all()):
            moves.setdefault(str(r.case_id), []).append(bytes(r.body))
        found = []
        for row in rows:
            try:
                found.append(self._made(row, moves.get(str(row.id), [])))
            except Erased:
                if not skip:
                    raise
        return found

    def _made(self, row: sa.Row[Any], moves: list[bytes]) -> Filed:
        account, id = str(row.account), str(row.id)
        kept = msgspec.json.decode(
            opened(self._house, account, f"case/{id}", row.body), type=Evidence
        )
        done = tuple(
            msgspec.json.decode(opened(self._house, account, f"move/{id}/{n}", body), type=Move)
            for n, body in enumerate(moves)
        )
        case = Case(kept.suspicion, done, account)
        return Filed(id, account, row.lab, row.campaign, row.who, row.made_ns, case, kept)


def _later(found: Gathered, accounts: dict[str, str], since: dict[str, int]) -> Gathered:
    """Leave out what stood when a case about the same person was decided."""
    kept = [
        n for n, (one, at) in enumerate(zip(found.answers, found.at_ns, strict=True))
        if at > since.get(accounts.get(one.person, ""), 0)
    ]  # fmt: skip
    return msgspec.structs.replace(
        found, answers=[found.answers[n] for n in kept], at_ns=[found.at_ns[n] for n in kept]
    )
