"""Grants: one person works in one lab at a time, and only so many hours a day over all labs."""

from __future__ import annotations

import os

import msgspec

from banbury import clock
from banbury.episode import new_id
from banbury.errors import InputError
from banbury.store.database import Database, raw
from banbury.store.server import Connection

HOURS = "BANBURY_HOURS"
"""Environment variable with the most hours of work a day of one person; 8 without it."""

HOUR_NS = 3_600 * 10**9
DAY_NS = 24 * HOUR_NS
LENGTH_NS = HOUR_NS // 4
"""How long a grant lasts when no more is claimed under it."""


class Grant(msgspec.Struct, frozen=True):
    """One person's leave to work in one campaign.

    Attributes:
        id: stands on the leases that are taken under it.
        account: id of the account.
        lab: name of the lab.
        campaign: name of the campaign.
        until_ns: when it ends if it is not taken again; a lease taken before may be finished.
        left_ns: what is left of the day's hours.
    """

    id: str
    account: str
    lab: str
    campaign: str
    until_ns: int
    left_ns: int


class Hours(msgspec.Struct, frozen=True):
    """What one person worked in one lab on one day.

    Attributes:
        day: days since 1970-01-01 (UTC).
        lab: name of the lab.
        work_ns: nanoseconds at work, as the seats saw it.
        answers: submissions, reviews included.
    """

    day: int
    lab: str
    work_ns: int
    answers: int


_OPEN = """
SELECT g.id, g.lab, g.campaign, g.until_ns, (SELECT coalesce(sum(work_ns), 0)::bigint FROM hours
    WHERE account = %(account)s AND day = %(day)s)
FROM (SELECT) AS one LEFT JOIN work_grant g ON g.account = %(account)s AND g.ended_ns IS NULL
"""

_TAKE = """
INSERT INTO work_grant (id, account, lab, campaign, taken_ns, until_ns)
VALUES (%(id)s, %(account)s, %(lab)s, %(campaign)s, %(now)s, %(until)s)
"""


class Grants:
    """The grants of a house; got from `House.grants`.

    Args:
        database: the house's own.
        hours: most hours of work a day; None: the environment's BANBURY_HOURS, else 8.
    """

    def __init__(self, database: Database, hours: float | None = None) -> None:
        self._database = database
        self._most_ns = round((_hours() if hours is None else hours) * HOUR_NS)

    def take(self, account: str, lab: str, campaign: str) -> Grant:
        """Return a person's grant to work in a campaign now, for a quarter of an hour more.

        Raises:
            InputError: they are at work in another lab, or have worked enough today.
        """
        asked = {"account": account, "lab": lab, "campaign": campaign}

        held = self._database.ask(lambda c: self._held(raw(c), account))
        if _lasts(held, lab, campaign):
            return held

        def work(link: Connection) -> Grant:
            link.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 7))", [account])
            held, now = self._held(link, account), clock.wall_ns()
            self._may(held, lab, now)
            until = now + min(LENGTH_NS, held.left_ns)
            if held.id and (held.lab, held.campaign) == (lab, campaign) and held.until_ns > now:
                link.execute("UPDATE work_grant SET until_ns = %s WHERE id = %s", [until, held.id])
                return msgspec.structs.replace(held, until_ns=until)
            _end(link, account, now)
            id = new_id()
            link.execute(_TAKE, {**asked, "id": id, "now": now, "until": until})
            return Grant(id, account, lab, campaign, until, held.left_ns)

        return self._database.run(lambda c: work(raw(c)))

    def current(self, account: str) -> Grant | None:
        """Return the grant under which a person works now, None if they do not."""
        held = self._database.run(lambda c: self._held(raw(c), account))
        return held if held.id and held.until_ns > clock.wall_ns() else None

    def end(self, account: str) -> None:
        """End a person's grant: they may work elsewhere at once."""
        now = clock.wall_ns()
        self._database.run(lambda c: _end(raw(c), account, now))

    def hours(self, account: str, since_day: int = 0) -> list[Hours]:
        """Return what a person worked, by day and lab, from a day on (days since 1970-01-01)."""
        query = (
            "SELECT day, lab, work_ns, answers FROM hours WHERE account = %s AND day >= %s "
            "ORDER BY day, lab"
        )
        rows = self._database.run(lambda c: raw(c).execute(query, [account, since_day]).fetchall())
        return [Hours(*row) for row in rows]

    def today(self, account: str) -> tuple[int, int]:
        """Return the nanoseconds that a person has worked today (UTC), and those that are left."""
        day = clock.wall_ns() // DAY_NS
        worked = sum(h.work_ns for h in self.hours(account, day) if h.day == day)
        return worked, max(0, self._most_ns - worked)

    def _held(self, link: Connection, account: str) -> Grant:
        """Return a person's open grant, without an id if there is none, and the hours left."""
        values = {"account": account, "day": clock.wall_ns() // DAY_NS}
        [(id, lab, campaign, until, worked)] = link.execute(_OPEN, values).fetchall()
        left = max(0, self._most_ns - worked)
        return Grant(str(id or ""), account, lab or "", campaign or "", until or 0, left)

    def _may(self, held: Grant, lab: str, now: int) -> None:
        if held.left_ns == 0:
            raise InputError(
                f"{self._most_ns / HOUR_NS:g} hours of work are done today",
                do="go on after midnight (UTC)",
            )
        if held.id and held.lab != lab and held.until_ns > now:
            minutes = -(-(held.until_ns - now) // (60 * 10**9))
            raise InputError(
                "you are at work in another lab",
                where=f"lab {held.lab!r}, campaign {held.campaign!r}",
                do=f"leave that seat, or wait {minutes} minutes",
            )


def _lasts(held: Grant, lab: str, campaign: str) -> bool:
    """Return whether a grant has more than half of its time left, so that nothing is written."""
    same = held.id and (held.lab, held.campaign) == (lab, campaign)
    return bool(same) and held.until_ns > clock.wall_ns() + LENGTH_NS // 2 and held.left_ns > 0


def _end(link: Connection, account: str, now: int) -> None:
    link.execute(
        "UPDATE work_grant SET ended_ns = %s WHERE account = %s AND ended_ns IS NULL",
        [now, account],
    )


def _hours() -> float:
    said = os.environ.get(HOURS, "8")
    try:
        hours = float(said)
    except ValueError:
        hours = 0.0
    if not 0.0 < hours <= 24.0:
        raise InputError(f"{said!r} are no hours of a day", where=HOURS, do="give 0.5 to 24")
    return hours
