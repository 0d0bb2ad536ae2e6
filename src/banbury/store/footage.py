"""Footage: how the views of each camera task stand, and whose hours came of them.

What was found stands in an artifact; here is only what lists ask for. A row is written last, so
that a task whose row names the newest answers is done, and any other is due.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import msgspec

from banbury import clock
from banbury.store.database import Database, raw
from banbury.store.queue.campaign import found
from banbury.store.server import Connection

State = Literal["unreadable", "refused", "waiting", "confirmed", "rejected"]
"""`unreadable`: a file or a view lacks. `refused`: the views cannot be synchronized, or nothing of
them is good. `waiting`: for a person. `confirmed`: its hours count. `rejected`: not."""


class Share(msgspec.Struct, frozen=True):
    """What one person's view of a task came to, in milliseconds.

    Attributes:
        person: pseudonym.
        episode: their answer.
        day: on which they filmed, days since 1970-01-01 (UTC).
        filmed_ms: footage handed in.
        good_ms: of it synchronized with another view, and good.
        counted_ms: of that confirmed.
        lost: by reason, what does not count.
    """

    person: str
    episode: str
    day: int
    filmed_ms: int
    good_ms: int
    counted_ms: int
    lost: dict[str, int] = {}


class Scene(msgspec.Struct, frozen=True):
    """What a task asks to be filmed."""

    trade: str = ""
    action: str = ""
    place: str = ""
    light: str = ""


class Standing(msgspec.Struct, frozen=True):
    """How the footage of a task stands.

    Attributes:
        campaign: its name.
        task: id of the task that asked for the footage.
        state: see `State`.
        episodes: the answers that were read, in the order of their ids.
        artifact: id of the artifact `footage` that says what was found.
        scene: what was to be filmed.
        good_ms: of all pairs of views, synchronized and good.
        counted_ms: of these confirmed.
        confirm_campaign: where a person confirms it, "" for nowhere.
        confirms: ids of the tasks by which people confirm it, one a group of recordings.
        answers: what they said, an episode each, in the same order; "" for nothing yet.
        reason: why it stands so, one sentence.
        changed_ns: when it last changed.
    """

    campaign: str
    task: str
    state: State
    episodes: tuple[str, ...]
    artifact: str
    scene: Scene = Scene()
    good_ms: int = 0
    counted_ms: int = 0
    confirm_campaign: str = ""
    confirms: tuple[str, ...] = ()
    answers: tuple[str, ...] = ()
    reason: str = ""
    changed_ns: int = 0


class Due(msgspec.Struct, frozen=True, order=True):
    """A task whose footage is to be looked at: the answers that are in, and what was confirmed."""

    campaign: str
    task: str
    answers: tuple[str, ...]


class DayOf(msgspec.Struct, frozen=True):
    """What one person filmed on one day for one campaign; times in milliseconds."""

    day: int
    campaign: str
    person: str
    filmed_ms: int
    good_ms: int
    counted_ms: int


class Mix(msgspec.Struct, frozen=True):
    """One scene of the mix: how many tasks, and pair-milliseconds good and counted."""

    campaign: str
    scene: Scene
    tasks: int
    good_ms: int
    counted_ms: int


_FILM = "capture.film"
_GYM = "capture"

_IN = """
SELECT c.name, t.id, array_agg(l.episode::text ORDER BY l.episode)
FROM campaign c JOIN work w ON w.campaign = c.id JOIN task t ON t.pos = w.task
    JOIN lease l ON l.campaign = w.campaign AND l.task = w.task
        AND l.kind = 'work' AND l.state = 'done' AND l.episode IS NOT NULL
    LEFT JOIN footage f ON f.campaign = w.campaign AND f.task = w.task
WHERE c.gym = %(gym)s AND t.family = %(film)s AND w.stage <> 'broken' AND w.done >= c.overlap
GROUP BY c.name, t.id, f.episodes
HAVING f.episodes IS DISTINCT FROM array_agg(l.episode ORDER BY l.episode)
ORDER BY c.name, t.id LIMIT %(most)s
"""

_SAID = """
SELECT c.name, t.id, array_agg(coalesce(w.accepted::text, '') ORDER BY u.place)
FROM footage f JOIN campaign c ON c.id = f.campaign JOIN task t ON t.pos = f.task
    JOIN campaign d ON d.name = f.confirm_campaign
    CROSS JOIN LATERAL unnest(f.confirms) WITH ORDINALITY AS u (id, place)
    JOIN task s ON s.id = u.id LEFT JOIN work w ON w.campaign = d.id AND w.task = s.pos
GROUP BY c.name, t.id, f.answers
HAVING f.answers IS DISTINCT FROM array_agg(coalesce(w.accepted::text, '') ORDER BY u.place)
ORDER BY c.name, t.id LIMIT %(most)s
"""

_STANDING = """
SELECT c.name, t.id, f.state, f.episodes::text[], f.artifact::text, f.trade, f.action, f.place,
    f.light, f.good_ms, f.counted_ms, f.confirm_campaign, f.confirms, f.answers, f.reason,
    f.changed_ns
FROM footage f JOIN campaign c ON c.id = f.campaign JOIN task t ON t.pos = f.task
"""

_KEEP = """
INSERT INTO footage (campaign, task, state, episodes, artifact, confirm_campaign, confirms, answers,
    trade, action, place, light, good_ms, counted_ms, reason, changed_ns)
VALUES (%(id)s, %(pos)s, %(state)s, %(episodes)s::uuid[], %(artifact)s, %(confirm_campaign)s,
    %(confirms)s, %(answers)s, %(trade)s, %(action)s, %(place)s, %(light)s, %(good_ms)s,
    %(counted_ms)s, %(reason)s, %(now)s)
ON CONFLICT (campaign, task) DO UPDATE SET state = excluded.state, episodes = excluded.episodes,
    artifact = excluded.artifact, confirm_campaign = excluded.confirm_campaign,
    confirms = excluded.confirms, answers = excluded.answers, trade = excluded.trade,
    action = excluded.action, place = excluded.place, light = excluded.light,
    good_ms = excluded.good_ms, counted_ms = excluded.counted_ms, reason = excluded.reason,
    changed_ns = excluded.changed_ns
"""

_SHARE = """
INSERT INTO footage_share (campaign, task, person, episode, day, filmed_ms, good_ms, counted_ms,
    lost)
VALUES (%(id)s, %(pos)s, %(person)s, %(episode)s, %(day)s, %(filmed_ms)s, %(good_ms)s,
    %(counted_ms)s, %(lost)s::jsonb)
"""

_DAYS = """
SELECT s.day, c.name, s.person, sum(s.filmed_ms)::bigint, sum(s.good_ms)::bigint,
    sum(s.counted_ms)::bigint
FROM footage_share s JOIN campaign c ON c.id = s.campaign
WHERE (%(campaign)s::text IS NULL OR c.name = %(campaign)s)
    AND (%(person)s::text IS NULL OR s.person = %(person)s) AND s.day >= %(since)s
GROUP BY s.day, c.name, s.person ORDER BY s.day, c.name, s.person
"""

_LOST = """
SELECT r.key, sum(r.value::bigint)::bigint
FROM footage_share s JOIN campaign c ON c.id = s.campaign, jsonb_each_text(s.lost) AS r
WHERE (%(campaign)s::text IS NULL OR c.name = %(campaign)s)
    AND (%(person)s::text IS NULL OR s.person = %(person)s) AND s.day >= %(since)s
GROUP BY r.key ORDER BY 2 DESC, 1
"""

_MIX = """
SELECT c.name, f.trade, f.action, f.place, f.light, count(*), sum(f.good_ms)::bigint,
    sum(f.counted_ms)::bigint
FROM footage f JOIN campaign c ON c.id = f.campaign
WHERE %(campaign)s::text IS NULL OR c.name = %(campaign)s
GROUP BY c.name, f.trade, f.action, f.place, f.light ORDER BY 8 DESC, 7 DESC, 1, 2, 3, 4, 5
LIMIT 500
"""


class Footage:
    """The footage of a lab; got from `Lab.footage`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def due(self, most: int = 100) -> list[Due]:
        """Return tasks whose last view is in, or that a person confirmed, and nobody has looked.

        A task whose answers changed since, since a view came late or was handed in anew, is due
        again.
        """
        values = {"gym": _GYM, "film": _FILM, "most": most}

        def work(link: Connection) -> list[Due]:
            there = "SELECT 1 FROM campaign WHERE gym = %s LIMIT 1"
            if link.execute(there, [_GYM]).fetchone() is None:
                return []
            views = [Due(c, t, tuple(ids)) for c, t, ids in link.execute(_IN, values)]
            known = {(d.campaign, d.task) for d in views}
            said = link.execute(_SAID, values).fetchall()
            more = [Due(c, t, tuple(ids)) for c, t, ids in said if (c, t) not in known]
            return [*views, *more]

        return self._database.look(lambda c: work(raw(c)))

    def answers(self, campaign: str, task: str) -> list[str]:
        """Return the answers to a task that count, in the order of their ids."""
        query = (
            "SELECT l.episode::text FROM lease l JOIN campaign c ON c.id = l.campaign "
            "JOIN task t ON t.pos = l.task WHERE c.name = %s AND t.id = %s AND l.kind = 'work' "
            "AND l.state = 'done' AND l.episode IS NOT NULL ORDER BY l.episode"
        )
        rows = self._database.ask(lambda c: raw(c).execute(query, [campaign, task]).fetchall())
        return [id for (id,) in rows]

    def answered(self, campaign: str) -> list[str]:
        """Return the tasks of a campaign that have an answer that counts, in their order."""
        query = (
            "SELECT DISTINCT t.id, t.pos FROM lease l JOIN campaign c ON c.id = l.campaign "
            "JOIN task t ON t.pos = l.task WHERE c.name = %s AND l.kind = 'work' "
            "AND l.state = 'done' AND l.episode IS NOT NULL ORDER BY t.pos"
        )
        rows = self._database.ask(lambda c: raw(c).execute(query, [campaign]).fetchall())
        return [id for id, _ in rows]

    def filmed(self, person: str, confirm_campaign: str) -> list[str]:
        """Return the tasks of confirming still open whose scenes a person filmed a view of."""
        query = (
            "SELECT DISTINCT u.id FROM footage_share s JOIN footage f "
            "ON f.campaign = s.campaign AND f.task = s.task CROSS JOIN LATERAL unnest(f.confirms) "
            "AS u (id) WHERE s.person = %s AND f.confirm_campaign = %s AND f.state = 'waiting'"
        )
        given = [person, confirm_campaign]
        rows = self._database.ask(lambda c: raw(c).execute(query, given).fetchall())
        return [id for (id,) in rows]

    def accepted(self, campaign: str, task: str) -> str:
        """Return the accepted answer to a task of a campaign, "" if there is none."""
        query = (
            "SELECT w.accepted::text FROM work w JOIN campaign c ON c.id = w.campaign "
            "JOIN task t ON t.pos = w.task WHERE c.name = %s AND t.id = %s"
        )
        row = self._database.ask(lambda c: raw(c).execute(query, [campaign, task]).fetchone())
        return str(row[0]) if row and row[0] else ""

    def standing(self, campaign: str, task: str) -> Standing | None:
        """Return how the footage of a task stands, None if nobody has looked at it."""
        query = f"{_STANDING} WHERE c.name = %s AND t.id = %s"
        row = self._database.ask(lambda c: raw(c).execute(query, [campaign, task]).fetchone())
        return None if row is None else _made(row)

    def listed(self, campaign: str | None = None, limit: int = 200) -> list[Standing]:
        """Return how the footage of tasks stands, what changed last first."""
        query = (
            f"{_STANDING} WHERE %(campaign)s::text IS NULL OR c.name = %(campaign)s "
            "ORDER BY f.changed_ns DESC, t.pos LIMIT %(limit)s"
        )
        given = {"campaign": campaign, "limit": limit}
        rows = self._database.ask(lambda c: raw(c).execute(query, given).fetchall())
        return [_made(row) for row in rows]

    def of(self, person: str, limit: int = 50) -> list[tuple[Standing, Share]]:
        """Return how a person's own footage stands, with their share, the newest first."""
        query = (
            f"{_STANDING.replace('f.changed_ns', 'f.changed_ns, ' + _COLUMNS, 1)} "
            "JOIN footage_share s ON s.campaign = f.campaign AND s.task = f.task "
            "WHERE s.person = %s ORDER BY s.day DESC, f.changed_ns DESC LIMIT %s"
        )
        rows = self._database.ask(lambda c: raw(c).execute(query, [person, limit]).fetchall())
        return [(_made(row[:16]), _share(row[16:])) for row in rows]

    def shares(self, campaign: str, task: str) -> list[Share]:
        """Return what each person's view of a task came to."""
        query = (
            f"SELECT {_COLUMNS} FROM footage_share s JOIN campaign c ON c.id = s.campaign "
            "JOIN task t ON t.pos = s.task WHERE c.name = %s AND t.id = %s ORDER BY s.person"
        )
        rows = self._database.ask(lambda c: raw(c).execute(query, [campaign, task]).fetchall())
        return [_share(row) for row in rows]

    def put(self, standing: Standing, shares: Sequence[Share]) -> None:
        """Keep how the footage of a task stands now, with everybody's share, at once.

        Raises:
            UnknownName: there is no such campaign.
        """

        def work(link: Connection) -> None:
            held = found(link, standing.campaign)
            query = "SELECT pos FROM task WHERE id = %s"
            [(pos,)] = link.execute(query, [standing.task]).fetchall()
            values = _values(standing) | {"id": held.id, "pos": pos}
            link.execute(_KEEP, values)
            gone = "DELETE FROM footage_share WHERE campaign = %s AND task = %s"
            link.execute(gone, [held.id, pos])
            for one in shares:
                said = msgspec.structs.asdict(one)
                said["lost"] = msgspec.json.encode(one.lost).decode()
                link.execute(_SHARE, {**said, "id": held.id, "pos": pos})

        self._database.run(lambda c: work(raw(c)))

    def withdraw(self, campaign: str, tasks: Sequence[str]) -> int:
        """Take tasks of confirming out that nobody has ever had; return how many.

        Raises:
            UnknownName: there is no such campaign.
        """
        gone = (
            "DELETE FROM work w USING task t WHERE w.campaign = %s AND t.pos = w.task "
            "AND t.id = ANY(%s) AND NOT EXISTS (SELECT FROM lease l "
            "WHERE l.campaign = w.campaign AND l.task = w.task)"
        )

        def work(link: Connection) -> int:
            held = found(link, campaign, lock=True)
            count = link.execute(gone, [held.id, list(tasks)]).rowcount
            link.execute("UPDATE campaign SET tasks = tasks - %s WHERE id = %s", [count, held.id])
            return count

        return self._database.run(lambda c: work(raw(c)))

    def days(
        self, campaign: str | None = None, person: str | None = None, since: int = 0
    ) -> list[DayOf]:
        """Return hours by day, campaign and person, the oldest day first."""
        given = {"campaign": campaign, "person": person, "since": since}
        rows = self._database.ask(lambda c: raw(c).execute(_DAYS, given).fetchall())
        return [DayOf(*row) for row in rows]

    def lost(
        self, campaign: str | None = None, person: str | None = None, since: int = 0
    ) -> dict[str, int]:
        """Return milliseconds that do not count by reason, the most first."""
        given = {"campaign": campaign, "person": person, "since": since}
        rows = self._database.ask(lambda c: raw(c).execute(_LOST, given).fetchall())
        return {reason: int(ms) for reason, ms in rows}

    def mix(self, campaign: str | None = None) -> list[Mix]:
        """Return the scenes that were filmed, those that count most first; at most 500."""
        rows = self._database.ask(lambda c: raw(c).execute(_MIX, {"campaign": campaign}).fetchall())
        return [Mix(r[0], Scene(*r[1:5]), *r[5:]) for r in rows]


_COLUMNS = "s.person, s.episode::text, s.day, s.filmed_ms, s.good_ms, s.counted_ms, s.lost::text"


def _values(standing: Standing) -> dict[str, Any]:
    plain = msgspec.structs.asdict(standing) | msgspec.structs.asdict(standing.scene)
    plain |= {n: list(getattr(standing, n)) for n in ("episodes", "confirms", "answers")}
    return {**plain, "now": clock.wall_ns()}


def _made(row: Sequence[Any]) -> Standing:
    campaign, task, state, episodes, artifact, *rest = row
    good, counted, where, confirms, answers, reason, changed = rest[4:]
    return Standing(
        *(campaign, task, state, tuple(episodes), artifact, Scene(*rest[:4]), good, counted),
        *(where, tuple(confirms), tuple(answers), reason, changed),
    )


def _share(row: Sequence[Any]) -> Share:
    person, episode, day, filmed, good, counted, lost = row
    reasons = msgspec.json.decode(lost, type=dict[str, int])
    return Share(person, episode, day, filmed, good, counted, reasons)
