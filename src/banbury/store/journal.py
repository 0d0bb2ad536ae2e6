"""Journal: an open episode, step by step; each step is durable before it is acted on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import msgspec
import sqlalchemy as sa

from banbury import clock
from banbury.episode import (
    Cost,
    Episode,
    Failure,
    Judgement,
    Segment,
    Status,
    Step,
    canonical,
)
from banbury.errors import InputError, Sealed
from banbury.store import boxes, judging, lab_tables, reading, rows, wire
from banbury.store.database import Database, raw
from banbury.store.keyring import Keyring
from banbury.store.reading import E_
from banbury.store.server import Connection

_AMENDABLE = {"actors", "seats", "samplers", "route", "tags"}
_EXTEND = """
INSERT INTO journal (episode, seq, step)
SELECT e.id, s.seq, s.step FROM episode e, unnest(%s::int4[], %s::bytea[]) AS s (seq, step)
WHERE e.id = %s AND e.status = 'open' FOR SHARE OF e ON CONFLICT DO NOTHING
"""
"""The episode's row is locked against a close that would leave these steps behind."""


class Ending(NamedTuple):
    """How an episode ends; the names are those of its header."""

    status: Status
    length_ns: int
    cost: Cost
    failure: Failure | None = None
    truncated: bool = False

    def agrees(self) -> bool:
        """Return whether it is an end, and fails where it says why."""
        return self.status != "open" and (self.status == "failed") == (self.failure is not None)

    def of(self, episode: Episode) -> Episode:
        """Return a header with this end."""
        return msgspec.structs.replace(episode, **self._asdict())


class Journal:
    """An open episode. Got from `Lab.journal` or `Lab.resume`; one writer at a time.

    Attributes:
        episode: the header, as last written.
    """

    def __init__(
        self, database: Database, lab: str, episode: Episode, steps: Sequence[Step]
    ) -> None:
        self.episode = episode
        self._database = database
        self._lab = lab
        self._steps = list(steps)

    def __repr__(self) -> str:
        return f"<Journal of {self.episode.id}, {len(self._steps)} steps>"

    @property
    def steps(self) -> tuple[Step, ...]:
        """Return the steps so far, those of a fork's shared prefix included."""
        return tuple(self._steps)

    def pending(self) -> tuple[Step, ...]:
        """Return the actions that no later step answers: a crash may have come between."""
        answered = {s.reply_to for s in self._steps}
        return tuple(s for s in self._steps if s.kind == "action" and s.seq not in answered)

    def append(self, step: Step) -> None:
        """Keep the next step; see `extend`."""
        self.extend((step,))

    def extend(self, steps: Sequence[Step]) -> None:
        """Keep the next steps, all or none; durable when this returns.

        The same steps again change nothing.

        Raises:
            Sealed: the episode was closed.
            InputError: a step is not the next one, or another process wrote another there.
        """
        fresh = self.fresh(steps)
        if not fresh:
            return
        encoded = self._encoded(fresh)
        self._database.run(lambda connection: self._add(connection, encoded))
        self._steps += fresh

    def took(self, steps: Sequence[Step]) -> None:
        """Count steps that `fresh` returned as stored."""
        self._steps += steps

    def fresh(self, steps: Sequence[Step]) -> list[Step]:
        """Return those of the next steps that are not there yet.

        Raises:
            InputError: a step is not the next one.
        """
        fresh = list(steps)
        while fresh and fresh[0].seq < len(self._steps) and self._steps[fresh[0].seq] == fresh[0]:
            del fresh[0]
        for seq, step in enumerate(fresh, len(self._steps)):
            if step.seq != seq:
                raise InputError(
                    f"step {step.seq} does not follow step {seq - 1}",
                    where=f"episode {self.episode.id}",
                    do="number steps from 0 without holes; what is written is never edited",
                )
        return fresh

    def amend(self, **changes: Any) -> None:
        """Change what may change while an episode is open, durably.

        Args:
            changes: `actors`, `seats`, `samplers` (when somebody takes over), `route`, `tags`.

        Raises:
            Sealed: the episode was closed.
            InputError: a name that may not change.
        """
        if wrong := set(changes) - _AMENDABLE:
            raise InputError(
                f"{min(wrong)!r} cannot be amended", do=f"amend {', '.join(sorted(_AMENDABLE))}"
            )

        def work(connection: sa.Connection) -> Episode:
            stored, keys = locked(connection, self._lab, self.episode.id), self._database.keyring
            changed = boxes.owned(msgspec.structs.replace(stored, **changes), keys)
            if changed.body_key != stored.body_key:
                _sealed_again(raw(connection), stored, changed, keys)
            store_header(raw(connection), changed)
            return changed

        self.episode = self._database.run(work)

    def close(
        self,
        status: Status,
        length_ns: int,
        cost: Cost,
        judgements: Sequence[Judgement] = (),
        *,
        failure: Failure | None = None,
        truncated: bool = False,
    ) -> Episode:
        """Seal the episode: its steps become segments, its judgements and its outbox row appear.

        Raises:
            Sealed: it was closed before, in another way.
            InputError: the status is `open`, or does not agree with the failure.
        """
        return self.end((), Ending(status, length_ns, cost, failure, truncated), judgements)

    def end(
        self, steps: Sequence[Step], ending: Ending, judgements: Sequence[Judgement] = ()
    ) -> Episode:
        """Keep the last steps and seal the episode, all or nothing; see `extend` and `close`.

        Raises:
            Sealed: it was closed before, in another way.
            InputError: a step is not the next one, or the status does not agree with the failure.
        """
        if not ending.agrees():
            raise InputError(
                f"cannot close with status {ending.status!r} and failure {ending.failure}",
                where=f"episode {self.episode.id}",
                do="`failed` needs a failure, `done` and `void` have none",
            )
        fresh = self.fresh(steps)
        encoded = self._encoded(fresh)
        verdicts = list(judgements)
        now = clock.wall_ns()

        def work(connection: sa.Connection) -> Episode:
            stored = header(connection, self._lab, self.episode.id, lock=True)
            if stored.status != "open":
                if ending.of(stored) == stored:
                    return stored
                raise _sealed(stored.id)
            if encoded:
                self._add(connection, encoded)
            link = raw(connection)
            keys = self._database.keyring
            segments = wire.sealed(_taken(link, stored, None, keys), stored.body_key, keys)
            rows.add_segments(link, segments)
            both = (*stored.segments, *(s for s, _ in segments))
            closed = msgspec.structs.replace(ending.of(stored), segments=both)
            store_header(link, closed)
            judging.add(link, verdicts, keys)
            judging.show(link, [closed.id])
            said = {"episode": closed.id, "kind": "closed", "body": boxed(closed)}
            connection.execute(lab_tables.outbox.insert(), {**said, "created_ns": now})
            return closed

        self.episode = self._database.run(work)
        self._steps += fresh
        return self.episode

    def _encoded(self, steps: Sequence[Step]) -> dict[int, bytes]:
        keys = self._database.keyring
        return {step.seq: wire.encode_step(step, self.episode, keys) for step in steps}

    def _add(self, connection: sa.Connection, steps: Mapping[int, bytes]) -> None:
        where = [list(steps), list(steps.values()), self.episode.id]
        added = raw(connection).execute(_EXTEND, where, binary=True)
        if added.rowcount < len(steps):
            self._refused(connection, steps)

    def _refused(self, connection: sa.Connection, rows: Mapping[int, bytes]) -> None:
        """Do nothing if these very steps are there, as after an acknowledgement that was lost."""
        j = lab_tables.journal.c
        query = sa.select(j.seq, j.step).where(j.episode == self.episode.id, j.seq.in_(rows))
        stored = {seq: bytes(step) for seq, step in connection.execute(query)}
        for seq, data in rows.items():
            if seq not in stored:
                raise _sealed(self.episode.id)
            if stored[seq] != data:
                raise InputError(
                    f"another process has written another step {seq}",
                    where=f"episode {self.episode.id}",
                    do="read it again with lab.resume",
                )


def boxed(closed: Episode) -> bytes:
    """Return what the house is to know of an episode that closes."""
    return canonical({"status": closed.status, "cost": closed.cost, "length_ns": closed.length_ns})


def begin(database: Database, lab: str, episode: Episode) -> Journal:
    """Open an episode; where its key is stored already and open, go on with that one.

    Raises:
        Sealed: the key belongs to an episode that is closed.
        InputError: the episode is not open, has segments, or is of another lab.
    """
    if episode.status != "open" or episode.segments:
        raise InputError(
            "only an open episode without a body can be journaled",
            where=f"episode {episode.id}",
            do="write a finished one with lab.write",
        )
    if episode.lab != lab:
        raise InputError(f"this episode belongs to the lab {episode.lab!r}, not {lab!r}")
    episode = boxes.owned(episode, database.keyring)
    row = rows.row_of(episode)

    def work(connection: sa.Connection) -> str:
        """Return the id of the episode to go on with, "" if this one is new."""
        if rows.add_episodes(raw(connection), [row]):
            return ""
        query = sa.select(E_.id, E_.status).where(
            E_.key == wire.id_text(row.key), E_.status != "failed"
        )
        stored = connection.execute(query).one_or_none()
        if stored is None:
            raise InputError("this id belongs to another episode", where=f"episode {episode.id}")
        if stored.status != "open":
            raise _sealed(stored.id)
        return str(stored.id)

    id = database.run(work)
    return resume(database, lab, id) if id else Journal(database, lab, episode, ())


def resume(database: Database, lab: str, id: str) -> Journal:
    """Return the journal of an open episode with its steps so far.

    Raises:
        Sealed: the episode is closed.
        UnknownName: the lab has none of this id.
    """
    record = reading.read(database, lab, id)
    if record.episode.status != "open":
        raise _sealed(id)
    return Journal(database, lab, record.episode, record.steps)


def header(connection: sa.Connection, lab: str, id: str, lock: bool) -> Episode:
    """Return a header, its row locked if asked.

    Raises:
        UnknownName: the lab has none of this id.
    """
    query = sa.select(E_.header).where(E_.id == str(wire.as_uuid(id, "episode")))
    found = connection.execute(query.with_for_update() if lock else query).scalar_one_or_none()
    if found is None:
        raise reading.unknown(connection, lab, id)
    return wire.decode_header(found, id, lab)


def locked(connection: sa.Connection, lab: str, id: str) -> Episode:
    """Return the header of an open episode, its row locked.

    Raises:
        Sealed: it is closed.
        UnknownName: the lab has none of this id.
    """
    stored = header(connection, lab, id, lock=True)
    if stored.status != "open":
        raise _sealed(id)
    return stored


def store_header(link: Connection, episode: Episode) -> None:
    """Write the header of an open episode again; the database refuses it for a sealed one."""
    data, content = wire.encode_header(episode)
    link.execute(
        "UPDATE episode SET status = %s, route = %s, tags = %s, header = %s, content = %s, "
        "body_key = %s WHERE id = %s",
        [
            *(episode.status, episode.route, list(episode.tags), data, content),
            *(rows.key_of(episode), episode.id),
        ],
    )


def _sealed_again(link: Connection, before: Episode, after: Episode, keyring: Keyring) -> None:
    """Seal the journal of an episode that a person takes over under their key."""
    query = "DELETE FROM journal WHERE episode = %s RETURNING seq, step"
    steps = [
        wire.decode_step(bytes(data), before, seq, keyring)
        for seq, data in link.execute(query, [before.id], binary=True)
    ]
    made = [wire.encode_step(step, after, keyring) for step in steps]
    link.execute(_EXTEND, [[step.seq for step in steps], made, after.id], binary=True)


def _taken(link: Connection, episode: Episode, before: int | None, keyring: Keyring) -> list[Step]:
    """Take steps out of the journal, all or those before a seq, in order."""
    found = link.execute(
        "DELETE FROM journal WHERE episode = %s AND seq < %s RETURNING seq, step",
        [episode.id, (1 << 31) - 1 if before is None else before],
        binary=True,
    ).fetchall()
    # A step whose acknowledgement was lost may stand in a segment and here: the segment counts.
    shared = sum(s.count for s in episode.segments)
    kept = sorted((seq, data) for seq, data in found if seq >= shared)
    steps = [wire.decode_step(bytes(data), episode, seq, keyring) for seq, data in kept]
    if steps and steps[0].seq != shared:
        raise InputError(f"step {shared} is missing", where=f"episode {episode.id}")
    return steps


def seal_prefix(link: Connection, episode: Episode, before: int, keyring: Keyring) -> Episode:
    """Turn an open episode's journaled steps before `before` into segments."""
    steps = _taken(link, episode, before, keyring)
    segments = wire.sealed(steps, episode.body_key, keyring)
    if not segments:
        return episode
    rows.add_segments(link, segments)
    both: tuple[Segment, ...] = (*episode.segments, *(s for s, _ in segments))
    changed = msgspec.structs.replace(episode, segments=both)
    store_header(link, changed)
    return changed


def _sealed(id: str) -> Sealed:
    return Sealed(
        "this episode is sealed", where=f"episode {id}", do="fork it: lab.fork(id, at_step)"
    )
