"""Fork: a new episode from step k of another, which shares the steps before."""

from __future__ import annotations

import msgspec
import sqlalchemy as sa

from banbury.episode import (
    Cost,
    Episode,
    Parent,
    Relation,
    RunKey,
    Segment,
    new_id,
)
from banbury.errors import CorruptBlob, InputError
from banbury.store import boxes, journal, lab_tables, reading, rows, wire
from banbury.store.database import Database, raw
from banbury.store.keyring import Keyring


def fork(
    database: Database,
    lab: str,
    id: str,
    at_step: int,
    key: RunKey | None,
    relation: Relation,
) -> Episode:
    """Open a new episode whose first `at_step` steps are the parent's own segments.

    A segment that holds step `at_step - 1` and later ones is split: the fork gets a copy of its
    first part, the parent stays as it is; so it does of a body that stands in its episode's row.
    Of an open parent, the shared prefix is sealed first.

    Raises:
        InputError: the parent has fewer steps, or the key is taken.
        UnknownName: the lab has no such parent.
    """
    child = new_id()

    def work(connection: sa.Connection) -> Episode:
        made = sa.select(reading.E_.header).where(reading.E_.id == child)
        stored = connection.execute(made).scalar_one_or_none()
        if stored is not None:
            return wire.decode_header(stored, child, lab)
        parent = journal.header(connection, lab, id, lock=True)
        link = raw(connection)
        if parent.status == "open":
            parent = journal.seal_prefix(link, parent, at_step, database.keyring)
        whole, cut = _prefix(connection, parent, at_step, database.keyring)
        rows.add_segments(link, cut)
        connection.execute(
            lab_tables.segment.update()
            .where(lab_tables.segment.c.sha256.in_([bytes.fromhex(s.sha256) for s in whole]))
            .values(refs=lab_tables.segment.c.refs + 1)
        )
        episode = msgspec.structs.replace(
            parent,
            id=child,
            key=key or msgspec.structs.replace(parent.key, run=f"{parent.key.run}/fork/{child}"),
            status="open",
            length_ns=0,
            cost=Cost(),
            failure=None,
            truncated=False,
            parents=(Parent(id, relation, at_step),),
            segments=(*whole, *(s for s, _ in cut)),
        )
        if not rows.add_episodes(link, [rows.row_of(episode)]):
            raise InputError(
                "this key belongs to another episode",
                where=f"run {episode.key.run}, sample {episode.key.sample}",
                do="give the fork a key of its own, or none",
            )
        return episode

    return database.run(work)


def _prefix(
    connection: sa.Connection, parent: Episode, at_step: int, keyring: Keyring
) -> tuple[list[Segment], list[tuple[Segment, bytes]]]:
    """Return the segments wholly before `at_step`, and the first part of one that is not."""
    count = sum(s.count for s in parent.segments)
    if not 0 <= at_step <= count:
        raise InputError(
            f"there is no step {at_step} to fork at",
            where=f"episode {parent.id}",
            do=f"give a number from 0 to {count}",
        )
    if at_step and (short := reading.inline(connection, parent)):
        only = parent.segments[0]
        return [], wire.sealed(boxes.unpack(only, short, keyring)[:at_step], only.key, keyring)
    whole = [s for s in parent.segments if s.first + s.count <= at_step]
    cut = next((s for s in parent.segments if s.first < at_step < s.first + s.count), None)
    if cut is None:
        return whole, []
    query = sa.select(lab_tables.segment.c.data)
    query = query.where(lab_tables.segment.c.sha256 == bytes.fromhex(cut.sha256))
    data = connection.execute(query).scalar_one_or_none()
    if data is None:
        raise CorruptBlob("a segment is gone", where=f"sha256 {cut.sha256}")
    steps = boxes.unpack(cut, data, keyring)[: at_step - cut.first]
    return whole, wire.sealed(steps, cut.key, keyring)
