"""Which accounts came by one browser: an opaque mark, keyed by the house, and nothing else."""

from __future__ import annotations

import threading

import sqlalchemy as sa

from banbury import clock
from banbury.store import House

KEPT_NS = 180 * 86_400 * 10**9
"""How long a use is remembered."""
_AGAIN_NS = 86_400 * 10**9
_MOST = 20_000
_NOTE = (
    "INSERT INTO device_use (mark, account, seen_ns) VALUES (:mark, CAST(:a AS uuid), :now) "
    "ON CONFLICT (account, mark) DO UPDATE SET seen_ns = excluded.seen_ns"
)
_OVER = "DELETE FROM device_use WHERE account = CAST(:a AS uuid) AND seen_ns < :over"
_USED = (
    "SELECT p.name, d.mark FROM device_use d JOIN pseudonym p ON p.account = d.account "
    "WHERE p.lab = :lab AND d.seen_ns >= :over"
)


class Devices:
    """The devices that a house's people work on; each use is noted once a day."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._noted: dict[tuple[str, str], int] = {}
        self._lock = threading.Lock()

    def note(self, account: str, browser: str) -> None:
        """Note that an account is at work in a browser, which names itself by a random word."""
        now = clock.wall_ns()
        key = account, browser
        with self._lock:
            if not browser or now - self._noted.get(key, 0) < _AGAIN_NS:
                return
            if len(self._noted) >= _MOST:
                self._noted.clear()
            self._noted[key] = now
        mark = self._house.keyring.blind(f"device:{browser}")
        given = {"mark": mark, "a": account, "now": now, "over": now - KEPT_NS}

        def work(c: sa.Connection) -> None:
            c.execute(sa.text(_NOTE), given)
            c.execute(sa.text(_OVER), given)

        self._house.run(work)

    def used(self, lab: str) -> dict[str, list[str]]:
        """Return the marks of the devices that each person of a lab used, by pseudonym."""
        given = {"lab": lab, "over": clock.wall_ns() - KEPT_NS}
        found: dict[str, list[str]] = {}
        for row in self._house.run(lambda c: c.execute(sa.text(_USED), given).all()):
            found.setdefault(row.name, []).append(bytes(row.mark).hex())
        return found
