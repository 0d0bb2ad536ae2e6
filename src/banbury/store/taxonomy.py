"""The lab's own layer over the gyms' skills: names given, changed, merged and split.

What gyms declare is version 0. Each act of a person is the next version, and appends rows; none is
changed. A name is given once: when it goes out of use it leads to what took its place, for ever.
"""

from __future__ import annotations

import functools
import uuid
from collections import defaultdict
from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase
from typing import Any, Literal

import msgspec
import sqlalchemy as sa

from banbury import clock
from banbury.episode import Task, canonical
from banbury.episode.definition import Part, union
from banbury.errors import InputError
from banbury.store import lab_tables, wire
from banbury.store.database import Database
from banbury.store.reading import Covered

Act = Literal["name", "rename", "merge", "split"]
X_ = lab_tables.skill.c
T_ = lab_tables.task.c
_GYMS = uuid.UUID("6f2c1a54-0c1e-5b0e-9d0a-8a1f3f6a7c11")
_parts = msgspec.json.Decoder(tuple[Part, ...]).decode
_task = msgspec.msgpack.Decoder(Task).decode
_PAGE = 2000


class Named(msgspec.Struct, frozen=True, kw_only=True):
    """One name that one act gave.

    Attributes:
        name: dotted path, given once.
        title: a few words for people.
        act: what gave it.
        parts: what it covers.
        skill: opaque id, which a rename keeps.
        replaces: names that went out of use by it.
        proposal: id of the `proposals` artifact that it was accepted from, "" for none.
        who: who did it.
        why: the reason given.
        version: of the taxonomy, from 1; set by the store.
        created_ns: UTC nanoseconds; set by the store.
    """

    name: str
    title: str
    act: Act
    parts: tuple[Part, ...]
    skill: str
    replaces: tuple[str, ...] = ()
    proposal: str = ""
    who: str = ""
    why: str = ""
    version: int = 0
    created_ns: int = 0


class Taxonomy:
    """All that a lab has named, as it stood when it was read.

    Attributes:
        rows: the oldest first.
    """

    def __init__(self, rows: Sequence[Named]) -> None:
        self.rows = tuple(rows)

    @property
    def version(self) -> int:
        """Return the number of acts so far; 0 where there are only the gyms' own skills."""
        return self.rows[-1].version if self.rows else 0

    @functools.cached_property
    def _by_name(self) -> dict[str, Named]:
        return {r.name: r for r in self.rows}

    @functools.cached_property
    def _next(self) -> dict[str, list[str]]:
        out: dict[str, list[str]] = defaultdict(list)
        for row in self.rows:
            for old in row.replaces:
                out[old].append(row.name)
        return out

    def named(self, name: str) -> Named | None:
        """Return the row that gave a name; None for a gym's own."""
        return self._by_name.get(name)

    def names(self) -> list[str]:
        """Return every name that was ever given, the oldest first."""
        return [r.name for r in self.rows]

    def retired(self) -> set[str]:
        """Return the names that went out of use, gyms' own among them."""
        return set(self._next)

    def current(self, name: str) -> tuple[str, ...]:
        """Return what a name means today: itself, or all that took its place."""
        if name not in self._next:
            return (name,)
        found = [c for n in self._next[name] for c in self.current(n)]
        return tuple(dict.fromkeys(found))

    def skill(self, name: str) -> str:
        """Return the opaque id behind a name; a gym's own has one by its name."""
        row = self.named(name)
        return row.skill if row else str(uuid.uuid5(_GYMS, name))

    def own(self, name: str) -> tuple[Part, ...]:
        """Return what a name covered when it was given."""
        row = self.named(name)
        return row.parts if row else (Part(name),)

    def parts(self, name: str) -> tuple[Part, ...]:
        """Return what a name covers today: the definitions of all that took its place."""
        return union(p for n in self.current(name) for p in self.own(n))

    def ever(self, name: str) -> tuple[Part, ...]:
        """Return what a name covers or covered: for finding old episodes and new ones."""
        return union((*self.own(name), *self.parts(name)))

    def below(self, pattern: str) -> list[str]:
        """Return the given names that `office.*` means; they may lie elsewhere in the gyms."""
        return [n for n in self.names() if fnmatchcase(n, pattern)]

    def history(self, name: str) -> list[Named]:
        """Return all acts that led to a name or followed from it, the oldest first."""
        back, forth = {name}, {name}
        for row in reversed(self.rows):
            if row.name in back:
                back.update(row.replaces)
        for row in self.rows:
            if forth & set(row.replaces):
                forth.add(row.name)
        return [r for r in self.rows if r.name in back | forth]


def load(database: Database) -> Taxonomy:
    """Return the lab's taxonomy as it stands."""
    query = sa.select(lab_tables.skill).order_by(X_.version, X_.place)
    return Taxonomy([_named(row) for row in database.run(lambda c: c.execute(query).all())])


def put(database: Database, rows: Sequence[Named]) -> Taxonomy:
    """Append the rows of one act as the next version, all or none; return the taxonomy after it.

    Raises:
        InputError: a name was given before, or one that it replaces is out of use.
    """
    now = clock.wall_ns()

    def work(connection: sa.Connection) -> None:
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtext("skill"))))
        query = sa.select(lab_tables.skill).order_by(X_.version, X_.place)
        held = Taxonomy([_named(row) for row in connection.execute(query)])
        if held.rows and held.rows[-1].created_ns == now:
            return  # the connection was lost after the commit
        _check(held, rows)
        connection.execute(
            lab_tables.skill.insert(),
            [_row(r, held.version + 1, place, now) for place, r in enumerate(rows)],
        )

    database.run(work)
    return load(database)


def covered(database: Database, taxonomy: Taxonomy, skill: str) -> str | Covered:
    """Return what a skill or a pattern means among what is stored.

    It is the skill itself where the lab has named nothing that concerns it.
    """
    if skill.endswith(".*"):
        given = taxonomy.below(skill)
        parts = union(p for n in given for p in taxonomy.ever(n))
        pattern = skill
    else:
        parts, pattern = taxonomy.ever(skill), ""
        if parts == (Part(skill),):
            return skill
    if not parts:
        return skill
    whole = frozenset(p.skill for p in parts if not p.where)
    tasks = frozenset(t.id for p in parts if p.where for t in _tasks(database, p))
    return Covered(whole, tasks, pattern)


def _tasks(database: Database, part: Part) -> Iterator[Task]:
    after = -1
    while True:
        query = sa.select(T_.pos, T_.body).where(T_.skill == part.skill, T_.pos > after)
        query = query.order_by(T_.pos).limit(_PAGE)
        rows = database.run(lambda c, q=query: c.execute(q).all())  # type: ignore[misc]
        yield from (t for r in rows if part.accepts(t := _task(r.body)))
        if len(rows) < _PAGE:
            return
        after = rows[-1].pos


def _check(held: Taxonomy, rows: Sequence[Named]) -> None:
    new = [r.name for r in rows]
    for name in new:
        if held.named(name) or name in held.retired() or new.count(name) > 1:
            raise InputError(
                f"the name {name!r} was given before",
                do="choose another: a name leads to what took its place, for ever",
            )
    for old in {o for r in rows for o in r.replaces}:
        if old in held.retired():
            raise InputError(
                f"{old!r} is out of use since version {held.named(held.current(old)[0]).version}"  # type: ignore[union-attr]
                if held.named(held.current(old)[0])
                else f"{old!r} is out of use",
                do=f"use what took its place: {', '.join(held.current(old))}",
            )


def _row(row: Named, version: int, place: int, now: int) -> dict[str, Any]:
    return {
        "version": version,
        "place": place,
        "skill": str(wire.as_uuid(row.skill, "skill")),
        "name": row.name,
        "title": row.title,
        "act": row.act,
        "parts": canonical(row.parts),
        "replaces": list(row.replaces),
        "proposal": row.proposal,
        "who": row.who,
        "why": row.why,
        "created_ns": now,
    }


def _named(row: sa.Row[*tuple[Any, ...]]) -> Named:
    return Named(
        name=row.name,
        title=row.title,
        act=row.act,
        parts=_parts(row.parts),
        skill=row.skill,
        replaces=tuple(row.replaces),
        proposal=row.proposal,
        who=row.who,
        why=row.why,
        version=row.version,
        created_ns=row.created_ns,
    )
