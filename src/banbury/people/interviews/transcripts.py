"""Recordings written down: once each, so many a day, kept under the key of whoever spoke."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import sqlalchemy as sa

from banbury import clock
from banbury.people.offers.words import Words
from banbury.store import House
from banbury.store.grants import DAY_NS

MOST = 100
"""Recordings of one person that are written down within a day: an interview has sixty at most."""
TRIES = 3
"""How often one recording is tried where the model for speech says nothing."""
_TRYING_NS = 90 * 10**9
"""How long a try may be at it: longer than the model is waited for."""
_KIND = "spoken "
FULL = (
    f"Your recording is kept. {MOST} recordings of yours were written down in the last 24 hours, "
    "and more are not: write what you said into the field, or leave it to whoever grades, who "
    "listens."
)
BUSY = "Your recording is kept, and is being written down; whoever grades can listen to it."
SILENT = "Your recording is kept. It could not be written down; whoever grades listens to it."
_COUNT = (
    "SELECT count(*) FROM person_words WHERE account = CAST(:a AS uuid) "
    "AND starts_with(kind, :kind) AND changed_ns > :since"
)
_GET = "SELECT body FROM person_words WHERE account = CAST(:a AS uuid) AND kind = :kind"
_PUT = (
    "INSERT INTO person_words (account, kind, body, changed_ns) VALUES (CAST(:a AS uuid), :kind, "
    ":body, :now) ON CONFLICT (account, kind) DO UPDATE SET body = excluded.body"
)
_ALL = (
    "SELECT kind, body, changed_ns FROM person_words WHERE account = CAST(:a AS uuid) "
    "AND starts_with(kind, :kind) ORDER BY changed_ns"
)


class Written(msgspec.Struct, frozen=True):
    """What is said in a recording.

    Attributes:
        words: "" where nobody wrote it down.
        note: why not, for whoever spoke; "" where there are words.
    """

    words: str = ""
    note: str = ""


class _Kept(msgspec.Struct, frozen=True):
    tries: int = 0
    began_ns: int = 0
    words: str = ""


class Transcripts:
    """What was said in the recordings of interviews, by whoever spoke."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._words = Words(house)

    def written(self, account: str, sha256: str, hear: Callable[[], str]) -> Written:
        """Return what is said in a recording, which is heard once; afterwards what was kept.

        Args:
            account: whoever spoke.
            sha256: of the recording, 64 hex digits.
            hear: asks the model; "" where it said nothing, which may be tried again.
        """
        there = self._house.run(lambda c: self._claimed(c, account, sha256))
        if isinstance(there, Written):
            return there
        words = hear()
        done = msgspec.structs.replace(there, began_ns=0, words=words)
        self._house.run(lambda c: self._put(c, account, sha256, done))
        return Written(words, "" if words else SILENT)

    def of(self, account: str) -> list[dict[str, Any]]:
        """Return all that was written down of a person's recordings, oldest first."""
        given = {"a": account, "kind": _KIND}
        rows = self._house.run(lambda c: c.execute(sa.text(_ALL), given).all())
        return [
            {"recording": r.kind.removeprefix(_KIND), "at_ns": r.changed_ns,
             "words": self._opened(account, r.kind, r.body).words} for r in rows
        ]  # fmt: skip

    def _claimed(self, c: sa.Connection, account: str, sha256: str) -> Written | _Kept:
        """Return what is known or may be known of a recording, or the try that begins now."""
        lock = sa.text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 9))")
        c.execute(lock, {"key": f"spoken {account}"})
        kind, now = _KIND + sha256, clock.wall_ns()
        body = c.execute(sa.text(_GET), {"a": account, "kind": kind}).scalar_one_or_none()
        kept = _Kept() if body is None else self._opened(account, kind, body)
        if kept.words:
            return Written(kept.words)
        if now - kept.began_ns < _TRYING_NS:
            return Written(note=BUSY)
        if kept.tries >= TRIES:
            return Written(note=SILENT)
        given = {"a": account, "kind": _KIND, "since": now - DAY_NS}
        if body is None and c.execute(sa.text(_COUNT), given).scalar_one() >= MOST:
            return Written(note=FULL)
        begun = _Kept(kept.tries + 1, now)
        self._put(c, account, sha256, begun)
        return begun

    def _put(self, c: sa.Connection, account: str, sha256: str, kept: _Kept) -> None:
        kind = _KIND + sha256
        said = msgspec.json.encode(kept).decode()
        box = self._words.sealed(account, said, f"person_words.{kind}")
        row = {"a": account, "kind": kind, "body": box, "now": clock.wall_ns()}
        c.execute(sa.text(_PUT), row)

    def _opened(self, account: str, kind: str, body: bytes) -> _Kept:
        said = self._words.opened(account, body, f"person_words.{kind}")
        return msgspec.json.decode(said, type=_Kept) if said else _Kept()
