"""Sessions and API tokens: what a browser or a program shows, and who that is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
import sqlalchemy as sa

from banbury import clock
from banbury.accounts.caller import NOBODY, Caller, Via
from banbury.accounts.codes import TOKEN_PREFIX, hashed, new_code
from banbury.accounts.remembered import Remembered, changed
from banbury.store import House
from banbury.store.keyring import Keyring
from banbury.store.personal import opened_text, opened_who, sealed_text

DAY_NS = 86_400 * 10**9
IDLE_NS, LONGEST_NS = 14 * DAY_NS, 90 * DAY_NS
"""A session ends after this long without a request, and after this long in any case."""
KEPT = 30
"""Sessions of one account; a new one beyond these ends the oldest."""
_SLIDE_NS = 3600 * 10**9
_AGENT = "session.agent"

_ACCOUNT = """
    SELECT a.id, a.who, a.operator, a.closed, {columns},
           m.labs, m.roles, m.names
    FROM {table} s JOIN account a ON a.id = s.account,
    LATERAL (
        SELECT array_agg(m.lab) AS labs, array_agg(m.role) AS roles, array_agg(p.name) AS names
        FROM member m JOIN pseudonym p ON p.lab = m.lab AND p.account = m.account
        WHERE m.account = a.id
    ) m
    WHERE s.hash = :hash"""
_SESSION = sa.text(
    _ACCOUNT.format(
        table="session",
        columns="'' AS lab, NULL::text[] AS scopes, s.seen_ns, s.created_ns, s.expires_ns",
    )
)
_TOKEN = sa.text(
    _ACCOUNT.format(
        table="token",
        columns="s.lab, s.scopes, coalesce(s.used_ns, 0) AS seen_ns, s.created_ns, s.expires_ns",
    )
)
_SEEN = sa.text("UPDATE session SET seen_ns = :now, expires_ns = :expires WHERE hash = :hash")
_USED = sa.text("UPDATE token SET used_ns = :now WHERE hash = :hash")
_NEW = sa.text(
    "INSERT INTO session (hash, account, agent, created_ns, seen_ns, expires_ns) "
    "VALUES (:hash, :account, :agent, :now, :now, :expires)"
)
_SURPLUS = sa.text(
    "DELETE FROM session WHERE hash IN (SELECT hash FROM session WHERE account = :account "
    "ORDER BY created_ns DESC, hash OFFSET :kept)"
)
_OVER = sa.text(
    "DELETE FROM session WHERE hash IN (SELECT hash FROM session WHERE expires_ns < :now LIMIT 100)"
)


class Session(msgspec.Struct, frozen=True):
    """A place where an account is logged in.

    Attributes:
        id: hash of its code, in hex.
        agent: what the browser called itself.
        created_ns: when it began.
        seen_ns: when it was last used, to the hour.
        expires_ns: when it ends if it is not used.
        here: whether it is the one that asks.
    """

    id: str
    agent: str
    created_ns: int
    seen_ns: int
    expires_ns: int
    here: bool = False


class Sessions:
    """The sessions and tokens of a house, the ones in use remembered."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._remembered = Remembered(house)

    def start(self, account: str, agent: str = "") -> str:
        """Log an account in; return the code for the cookie, which is stored nowhere."""
        code, now = new_code(), clock.wall_ns()
        row = {
            "hash": hashed(code),
            "account": account,
            "agent": sealed_text(self._house.keyring, account, _printable(agent)[:200], _AGENT),
            "now": now,
            "expires": now + IDLE_NS,
        }

        def work(connection: sa.Connection) -> None:
            connection.execute(_NEW, row)
            surplus = connection.execute(_SURPLUS, {"account": account, "kept": KEPT}).rowcount
            connection.execute(_OVER, {"now": now})
            if surplus:
                changed(connection)

        self._house.run(work)
        return code

    def kept(self, code: str) -> Caller | None:
        """Return whose session or token a code is, None where the house has to be asked."""
        return self._remembered.at_once(hashed(code))

    def caller(self, code: str) -> Caller:
        """Return whose session or token a code is, `NOBODY` if it is none (any more).

        A session that another process ended is known here for 4 seconds more.
        """
        key, token = hashed(code), code.startswith(TOKEN_PREFIX)
        if (kept := self._remembered.find(key)) is not None:
            return kept
        now, generation = clock.mono_ns(), self._remembered.generation
        caller, expires = self._house.ask(lambda c: _read(c, self._house.keyring, key, token))
        # Where somebody was thrown out while this was read, it may be old, and is not kept.
        self._remembered.keep(key, caller, expires, now, generation)
        return caller

    def forget(self, account: str) -> None:
        """Read an account's rights again with its next request in this process."""
        self._remembered.drop(lambda caller: caller.account == account)

    def of(self, caller: Caller) -> list[Session]:
        """Return the caller's sessions, the newest first; at most `KEPT`."""
        query = sa.text(
            "SELECT hash, agent, created_ns, seen_ns, expires_ns FROM session "
            "WHERE account = :account AND expires_ns > :now ORDER BY created_ns DESC, hash"
        )
        given = {"account": caller.account, "now": clock.wall_ns()}
        rows = self._house.run(lambda c: c.execute(query, given).all())
        return [
            Session(
                r.hash.hex(),
                opened_text(self._house.keyring, caller.account, r.agent, _AGENT),
                r.created_ns,
                r.seen_ns,
                r.expires_ns,
                r.hash.hex() == caller.session,
            )
            for r in rows
        ]

    def end(self, account: str, session: str) -> bool:
        """End one session of an account by its id; say whether there was one."""
        query = sa.text("DELETE FROM session WHERE account = :account AND hash = :hash")
        try:
            key = bytes.fromhex(session)
        except ValueError:
            return False

        def work(connection: sa.Connection) -> bool:
            ended = connection.execute(query, {"account": account, "hash": key}).rowcount
            if ended:
                changed(connection)
            return ended > 0

        done = self._house.run(work)
        self.forget(account)
        return done

    def end_all(self, account: str, but: str = "") -> int:
        """End all sessions of an account, but one; return how many."""

        def work(connection: sa.Connection) -> int:
            ended = end_sessions(connection, account, bytes.fromhex(but))
            changed(connection)
            return ended

        done = self._house.run(work)
        self.forget(account)
        return done


def end_sessions(connection: sa.Connection, account: str, but: bytes = b"") -> int:
    """End an account's sessions, but one, in a transaction that does more."""
    query = sa.text("DELETE FROM session WHERE account = :account AND hash <> :but")
    return connection.execute(query, {"account": account, "but": but}).rowcount


def _read(connection: sa.Connection, keys: Keyring, key: bytes, token: bool) -> tuple[Caller, int]:
    """Return whose this is and until when, and note that it is in use."""
    row = connection.execute(_TOKEN if token else _SESSION, {"hash": key}).one_or_none()
    now = clock.wall_ns()
    if row is None:
        return NOBODY, 0
    if row.closed or row.expires_ns <= now:
        # Gone for good: a clock that is turned back does not bring it to life.
        table = "token" if token else "session"
        connection.execute(sa.text(f"DELETE FROM {table} WHERE hash = :hash"), {"hash": key})
        return NOBODY, 0
    expires = row.expires_ns
    if now - row.seen_ns > _SLIDE_NS:
        if not token:
            expires = min(now + IDLE_NS, row.created_ns + LONGEST_NS)
        connection.execute(_USED if token else _SEEN, {"hash": key, "now": now, "expires": expires})
    return _caller(row, keys, key.hex(), "token" if token else "session"), expires


def _caller(row: sa.Row[Any], keys: Keyring, key: str, via: Via) -> Caller:
    who = opened_who(keys, str(row.id), row.who)
    labs: Sequence[str] = row.labs or ()
    shown = [i for i, lab in enumerate(labs) if not row.lab or lab == row.lab]
    return Caller(
        account=str(row.id),
        name=who.name,
        email=who.email,
        operator=row.operator and not row.lab,
        roles={labs[i]: row.roles[i] for i in shown},
        pseudonyms={labs[i]: row.names[i] for i in shown},
        scopes=None if row.scopes is None else frozenset(row.scopes),
        via=via,
        session=key,
    )


def _printable(text: str) -> str:
    return "".join(c for c in text if c.isprintable())
