"""Deliveries: copies of people's work that left a lab, to whom, when, and whose is in them.

What is outside cannot be erased from here, so that it is written down as it leaves. A row is there
before the first byte is: a process killed in between tells of a copy too many, never one too few.
"""

from __future__ import annotations

import threading
from collections import Counter, OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, Literal, get_args

import msgspec

from banbury import clock
from banbury.episode import new_id
from banbury.episode.actor import Actor
from banbury.errors import InputError
from banbury.store import wire
from banbury.store.database import Database, raw
from banbury.store.server import Connection

Kind = Literal["built", "exported", "downloaded", "read", "trained"]
"""A release that was made; files written out; files sent to a browser or program; single episodes
and files that a program read by a token, together for each day; a checkpoint trained on a release,
out of which nobody's work can be taken again."""
KINDS: tuple[Kind, ...] = get_args(Kind)
MACHINE = "the machine"
"""Who took it, where somebody used the command line of the machine itself."""
_BATCH, _KNOWN = 1_000, 10_000
_DAY_NS = 86_400 * 10**9


class Delivered(msgspec.Struct, frozen=True):
    """One copy that left the lab.

    Attributes:
        id: UUIDv7.
        kind: see `Kind`.
        what: `release NAME`, `campaign NAME`, `episodes`, `file`, ...
        version: of a release; 0 elsewhere.
        format: `parquet`, `jsonl`, ...; "" where there is only one.
        who: pseudonym of whoever took it, or `MACHINE`.
        episodes: how many are in it; of one person, where one was asked for.
        people: of how many people these are.
        sha256: of what was delivered, "" where it was not known when it left.
        made_ns: when.
        place: where it lies, where that is known: `checkpoint NAME` of this lab.
    """

    id: str
    kind: Kind
    what: str
    version: int
    format: str
    who: str
    episodes: int
    people: int
    sha256: str
    made_ns: int
    place: str = ""


_NEW = """
INSERT INTO delivery (id, kind, what, version, format, who, episodes, people, sha256, made_ns,
    place)
VALUES (%(id)s, %(kind)s, %(what)s, %(version)s, %(format)s, %(who)s, %(episodes)s, %(people)s,
    %(sha256)s, %(now)s, %(place)s)
"""
_WHOSE = "INSERT INTO delivery_person (delivery, person, episodes) VALUES (%s, %s, %s)"
_COLUMNS = (
    "d.id, d.kind, d.what, d.version, d.format, d.who, {n}, d.people, d.sha256, d.made_ns, d.place"
)
_BEHIND = "(%(after)s = '' OR d.id < CAST(nullif(%(after)s, '') AS uuid))"
_SINCE = (
    "SELECT DISTINCT p.delivery, p.person FROM erasure e JOIN delivery_person p USING (person) "
    "JOIN delivery m ON m.id = p.delivery AND m.made_ns <= e.begun_ns "
    "WHERE e.stays <> 'all' AND m.kind <> 'built'"
)
_HEADERS = "SELECT id, header FROM episode WHERE id = ANY(%s)"
_TODAY = """
SELECT id FROM delivery WHERE kind = 'read' AND who = %s AND made_ns >= %s ORDER BY made_ns LIMIT 1
"""
_READ = """
INSERT INTO delivery_read (delivery, episode) VALUES (%s, %s) ON CONFLICT DO NOTHING
"""
_MORE = "UPDATE delivery SET episodes = episodes + 1 WHERE id = %s"
_WHOSE_MORE = """
INSERT INTO delivery_person (delivery, person, episodes) VALUES (%s, %s, 1)
ON CONFLICT (delivery, person) DO UPDATE SET episodes = delivery_person.episodes + 1
"""
_PEOPLE = """
UPDATE delivery SET people = (SELECT count(*) FROM delivery_person WHERE delivery = %(id)s)
WHERE id = %(id)s
"""

_AS = """
UPDATE delivery SET people = (SELECT count(*) FROM delivery_person WHERE delivery = %(id)s),
    episodes = coalesce((SELECT episodes FROM delivery WHERE id = %(first)s), 0) WHERE id = %(id)s
"""


class Deliveries:
    """The deliveries of one lab; got from `Lab.deliveries`.

    Args:
        database: the lab's rows.
        lab: its name.
    """

    def __init__(self, database: Database, lab: str) -> None:
        self._database = database
        self._lab = lab
        self._lock = threading.Lock()
        self._read: OrderedDict[tuple[int, str, str], None] = OrderedDict()

    def note(
        self,
        kind: Kind,
        what: str,
        episodes: Iterable[str],
        *,
        version: int = 0,
        format: str = "",
        who: str = MACHINE,
        sha256: str = "",
        people: Iterable[str] = (),
        place: str = "",
    ) -> str:
        """Write down a copy that is about to leave; return its id.

        Whose it is comes from the episodes and from those that they were made from: who answered
        first is in what another person mended. `people` are those whose it is beside that.

        Raises:
            InputError: there is no such kind.
        """
        if kind not in KINDS:
            raise InputError(f"{kind!r} is no kind of delivery", do="say " + ", ".join(KINDS))
        row: dict[str, Any] = {
            "id": new_id(), "kind": kind, "what": what[:300], "version": version,
            "format": format, "who": who or MACHINE, "sha256": sha256, "now": clock.wall_ns(),
            "place": place,
        }  # fmt: skip
        ids, more = list(dict.fromkeys(episodes)), set(people)

        def work(link: Connection) -> None:
            whose = self._whose(link, ids)
            for person in more - whose.keys():
                whose[person] = 0
            link.execute(_NEW, {**row, "episodes": len(ids), "people": len(whose)})
            rows = [[row["id"], person, n] for person, n in sorted(whose.items())]
            if rows:
                link.cursor().executemany(_WHOSE, rows)

        self._database.run(lambda c: work(raw(c)))
        return str(row["id"])

    def hashed(self, id: str, sha256: str) -> None:
        """Add the hash of what was delivered, where it is known only when all is written."""
        values = [sha256, id]
        statement = "UPDATE delivery SET sha256 = %s WHERE id = %s"
        self._database.run(lambda c: raw(c).execute(statement, values))

    def again(self, sha256: str, what: str, who: str) -> str:
        """Write down that what was exported under this hash is about to be downloaded."""
        query = (
            "SELECT id, format, version FROM delivery WHERE sha256 = %s ORDER BY id DESC LIMIT 1"
        )
        row: dict[str, Any] = {"id": new_id(), "kind": "downloaded", "what": what[:300]}
        row |= {"who": who or MACHINE, "sha256": sha256, "now": clock.wall_ns(), "place": ""}
        whose = "INSERT INTO delivery_person SELECT %s, person, episodes FROM delivery_person "

        def work(link: Connection) -> None:
            held = link.execute(query, [sha256]).fetchone()
            first, format, version = held or (None, "", 0)
            given = {**row, "format": format, "version": version, "episodes": 0, "people": 0}
            link.execute(_NEW, given)
            link.execute(whose + "WHERE delivery = %s", [row["id"], first])
            link.execute(_AS, {"id": row["id"], "first": first})

        self._database.run(lambda c: work(raw(c)))
        return str(row["id"])

    def read(self, episodes: Iterable[str], who: str) -> None:
        """Write down that a program read episodes; each is counted once a day and program."""
        day = clock.wall_ns() // _DAY_NS
        with self._lock:
            new = [id for id in dict.fromkeys(episodes) if (day, who, id) not in self._read]
        if not new:
            return
        self._database.run(lambda c: self._noted(raw(c), new, who or MACHINE, day))
        with self._lock:
            self._read.update(dict.fromkeys((day, who, id) for id in new))
            while len(self._read) > _KNOWN:
                self._read.popitem(last=False)

    def _noted(self, link: Connection, episodes: Sequence[str], who: str, day: int) -> None:
        link.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 10))", [who])
        held = link.execute(_TODAY, [who, day * _DAY_NS]).fetchone()
        id = held[0] if held else new_id()
        if held is None:
            row = {"id": id, "kind": "read", "what": "episodes", "version": 0, "format": "",
                   "who": who, "episodes": 0, "people": 0, "sha256": "",
                   "now": clock.wall_ns(), "place": ""}  # fmt: skip
            link.execute(_NEW, row)
        for episode in episodes:
            if link.execute(_READ, [id, episode]).rowcount:
                link.execute(_MORE, [id])
                for person in self._whose(link, [episode]):
                    link.execute(_WHOSE_MORE, [id, person])
        link.execute(_PEOPLE, {"id": id})

    def training(self, release: str, version: int, place: str, episodes: Iterable[str]) -> str:
        """Write down that something is about to be trained on a release; return the row's id.

        What was begun and has not ended (no hash is there yet, see `hashed`) goes on in its row.
        """
        what = f"release {release}"[:300]
        query = (
            "SELECT id FROM delivery WHERE kind = 'trained' AND (what, version, place, sha256) = "
            "(%s, %s, %s, '') ORDER BY id LIMIT 1"
        )
        values = [what, version, place]
        held = self._database.run(lambda c: raw(c).execute(query, values).fetchone())
        if held:
            return str(held[0])
        return self.note("trained", what, episodes, version=version, place=place)

    def noted(self, kind: Kind, sha256: str) -> bool:
        """Say whether a delivery of a kind and hash is written down."""
        query = "SELECT 1 FROM delivery WHERE kind = %s AND sha256 = %s LIMIT 1"
        values = [kind, sha256]
        return self._database.run(lambda c: raw(c).execute(query, values).fetchone()) is not None

    def listed(self, after: str = "", limit: int = 50) -> list[Delivered]:
        """Return a page of what left the lab, the newest first, from behind an id."""
        query = (
            f"SELECT {_COLUMNS.format(n='d.episodes')} FROM delivery d "
            f"WHERE {_BEHIND} ORDER BY d.id DESC LIMIT %(limit)s"
        )
        return self._found(query, {"after": after, "limit": limit})

    def of(self, person: str, after: str = "", limit: int | None = None) -> list[Delivered]:
        """Return what left the lab with work of a person in it, with how much of theirs.

        All of it, the newest first; or a page of it, from behind an id.
        """
        query = (
            f"SELECT {_COLUMNS.format(n='p.episodes')} FROM delivery_person p "
            "JOIN delivery d ON d.id = p.delivery WHERE p.person = %(person)s "
            f"AND {_BEHIND} ORDER BY d.id DESC LIMIT %(limit)s"
        )
        return self._found(query, {"person": person, "after": after, "limit": limit})

    def awaiting(self, after: str = "", limit: int = 50) -> list[Delivered]:
        """Return what left the lab with work of somebody who was erased since, a page of it."""
        query = (
            f"SELECT {_COLUMNS.format(n='d.episodes')} FROM delivery d "
            f"WHERE EXISTS (SELECT FROM ({_SINCE}) s WHERE s.delivery = d.id) "
            f"AND {_BEHIND} ORDER BY d.id DESC LIMIT %(limit)s"
        )
        return self._found(query, {"after": after, "limit": limit})

    def erased_since(self, ids: Sequence[str]) -> dict[str, list[str]]:
        """Return who was erased after a copy with work of theirs had left, by the copy's id.

        Whoever allowed all to stay is not among them, nor is a release in the lab, which was
        withdrawn with its key.
        """
        query = f"SELECT delivery, person FROM ({_SINCE}) s WHERE delivery = ANY(%s) ORDER BY 1, 2"
        rows = self._database.run(lambda c: raw(c).execute(query, [list(ids)]).fetchall())
        found: dict[str, list[str]] = {}
        for delivery, person in rows:
            found.setdefault(str(delivery), []).append(person)
        return found

    def made_by(self, person: str) -> int:
        """Return how many episodes a person made in this lab."""
        mark = Actor("person", person).key
        query = "SELECT count(*) FROM episode WHERE actor = %s"
        return int(self._database.run(lambda c: raw(c).execute(query, [mark]).fetchall())[0][0])

    def _found(self, query: str, values: dict[str, Any]) -> list[Delivered]:
        rows = self._database.run(lambda c: raw(c).execute(query, values).fetchall())
        return [Delivered(str(row[0]), *row[1:]) for row in rows]

    def _whose(self, link: Connection, ids: Sequence[str]) -> Counter[str]:
        """Return in how many of these episodes each person has a hand."""
        found: Counter[str] = Counter()
        people: dict[str, frozenset[str]] = {}
        parents: dict[str, tuple[str, ...]] = {}
        for batch in _batches(ids):
            self._known(link, batch, people, parents)
            for id in batch:
                found.update(_all(id, people, parents))
        return found

    def _known(
        self,
        link: Connection,
        ids: Sequence[str],
        people: dict[str, frozenset[str]],
        parents: dict[str, tuple[str, ...]],
    ) -> None:
        """Read the people of episodes and of all that they were made from."""
        missing = [id for id in ids if id not in people]
        while missing:
            for key, data in link.execute(_HEADERS, [missing], binary=True).fetchall():
                held = wire.decode_header(data, str(key), self._lab)
                people[held.id] = frozenset(a.name for a in held.actors if a.kind == "person")
                parents[held.id] = tuple(p.episode for p in held.parents)
            behind = {p for id in missing for p in parents.get(id, ())}
            for id in missing:
                people.setdefault(id, frozenset())
            missing = sorted(behind - people.keys())


def _all(
    id: str, people: dict[str, frozenset[str]], parents: dict[str, tuple[str, ...]]
) -> set[str]:
    found, seen, left = set[str](), set[str](), [id]
    while left:
        one = left.pop()
        if one not in seen:
            seen.add(one)
            found |= people.get(one, frozenset())
            left += parents.get(one, ())
    return found


def _batches(ids: Sequence[str]) -> Iterator[list[str]]:
    rest = iter(ids)
    while batch := list(islice(rest, _BATCH)):
        yield batch
