"""Campaign: a body of work for people, and its rules."""

from __future__ import annotations

import re
from typing import Any, Literal

import msgspec

from banbury import clock
from banbury.errors import InputError, UnknownName
from banbury.store.database import Database, raw
from banbury.store.server import Connection

State = Literal["open", "paused", "closed"]


class Campaign(msgspec.Struct, frozen=True, omit_defaults=True):
    """Tasks of one gym that people do, and how often, how long and who looks at it then.

    Attributes:
        name: unique in the lab.
        gym: name of the gym of all its tasks.
        title: a few words for the people who do it.
        instructions: plain text with blank lines between paragraphs.
        overlap: how many people do each task.
        review: share of the answers that a second person sees, in [0, 1].
        enough: how alike answers to one task must be, by the gym's measure in [0, 1], so that
            nobody has to decide between them.
        line: share of good work that is asked for, in (0, 1): what the mean score of somebody
            just good enough is, in gold tasks and reviews. It is set before anybody is measured.
        lease_seconds: how long a person may hold a task.
        hold: most tasks that a person holds at once.
        state: `open`, `paused` (nothing is given out) or `closed`.
        settings: JSON object for the seat, such as labels and keys.
        made_by: who made it.
        id: given by the store.
        created_ns: UTC nanoseconds.
        tasks: how many tasks it has.
        shows: skill of people that good work here shows, such as `electrician`; "" takes the
            skill of each task. Evidence, pauses and gold go by it.
    """

    name: str
    gym: str
    title: str = ""
    instructions: str = ""
    overlap: int = 1
    review: float = 1.0
    enough: float = 0.8
    lease_seconds: int = 1800
    hold: int = 10
    state: State = "open"
    settings: dict[str, Any] = {}
    made_by: str = ""
    id: int = 0
    created_ns: int = 0
    tasks: int = 0
    line: float = 0.7
    shows: str = ""

    @property
    def run(self) -> str:
        """Return the run under which its answers are kept."""
        return f"campaign:{self.name}"


class _Body(msgspec.Struct, omit_defaults=True):
    """What nobody asks the database about."""

    title: str = ""
    instructions: str = ""
    settings: dict[str, Any] = {}
    made_by: str = ""


_CHANGEABLE = {
    *("title", "instructions", "overlap", "review", "enough", "lease_seconds", "hold", "state"),
    *("settings", "line", "shows"),
}
_COLUMNS = (
    "id, name, gym, state, overlap, review, enough, lease_seconds, hold, tasks, body, created_ns, "
    "line, shows"
)
SHOWN = "coalesce(nullif(c.shows, ''), t.skill)"
"""SQL: the skill of people that a task `t` of a campaign `c` shows."""
_encode = msgspec.json.Encoder().encode
_body = msgspec.json.Decoder(_Body).decode


def put(database: Database, campaign: Campaign) -> Campaign:
    """Keep a new campaign; the same again returns the one that is there.

    Raises:
        InputError: a rule makes no sense, or another campaign has this name.
    """
    check(campaign)
    statement = (
        "INSERT INTO campaign (name, gym, state, overlap, review, enough, lease_seconds, hold, "
        "body, created_ns, line, shows) "
        "VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s) "
        "ON CONFLICT (name) DO NOTHING"
    )
    c = campaign
    values = [c.name, c.gym, c.state, c.overlap, c.review, c.enough, c.lease_seconds, c.hold]
    values += [_encode(_kept(c)), c.created_ns or clock.wall_ns(), c.line, c.shows]
    database.run(lambda link: raw(link).execute(statement, values))
    there = get(database, c.name)
    if _same(there, c):
        return there
    raise InputError(
        f"there is another campaign {c.name!r}", do="choose another name, or change that one"
    )


def get(database: Database, name: str) -> Campaign:
    """Return a campaign.

    Raises:
        UnknownName: there is none of this name; the nearest are listed.
    """
    return database.ask(lambda c: found(raw(c), name))


def found(link: Connection, name: str, lock: bool = False) -> Campaign:
    """Return a campaign, its row locked if asked; raises as `get` does."""
    query = f"SELECT {_COLUMNS} FROM campaign WHERE name = %s{' FOR UPDATE' if lock else ''}"
    row = link.execute(query, [name]).fetchone()
    if row is None:
        known = link.execute("SELECT name FROM campaign ORDER BY id DESC LIMIT 1000").fetchall()
        raise UnknownName("campaign", name, [n for (n,) in known])
    return _made(row)


def listed(database: Database, after: str, limit: int) -> list[Campaign]:
    """Return campaigns in the order of their names, from behind `after`."""
    query = f"SELECT {_COLUMNS} FROM campaign WHERE name > %s ORDER BY name LIMIT %s"
    rows = database.ask(lambda c: raw(c).execute(query, [after, limit]).fetchall())
    return [_made(row) for row in rows]


def change(database: Database, name: str, what: dict[str, Any]) -> Campaign:
    """Change a campaign's rules; what was settled stays.

    A larger `overlap` opens more places of the tasks that are still worked on.

    Raises:
        UnknownName: there is no such campaign.
        InputError: a rule cannot be changed, or makes no sense.
    """
    if wrong := set(what) - _CHANGEABLE:
        raise InputError(
            f"{min(wrong)!r} of a campaign cannot be changed",
            do=f"change {', '.join(sorted(_CHANGEABLE))}",
        )
    if not what:
        return get(database, name)

    def work(link: Connection) -> Campaign:
        before = found(link, name, lock=True)
        after = msgspec.structs.replace(before, **what)
        check(after)
        if after.overlap < before.overlap:
            raise InputError(
                "people are at work on places that this would take away",
                where=f"campaign {name!r}",
                do=f"leave the overlap at {before.overlap}, or make another campaign",
            )
        link.execute(
            "UPDATE campaign SET state = %s, overlap = %s, review = %s, enough = %s, "
            "lease_seconds = %s, hold = %s, body = %s, line = %s, shows = %s WHERE id = %s",
            [
                *(after.state, after.overlap, after.review, after.enough),
                *(after.lease_seconds, after.hold, _encode(_kept(after)), after.line),
                *(after.shows, after.id),
            ],
        )
        if after.overlap != before.overlap:
            link.execute(
                "UPDATE work SET open = %s - active - done WHERE campaign = %s AND stage = 'work'",
                [after.overlap, after.id],
            )
        if (after.overlap, after.settings) != (before.overlap, before.settings):
            link.execute("UPDATE worker SET cursor = 0, dry_ns = 0 WHERE campaign = %s", [after.id])
        return after

    return database.run(lambda c: work(raw(c)))


def check(campaign: Campaign) -> None:
    """Refuse rules that make no sense.

    Raises:
        InputError: which one, and what it may be.
    """
    c = campaign
    wrong = (
        "a name of 1 to 100 characters" * (not 1 <= len(c.name) <= 100)
        or "a name of its gym" * (not c.gym)
        or "an overlap from 1 to 100" * (not 1 <= c.overlap <= 100)
        or "a share of reviews in [0, 1]" * (not 0.0 <= c.review <= 1.0)
        or "an agreement in [0, 1] that is enough" * (not 0.0 <= c.enough <= 1.0)
        or "a line above 0 and below 1" * (not 0.0 < c.line < 1.0)
        or "a skill's name without blanks, of at most 100 characters, as what it shows"
        * (not re.fullmatch(r"([\w-]+(\.[\w-]+)*)?", c.shows) or len(c.shows) > 100)
        or "a lease from 10 seconds to 30 days" * (not 10 <= c.lease_seconds <= 30 * 86_400)
        or "from 1 to 1000 tasks that a person holds" * (not 1 <= c.hold <= 1000)
        or "one of the states open, paused, closed" * (c.state not in ("open", "paused", "closed"))
    )
    if wrong:
        raise InputError(f"a campaign needs {wrong}", where=f"campaign {c.name[:100]!r}")


def _kept(c: Campaign) -> _Body:
    return _Body(c.title, c.instructions, c.settings, c.made_by)


def _same(one: Campaign, other: Campaign) -> bool:
    plain = {"id": 0, "created_ns": 0, "tasks": 0, "made_by": ""}
    return msgspec.structs.replace(one, **plain) == msgspec.structs.replace(other, **plain)


def _made(row: tuple[Any, ...]) -> Campaign:
    id, name, gym, state, overlap, review, enough, seconds, hold, tasks, body, *more = row
    created, line, shows = more
    said = _body(bytes(body))
    return Campaign(
        *(name, gym, said.title, said.instructions, overlap, review, enough, seconds, hold),
        *(state, said.settings, said.made_by, id, created, tasks, line, shows),
    )
