"""A round of matching over all that is open, and what people answer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
import numpy as np
import sqlalchemy as sa
from msgspec import structs

from banbury import clock
from banbury.accounts.consent import Stays, say
from banbury.accounts.members import enrol
from banbury.accounts.remembered import changed
from banbury.episode import new_id
from banbury.errors import InputError, UnknownName
from banbury.people.ability.parts import within
from banbury.people.matching import Belief, Offer, Opening, Person, Rules, match, reasons
from banbury.people.matching.free import free
from banbury.people.matching.reasons import told
from banbury.people.offers.languages import named
from banbury.people.offers.openings import (
    WEEK_NS,
    Asked,
    Held,
    Openings,
    Why,
    opened_why,
    sealed_why,
)
from banbury.people.offers.standings import Standings
from banbury.people.offers.times import When, times_of
from banbury.store import House
from banbury.store.grants import DAY_NS
from banbury.store.keyring import Keyring

ANSWER_NS = 3 * DAY_NS
"""How long an offer waits for an answer; then the place is free, and nothing is held against
anybody."""
_ANY = When()


class Shown(msgspec.Struct, frozen=True):
    """An offer as the person sees it.

    Attributes:
        id: of the offer.
        lab: whose campaign.
        campaign: its name.
        state: `offered`, `accepted`, `refused` or `ended`.
        hours: of work.
        due_ns: when it has to be done.
        until_ns: when it ends if it is not answered.
        reasons: why it was offered.
    """

    id: str
    lab: str
    campaign: str
    state: str
    hours: float
    due_ns: int
    until_ns: int
    reasons: tuple[str, ...]


class Left(msgspec.Struct, frozen=True):
    """What somebody can still be offered.

    Attributes:
        week: hours of work that are due within a week.
        month: hours of work that are due within four weeks.
        timed: whether the times at which they say they are free count.
        owed: whether they took on, or are offered, work that was taken off.
    """

    week: float
    month: float
    timed: bool
    owed: bool


class Round(msgspec.Struct, frozen=True):
    """What one round of matching did.

    Attributes:
        people: who looked for work.
        places: that were free.
        offers: that were made.
        share: proven share of the best possible plan.
        newcomers: offers to newcomers.
        ended: offers before, that nobody had answered in time.
        seconds: of the planning.
    """

    people: int
    places: int
    offers: int
    share: float
    newcomers: int
    ended: int
    seconds: float


ALONE = "SELECT pg_advisory_xact_lock(hashtextextended('matching', 7))"
"""Lets one transaction at a time make offers."""
_PEOPLE = """
SELECT w.account, w.languages, w.hours, w.rate, w.most FROM work_profile w
JOIN account a ON a.id = w.account WHERE w.looking AND NOT a.closed
    AND NOT EXISTS (SELECT 1 FROM erasure e WHERE e.account = a.id)
"""
_BELIEFS = "SELECT account, skill, mean, variance, results FROM work_belief"
_WORKS = "SELECT account, lab FROM member"
_OFFERS = """
SELECT f.account, f.opening, f.state, o.lab, o.campaign, o.body, o.due_ns,
    o.closed_ns IS NULL AS open
FROM work_offer f JOIN work_opening o ON o.id = f.opening
WHERE f.state <> 'ended' AND (o.closed_ns IS NULL OR f.state = 'accepted')
"""
_CLASH = """
SELECT 1 FROM lab_conflict k JOIN member m ON m.account = CAST(:a AS uuid)
    AND ((k.lab = :lab AND m.lab = k.other) OR (k.other = :lab AND m.lab = k.lab))
"""
_MINE = """
SELECT f.id, o.lab, o.campaign, f.state, o.body AS asked, o.due_ns, o.closed_ns,
    f.made_ns, f.body
FROM work_offer f JOIN work_opening o ON o.id = f.opening WHERE f.account = CAST(:a AS uuid)
ORDER BY f.made_ns DESC, f.id LIMIT 200
"""


class Offers:
    """The offers of a house."""

    def __init__(self, house: House) -> None:
        self._house = house

    def match(self, rules: Rules | None = None) -> Round:
        """Offer what is open to those who fit it best; offers that are there stay.

        Rounds at once wait for one another. The conflicts between labs that the house keeps are
        added to the rules'.
        """
        rules = rules or Rules()

        def work(c: sa.Connection) -> Round:
            c.execute(sa.text(ALONE))
            now = clock.wall_ns()
            ended = c.execute(
                sa.text(
                    "UPDATE work_offer SET state = 'ended' WHERE state = 'offered' AND made_ns < :t"
                ),
                {"t": now - ANSWER_NS},
            ).rowcount
            how = rules_of(c, rules, now)
            held = Held.of(c, self._house.keyring)
            openings = [o.opening(now, held) for o in Openings.within(c) if o.due_ns > now]
            people = people_of(c, self._house.keyring, openings, how, now)
            plan = match(people, openings, how)
            keep(c, self._house.keyring, plan.offers, people, openings, how, now)
            return Round(
                len(people), plan.places, len(plan.offers), plan.share, plan.newcomers, ended,
                plan.seconds,
            )  # fmt: skip

        return self._house.run(work)

    def mine(self, account: str) -> list[Shown]:
        """Return a person's offers with their reasons, newest first."""
        rows = self._house.run(lambda c: c.execute(sa.text(_MINE), {"a": account}).all())
        return [
            Shown(
                str(r.id), r.lab, r.campaign, _state(r), msgspec.json.decode(r.asked,
                type=Asked).hours, r.due_ns, _until(r),
                opened_why(self._house.keyring, account, r.body).reasons,
            )
            for r in rows
        ]  # fmt: skip

    def hours(self, account: str) -> Left | None:
        """Return the hours that somebody can still be offered; None if they look for no work.

        It is their own record alone: nothing in it tells what is open or who else is there.
        """
        now = clock.wall_ns()

        def work(c: sa.Connection) -> Left | None:
            found = people_of(c, self._house.keyring, [], Rules(), now, account)
            if not found:
                return None
            week, month = free(found, np.array([1.0, 4.0]))[0]
            person = found[0]
            return Left(float(week), float(month), person.windows is not None, bool(person.owed))

        return self._house.run(work)

    def accept(self, account: str, offer: str, stays: Stays | None = None) -> str:
        """Take an offer: the person becomes an expert of the lab; return the lab's name.

        `stays` is what may stay of their work if they are erased; what they said before holds
        where it is None.

        Raises:
            UnknownName: the person has no such offer.
            InputError: it was answered, or is over, or they work for a lab in conflict by now.
        """

        def work(c: sa.Connection) -> str:
            row = _answerable(c, account, offer)
            if c.execute(sa.text(_CLASH), {"a": account, "lab": row.lab}).first():
                raise InputError(
                    "you work for a lab now that shares nobody with this one",
                    do="refuse this offer, or leave the other lab first",
                )
            _answer(c, offer, "accepted")
            if stays is not None:
                say(c, account, row.lab, stays)
            if enrol(c, row.lab, account, "expert"):
                changed(c)
            return str(row.lab)

        return self._house.run(work)

    def refuse(self, account: str, offer: str) -> str:
        """Refuse an offer: this one does not come again, and nothing else changes.

        Returns:
            The id of the opening, of which a place is free.

        Raises:
            UnknownName: the person has no such offer.
            InputError: it was answered, or is over.
        """

        def work(c: sa.Connection) -> str:
            row = _answerable(c, account, offer)
            _answer(c, offer, "refused")
            return str(row.opening)

        return self._house.run(work)


def _state(row: sa.Row[Any]) -> str:
    over = row.closed_ns is not None or _until(row) < clock.wall_ns()
    return "ended" if over and row.state == "offered" else str(row.state)


def _until(row: sa.Row[Any]) -> int:
    """When an offer ends if nobody answers: nobody takes work that is due already."""
    return min(int(row.made_ns) + ANSWER_NS, int(row.due_ns))


def _answerable(c: sa.Connection, account: str, offer: str) -> sa.Row[Any]:
    query = sa.text(
        "SELECT f.state, f.made_ns, f.opening, o.lab, o.due_ns, o.closed_ns "
        "FROM work_offer f JOIN work_opening o ON o.id = f.opening "
        "WHERE f.id::text = :id AND f.account = CAST(:a AS uuid) FOR UPDATE OF f"
    )
    row = c.execute(query, {"id": offer, "a": account}).one_or_none()
    if row is None:
        raise UnknownName("offer", offer, ())
    if _state(row) != "offered":
        raise InputError(f"this offer is {_state(row)}", do="look at what is offered now")
    return row


def _answer(c: sa.Connection, offer: str, state: str) -> None:
    query = sa.text("UPDATE work_offer SET state = :s, answered_ns = :now WHERE id::text = :id")
    c.execute(query, {"s": state, "now": clock.wall_ns(), "id": offer})


def people_of(
    c: sa.Connection,
    keys: Keyring,
    openings: list[Opening],
    rules: Rules,
    now: int,
    account: str = "",
) -> list[Person]:
    """Return whoever looks for work, or one of them, with what they can still take.

    Args:
        c: the transaction.
        keys: under which lies when people are free.
        openings: what is open.
        rules: of matching.
        now: UTC nanoseconds, from which the openings' weeks are counted.
        account: of one person; "" for all.
    """
    given = {"a": account}

    def rows(query: str, column: str, more: str = "WHERE") -> list[sa.Row[Any]]:
        one = f" {more} {column} = CAST(:a AS uuid)" if account else ""
        return list(c.execute(sa.text(query + one), given))

    beliefs: dict[str, dict[str, Belief]] = {}
    for r in rows(_BELIEFS, "account"):
        beliefs.setdefault(str(r.account), {})[r.skill] = Belief(r.mean, r.variance, r.results)
    labs: dict[str, set[str]] = {}
    for r in rows(_WORKS, "account"):
        labs.setdefault(str(r.account), set()).add(r.lab)
    before: dict[str, list[sa.Row[Any]]] = {}
    for r in rows(_OFFERS, "f.account", "AND"):
        before.setdefault(str(r.account), []).append(r)
    paused = Standings.paused(c, account)
    looking = sorted(rows(_PEOPLE, "w.account", "AND"), key=lambda r: str(r.account))
    said = times_of(c, keys, {str(r.account) for r in looking}, account)
    windows = {when: when.windows(now) for when in set(said.values())}
    made = []
    for r in looking:
        id = str(r.account)
        has = before.get(id, [])
        holds = [o for o in has if o.state != "refused" and o.due_ns > now]
        when = said.get(id, _ANY)
        made.append(
            Person(
                id, beliefs.get(id, {}), frozenset(r.languages),
                min(r.hours, when.hours), r.rate,
                frozenset(labs.get(id, set()) | {o.lab for o in holds}),
                max(0, r.most - len(holds)), _paused(paused.get(id, ()), openings),
                _away(has, holds, openings, rules), windows.get(when), _owed(holds, now),
            )
        )  # fmt: skip
    return made


def _owed(holds: list[sa.Row[Any]], now: int) -> tuple[tuple[float, float], ...]:
    """What is to be done by when, as weeks from now and hours; an open offer may be accepted."""
    hours = [msgspec.json.decode(o.body, type=Asked).hours for o in holds]
    return tuple(((o.due_ns - now) / WEEK_NS, h) for o, h in zip(holds, hours, strict=True))


def _paused(paused: Iterable[str], openings: list[Opening]) -> frozenset[str]:
    """Return the paused skills, with the parts of them that openings ask for."""
    held = frozenset(paused)
    if not held:
        return held
    asked = {s for o in openings for s in o.skills}
    return held | {s for s in asked if any(within(s, whole) for whole in held)}


def _away(
    has: list[sa.Row[Any]], holds: list[sa.Row[Any]], openings: list[Opening], rules: Rules
) -> frozenset[str]:
    """What is not to be offered: answered before, a campaign held, or too much of one lab."""
    campaigns = {f"{o.lab}/{o.campaign}" for o in holds}
    count = Counter(o.lab for o in holds)
    full = {lab for lab, n in count.items() if n >= rules.per_lab}
    held = {o.id for o in openings if o.campaign in campaigns or o.lab in full}
    return frozenset(held | {str(o.opening) for o in has})


def rules_of(c: sa.Connection, rules: Rules, now: int) -> Rules:
    """Return rules with the conflicts between labs that the house keeps, and a day's draws.

    Draws are new each day: whoever had bad luck once is not passed over for ever.
    """
    pairs = c.execute(sa.text("SELECT lab, other FROM lab_conflict")).all()
    conflicts = rules.conflicts | {(r.lab, r.other) for r in pairs}
    return msgspec.structs.replace(rules, conflicts=conflicts, seed=rules.seed + now // DAY_NS)


def keep(
    c: sa.Connection,
    keys: Keyring,
    offers: Sequence[Offer],
    people: list[Person],
    openings: list[Opening],
    rules: Rules,
    now: int,
) -> None:
    """Tell people of offers, with reasons, in a transaction."""
    who, what = {p.id: p for p in people}, {o.id: _in_words(o) for o in openings}
    query = sa.text(
        "INSERT INTO work_offer (id, opening, account, state, body, made_ns) VALUES (:id, "
        ":opening, :account, 'offered', :body, :now) ON CONFLICT (opening, account) DO UPDATE SET "
        "state = 'offered', body = excluded.body, made_ns = excluded.made_ns, answered_ns = NULL"
    )
    rows = []
    for offer in offers:
        given = (offer, who[offer.person], what[offer.opening], rules)
        why = Why(offer.explored, offer.quality, offer.value, tuple(reasons(*given)),
                  tuple(told(*given)), given[1].results < rules.newcomer_results)  # fmt: skip
        rows.append(
            {"id": new_id(), "opening": offer.opening, "account": offer.person,
             "body": sealed_why(keys, offer.person, why), "now": now}
        )  # fmt: skip
    if rows:
        c.execute(query, rows)


def _in_words(opening: Opening) -> Opening:
    """Return an opening with its languages by name, for those who read why."""
    return structs.replace(opening, languages=frozenset(map(named, opening.languages)))
