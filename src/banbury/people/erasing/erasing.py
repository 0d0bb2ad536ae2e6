"""Erasing: begun in one transaction, carried on by whoever comes next, never undone.

    asked --the grace is over--> begun --lab by lab, keys, rows--> done

A row says how far it is, and each step may be done again. First what may stay is taken out from
under the person's key in each lab; then a tombstone is written for each key; only then are the
keys destroyed and the rows deleted. A process killed anywhere leaves a row that is not `done`.
"""

from __future__ import annotations

import logging
from contextlib import suppress
from typing import Any, Literal

import msgspec
import sqlalchemy as sa

from banbury import clock
from banbury.accounts.consent import DEFAULT, Stays
from banbury.accounts.people import email_word
from banbury.accounts.remembered import changed
from banbury.errors import BanburyError, InputError, UnknownName
from banbury.people.erasing import rows
from banbury.people.erasing.plan import Plan, lines, may, planned
from banbury.store import House
from banbury.store.keyring import name_of, work_key
from banbury.store.personal import link_key, person_key

DAYS = 7
"""How long somebody may take it back who asked to be erased."""
_DAY_NS = 86_400 * 10**9
_log = logging.getLogger("banbury.people")

State = Literal["asked", "begun", "done"]
By = Literal["person", "operator", "keyring"]


class Erasing(msgspec.Struct, frozen=True):
    """How far an erasure is.

    Attributes:
        state: `asked`, `begun` or `done`.
        by: who asked: the person, the operator, or the keyring, which remembers it of a house
            that was brought back from a back-up.
        asked_ns: when.
        due_ns: when it begins, if it is not taken back.
    """

    state: State
    by: By
    asked_ns: int
    due_ns: int


class _Part(msgspec.Struct, frozen=True):
    """What is to be done in one lab."""

    lab: str
    pseudonym: str
    stays: Stays


class _Body(msgspec.Struct, frozen=True):
    """What has to be known until it is done, and is forgotten then."""

    parts: tuple[_Part, ...]
    links: tuple[str, ...]


class Erased(msgspec.Struct, frozen=True):
    """What became of an erasure.

    Attributes:
        account: the id that stays as a tombstone.
        done: whether all is done.
        labs: the labs in which it is.
        waits: labs that did not answer, with what they said; it goes on later.
    """

    account: str
    done: bool
    labs: tuple[str, ...]
    waits: dict[str, str]


_OPEN = sa.text("SELECT state, by_whom, asked_ns, due_ns FROM erasure WHERE account = :id")
_NEW = sa.text(
    "INSERT INTO erasure (account, state, by_whom, asked_ns, due_ns, body) VALUES (:id, :state, "
    ":by, :now, :due, :body) ON CONFLICT (account) DO UPDATE SET state = excluded.state, "
    "by_whom = excluded.by_whom, asked_ns = excluded.asked_ns, due_ns = excluded.due_ns, "
    "body = excluded.body WHERE erasure.state = 'asked'"
)
_DUE = sa.text(
    "SELECT account, state FROM erasure WHERE state = 'begun' OR (state = 'asked' "
    "AND due_ns <= :now) ORDER BY due_ns LIMIT 20"
)
_LINKS = sa.text(
    "SELECT l.id FROM link l JOIN account a ON a.email_hash = l.email_hash WHERE a.id = :id"
)
_INTERVIEWS = sa.text("SELECT DISTINCT lab, pseudonym FROM interview WHERE account = :id")
_TOMBSTONE = sa.text(
    "INSERT INTO tombstone (key) SELECT unnest(CAST(:keys AS text[])) ON CONFLICT DO NOTHING"
)


class Erasures:
    """The erasures of a house."""

    def __init__(self, house: House) -> None:
        self._house = house

    def plan(self, account: str) -> Plan:
        """Return what erasing somebody would do."""
        return planned(self._house, account)

    def of(self, account: str) -> Erasing | None:
        """Return how far somebody's erasure is, None if it was never asked for."""
        row = self._house.run(lambda c: c.execute(_OPEN, {"id": account}).one_or_none())
        return None if row is None else Erasing(*row)

    def ask(self, account: str, by: By = "person", days: float = DAYS) -> Erasing:
        """Let an erasure begin in some days; until then it may be taken back.

        Raises:
            UnknownName: there is no such account.
            InputError: a lab or the machine would be left without anybody, or it has begun.
        """

        def work(c: sa.Connection) -> None:
            _held(c, account)
            may(c, account)
            now = clock.wall_ns()
            self._put(c, account, "asked", by, now + round(days * _DAY_NS), None)

        self._house.run(work)
        found = self.of(account)
        assert found is not None
        return found

    def take_back(self, account: str) -> None:
        """Keep the account after all.

        Raises:
            InputError: nothing was asked for, or it has begun.
        """
        gone = sa.text("DELETE FROM erasure WHERE account = :id AND state = 'asked'")
        if not self._house.run(lambda c: c.execute(gone, {"id": account}).rowcount):
            raise InputError("there is nothing to take back", do="look at the account again")

    def begin(self, account: str, by: By = "person") -> None:
        """Begin at once: from here on nobody comes in by the account, and nothing leads back.

        Raises:
            UnknownName: there is no such account.
            InputError: a lab or the machine would be left without anybody.
        """

        def work(c: sa.Connection) -> None:
            _held(c, account)
            held = c.execute(_OPEN, {"id": account}).one_or_none()
            if held is not None and held.state != "asked":
                return
            if by != "keyring":
                may(c, account)
            parts = tuple(_Part(r.lab, r.name, r.stays or DEFAULT) for r in lines(c, account))
            known = {(p.lab, p.pseudonym) for p in parts}
            asked = c.execute(_INTERVIEWS, {"id": account}).all()
            parts += tuple(
                _Part(r.lab, r.pseudonym, "nothing") for r in asked if tuple(r) not in known
            )
            links = tuple(str(i) for i in c.execute(_LINKS, {"id": account}).scalars())
            body = msgspec.json.encode(_Body(parts, links))
            self._put(c, account, "begun", by, clock.wall_ns(), body)
            rows.close(c, account)
            changed(c)

        self._house.run(work)

    def erase(self, account: str, by: By = "operator") -> Erased:
        """Begin, and do all that can be done now.

        Raises:
            UnknownName: there is no such account.
            InputError: a lab or the machine would be left without anybody.
        """
        self.begin(account, by)
        return self._carry_on(account)

    def carry_on(self) -> list[Erased]:
        """Begin what is due and go on with what was begun; call it from time to time."""
        due = self._house.ask(lambda c: c.execute(_DUE, {"now": clock.wall_ns()}).all())
        done = []
        for row in due:
            try:
                if row.state == "asked":
                    self.begin(str(row.account))
                done.append(self._carry_on(str(row.account)))
            except BanburyError as error:
                _log.error("an erasure waits: %s", error)
        return done

    def replay(self) -> int:
        """Repeat what a back-up undid; return how many keys and accounts it concerned.

        A key that came back with a back-up of the keys is destroyed again by its tombstone. An
        account that came back with a back-up of the house, and whose key the keyring remembers as
        destroyed, is erased again.
        """
        keyring = self._house.keyring
        rows = sa.text("SELECT key FROM tombstone")
        names = set(self._house.ask(lambda c: c.execute(rows).scalars().all()))
        again = keyring.bury(sorted(n for n in names if (keyring.folder / n).exists()))
        self._bury(keyring.buried() - names)
        query = sa.text("SELECT id FROM account WHERE who IS NOT NULL")
        people = [str(i) for i in self._house.ask(lambda c: c.execute(query).scalars().all())]
        back = [account for account in people if keyring.destroyed(person_key(account))]
        for account in back:
            self.erase(account, "keyring")
        return again + len(back)

    def _put(
        self, c: sa.Connection, account: str, state: State, by: By, due: int, body: bytes | None
    ) -> None:
        row = {"id": account, "state": state, "by": by, "now": clock.wall_ns(), "due": due,
               "body": body}  # fmt: skip
        if not c.execute(_NEW, row).rowcount:
            raise InputError("this account is being erased", do="nothing more is needed")

    def _carry_on(self, account: str) -> Erased:
        """Do what is left, alone: another process that does it at once waits, and finds it done."""
        alone = sa.text("SELECT pg_advisory_xact_lock(hashtextextended('erase ' || :id, 9))")

        def work(c: sa.Connection) -> Erased:
            c.execute(alone, {"id": account})
            return self._parts(account)

        return self._house.run(work)

    def _parts(self, account: str) -> Erased:
        held = self._house.run(lambda c: c.execute(_BODY, {"id": account}).one_or_none())
        if held is None or held.state != "begun":
            return Erased(account, held is not None and held.state == "done", (), {})
        body = msgspec.json.decode(held.body, type=_Body)
        done, waits = [], dict[str, str]()
        for part in body.parts:
            try:
                lab = self._house.lab(part.lab, create=False)
                for lease in lab.queue.held(part.pseudonym):
                    _given_back(lab, lease.id)
                lab.erase(part.pseudonym, part.stays)
                done.append(part.lab)
            except BanburyError as error:
                waits[part.lab] = str(error)
        if not waits:
            self._end(account, body)
        return Erased(account, not waits, tuple(done), waits)

    def _end(self, account: str, body: _Body) -> None:
        """Write the tombstones, destroy the keys, delete the rows, in this order."""
        keys = [person_key(account), *(work_key(p.lab, p.pseudonym) for p in body.parts)]
        keys += [link_key(id) for id in body.links]
        self._bury({name_of(key) for key in keys} | self._house.keyring.buried())
        for key in keys:
            self._house.keyring.destroy(key)

        def work(c: sa.Connection) -> None:
            rows.remove(c, account)
            wiped = sa.text(
                "UPDATE link SET email_hash = NULL, email_box = NULL, "
                "ended_ns = coalesce(ended_ns, :now) WHERE id = ANY(CAST(:ids AS uuid[]))"
            )
            now = clock.wall_ns()
            c.execute(wiped, {"ids": list(body.links), "now": now})
            ended = sa.text(
                "UPDATE erasure SET state = 'done', done_ns = :now, body = NULL WHERE account = :id"
            )
            c.execute(ended, {"id": account, "now": now})

        self._house.run(work)

    def _bury(self, names: set[str]) -> None:
        """Write a tombstone for each key: its name is a hash, and tells of nobody."""
        if names:
            given = {"keys": sorted(names)}
            self._house.run(lambda c: c.execute(_TOMBSTONE, given))


_BODY = sa.text("SELECT state, body FROM erasure WHERE account = :id")


def account_of(house: House, email: str) -> str | None:
    """Return the account of an address, None if there is none."""
    query = sa.text("SELECT id FROM account WHERE email_hash = :hash")
    given = {"hash": house.keyring.blind(email_word(email))}
    found = house.run(lambda c: c.execute(query, given).scalar())
    return None if found is None else str(found)


def _held(c: sa.Connection, account: str) -> sa.Row[Any]:
    query = sa.text("SELECT id FROM account WHERE id = CAST(:id AS uuid) FOR UPDATE")
    row = c.execute(query, {"id": account}).one_or_none()
    if row is None:
        raise UnknownName("account", account, ())
    return row


def _given_back(lab: Any, lease: str) -> None:
    with suppress(InputError):  # It ended meanwhile.
        lab.queue.give_back(lease)
