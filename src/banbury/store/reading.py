"""Reading episodes: by id, or page by page in the order of their ids."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypedDict

import msgspec
import sqlalchemy as sa
from sqlalchemy.sql import ColumnElement
from sqlalchemy.sql.selectable import LateralFromClause

from banbury.episode import NO_KEY, Episode, Judgement, Record, RunKey, Status, Step
from banbury.errors import CorruptBlob, Erased, UnknownName
from banbury.store import boxes, lab_tables, wire
from banbury.store.database import Database, raw
from banbury.store.keyring import Keyring

PAGE = 500
_HEADER = "SELECT header, body FROM episode WHERE id = %s"
_SEGMENTS = "SELECT sha256, data FROM segment WHERE sha256 = ANY(%s)"
E_ = lab_tables.episode.c
J_ = lab_tables.judgement.c


class Covered(msgspec.Struct, frozen=True):
    """What a name of the taxonomy covers among what is stored.

    Attributes:
        skills: skills that it covers whole, as recorded.
        tasks: ids of the tasks that it covers of others.
        pattern: `office.*` for all recorded skills below, "" for none.
    """

    skills: frozenset[str]
    tasks: frozenset[str] = frozenset()
    pattern: str = ""

    def condition(self, skill: ColumnElement[str], task: ColumnElement[str]) -> ColumnElement[bool]:
        """Return the condition on the columns of skill and task."""
        ways: list[ColumnElement[bool]] = []
        if self.skills:
            ways.append(skill.in_(sorted(self.skills)))
        if self.tasks:
            ids = sa.literal(sorted(self.tasks), sa.ARRAY(sa.Text))
            ways.append(task == sa.any_(ids))
        if self.pattern:
            ways.append(below(skill, self.pattern))
        return sa.or_(*ways) if ways else sa.false()


class Where(TypedDict, total=False):
    """What the calls of `Lab` take to choose episodes; see `Filter`."""

    run: str | None
    gym: str | None
    skill: str | None
    task: str | None
    actor: str | None
    status: Status | None
    passed: bool | None


class Filter(msgspec.Struct, frozen=True, kw_only=True):
    """Which episodes; what is None does not matter.

    Attributes:
        run: name of the run.
        gym: name of the gym.
        skill: exact name, `office.*` for everything below, or what a name of the taxonomy covers.
        task: id of the task.
        actor: actor of the key.
        status: see `Status`.
        passed: what the newest judgement says.
    """

    run: str | None = None
    gym: str | None = None
    skill: str | Covered | None = None
    task: str | None = None
    actor: str | None = None
    status: Status | None = None
    passed: bool | None = None

    def conditions(self) -> list[ColumnElement[bool]]:
        """Return the conditions on the episode's own columns."""
        out: list[ColumnElement[bool]] = []
        for name in ("run", "gym", "task", "actor", "status", "passed"):
            value = getattr(self, name)
            if value is not None:
                out.append(E_[name] == value)
        if self.skill is not None:
            out.append(concerning(self.skill, E_.skill, E_.task))
        return out


def concerning(
    wanted: str | Covered, skill: ColumnElement[str], task: ColumnElement[str]
) -> ColumnElement[bool]:
    """Return the condition that a row's skill or task is what is asked for."""
    if isinstance(wanted, Covered):
        return wanted.condition(skill, task)
    return below(skill, wanted)


def below(column: ColumnElement[str], skill: str) -> ColumnElement[bool]:
    """Return the condition that a skill is this one, or below it if it ends in `.*`."""
    if skill.endswith(".*"):
        return column.startswith(skill[:-1], autoescape=True)
    return column == skill


def newest() -> LateralFromClause:
    """Return the newest judgement of each episode, as a lateral subquery."""
    query = sa.select(J_.score, J_.passed, J_.components, J_.judge)
    query = query.where(J_.episode == E_.id).order_by(J_.id.desc()).limit(1)
    return query.lateral("newest")


def episode(database: Database, lab: str, id: str) -> Episode:
    """Return the header of one episode.

    Raises:
        UnknownName: the lab has none of this id.
    """
    query = sa.select(E_.header).where(E_.id == str(wire.as_uuid(id, "episode")))
    data = database.run(lambda c: c.execute(query).scalar_one_or_none())
    if data is None:
        raise database.run(lambda c: unknown(c, lab, id))
    return wire.decode_header(data, id, lab)


def read(database: Database, lab: str, id: str) -> Record:
    """Return one episode with its body; of an open one, the steps so far.

    Raises:
        UnknownName: the lab has none of this id.
        CorruptBlob: a segment does not have its hash.
        Erased: the person whose work it was is erased.
    """

    def work(connection: sa.Connection) -> Record:
        row = raw(connection).execute(_HEADER, [key], binary=True).fetchone()
        if row is None:
            raise unknown(connection, lab, id)
        found = [(wire.decode_header(row[0], id, lab), row[1])]
        return bodies(connection, found, database.keyring)[0]

    key = wire.as_uuid(id, "episode")
    return database.look(work)


def steps(database: Database, lab: str, id: str, first: int, count: int) -> tuple[Step, ...]:
    """Return the steps `[first, first + count)` of an episode.

    Raises:
        UnknownName: the lab has none of this id.
        CorruptBlob: a segment does not have its hash.
        Erased: the person whose work it was is erased.
    """

    def work(connection: sa.Connection) -> tuple[Step, ...]:
        row = raw(connection).execute(_HEADER, [key], binary=True).fetchone()
        if row is None:
            raise unknown(connection, lab, id)
        episode = wire.decode_header(row[0], id, lab)
        if row[1] is None and episode.status != "open":
            held = tuple(
                s for s in episode.segments if s.first < first + count and first < s.first + s.count
            )
            episode = msgspec.structs.replace(episode, segments=held)
        found = bodies(connection, [(episode, row[1])], database.keyring)[0].steps
        return tuple(s for s in found if first <= s.seq < first + count)

    key = wire.as_uuid(id, "episode")
    return database.look(work)


def unknown(connection: sa.Connection, lab: str, id: str) -> UnknownName:
    """Return the error that lists the ids just before and after."""
    before = sa.select(E_.id).where(E_.id <= id).order_by(E_.id.desc()).limit(3)
    behind = sa.select(E_.id).where(E_.id > id).order_by(E_.id).limit(3)
    near = [str(i) for query in (before, behind) for i in connection.execute(query).scalars()]
    return UnknownName("episode", id, near, where=f"lab {lab}")


def inline(connection: sa.Connection, episode: Episode) -> bytes | None:
    """Return the bytes of a body that stands in its episode's row, None if it does not."""
    body = connection.execute(sa.select(E_.body).where(E_.id == episode.id)).scalar_one_or_none()
    return None if body is None else bytes(body)


def bodies(
    connection: sa.Connection,
    found: Sequence[tuple[Episode, bytes | None]],
    keyring: Keyring,
    *,
    skip: bool = False,
) -> list[Record]:
    """Return episodes with their steps: from their rows, sealed segments, then the journal.

    Args:
        connection: to the lab.
        found: headers, each with the body that its row holds, if it does.
        keyring: that opens them.
        skip: leave out what is erased.

    Raises:
        CorruptBlob: a segment is gone or does not have its hash.
        Erased: the person whose work it was is erased, unless such are skipped.
    """
    found = [pair for pair in found if not (skip and _gone(pair[0], keyring))]
    stored = {e.segments[0].sha256: bytes(body) for e, body in found if body is not None}
    wanted = {s.sha256 for e, body in found if body is None for s in e.segments}
    parts = [bytes.fromhex(h) for h in wanted - stored.keys()]
    rows = raw(connection).execute(_SEGMENTS, [parts], binary=True) if parts else ()
    stored |= {bytes(sha256).hex(): bytes(data) for sha256, data in rows}
    journaled = _journaled(connection, [e for e, _ in found if e.status == "open"], keyring)
    return [Record(e, _steps(e, stored, journaled.get(e.id, ()), keyring)) for e, _ in found]


def _gone(episode: Episode, keyring: Keyring) -> bool:
    return episode.body_key != NO_KEY and keyring.destroyed(episode.body_key)


def _steps(
    episode: Episode, stored: Mapping[str, bytes], journaled: Sequence[Step], keyring: Keyring
) -> tuple[Step, ...]:
    if _gone(episode, keyring):
        raise Erased("what this person did was erased at their wish", where=f"episode {episode.id}")
    steps: list[Step] = []
    for segment in episode.segments:
        if segment.sha256 not in stored:
            raise CorruptBlob(
                "a segment of an episode is gone",
                where=f"episode {episode.id}, sha256 {segment.sha256}",
                do="restore the database from a back-up",
            )
        steps += boxes.unpack(segment, stored[segment.sha256], keyring)
    return (*steps, *(s for s in journaled if s.seq >= len(steps)))


def _journaled(
    connection: sa.Connection, episodes: Sequence[Episode], keyring: Keyring
) -> dict[str, list[Step]]:
    if not episodes:
        return {}
    of, j = {e.id: e for e in episodes}, lab_tables.journal.c
    query = sa.select(j.episode, j.seq, j.step).where(j.episode.in_(of))
    out: dict[str, list[Step]] = {}
    for id, seq, data in connection.execute(query.order_by(j.episode, j.seq)):
        out.setdefault(id, []).append(wire.decode_step(data, of[id], seq, keyring))
    return out


def headers(
    database: Database, lab: str, where: Filter, limit: int | None, after: str | None
) -> Iterator[Episode]:
    """Yield headers in the order of their ids, a page at a time."""
    columns = (E_.id, E_.header)
    for page in _pages(
        database.ask, columns, where, limit, after, PAGE, lambda c, rows: list(rows)
    ):
        for row in page:
            yield wire.decode_header(row.header, row.id, lab)


def records(
    database: Database, lab: str, where: Filter, limit: int | None, after: str | None
) -> Iterator[tuple[Record, tuple[Judgement, ...]]]:
    """Yield episodes with bodies and judgements, in constant memory; what is erased is left out."""

    def load(
        connection: sa.Connection, rows: Sequence[sa.Row[*tuple[Any, ...]]]
    ) -> list[tuple[Record, tuple[Judgement, ...]]]:
        found = bodies(
            connection,
            [(wire.decode_header(r.header, r.id, lab), r.body) for r in rows],
            database.keyring,
            skip=True,
        )
        verdicts = judgements_of(connection, [r.id for r in rows], database.keyring)
        return [(record, verdicts.get(record.episode.id, ())) for record in found]

    columns = (E_.id, E_.header, E_.body)
    for page in _pages(database.look, columns, where, limit, after, PAGE // 4, load):
        yield from page


def _pages(
    asked: Callable[[Callable[[sa.Connection], Any]], Any],
    columns: Sequence[ColumnElement[Any]],
    where: Filter,
    limit: int | None,
    after: str | None,
    size: int,
    load: Any,
) -> Iterator[list[Any]]:
    """Yield what `load` makes of each page; no connection is held between two pages."""
    query = sa.select(*columns).where(*where.conditions()).order_by(E_.id)
    left = limit
    while left is None or left > 0:
        page = query.limit(size if left is None else min(size, left))
        if after is not None:
            page = page.where(E_.id > str(wire.as_uuid(after, "episode")))

        def work(c: sa.Connection, page: Any = page) -> tuple[str | None, int, list[Any]]:
            rows = c.execute(page).all()
            return (rows[-1].id if rows else None), len(rows), load(c, rows)

        after, count, out = asked(work)
        if not count:
            return
        yield out
        if count < size:
            return
        left = None if left is None else left - count


def judgements_of(
    connection: sa.Connection, ids: Sequence[str], keyring: Keyring
) -> dict[str, tuple[Judgement, ...]]:
    """Return the judgements of episodes, the newest last."""
    query = sa.select(lab_tables.judgement, E_.body_key)
    query = query.join(lab_tables.episode, E_.id == J_.episode)
    query = query.where(J_.episode.in_(ids)).order_by(J_.episode, J_.id)
    out: dict[str, tuple[Judgement, ...]] = {}
    for row in connection.execute(query) if ids else ():
        judgement = Judgement(
            row.id,
            row.episode,
            row.judge,
            row.judge_hash,
            row.score,
            row.passed,
            wire.decode_components(row.components),
            _evidence(row, keyring),
            row.created_ns,
        )
        out[row.episode] = (*out.get(row.episode, ()), judgement)
    return out


def _evidence(row: sa.Row[*tuple[Any, ...]], keyring: Keyring) -> str:
    if row.body_key is None:
        return bytes(row.evidence).decode()
    episode = wire.id_bytes(row.episode, "episode")
    return boxes.open_evidence(bytes(row.evidence), row.body_key, episode, keyring)


def judgements(database: Database, ids: Sequence[str]) -> dict[str, tuple[Judgement, ...]]:
    """Return the judgements of episodes, the newest last."""
    out: dict[str, tuple[Judgement, ...]] = {}
    for part in wire.batches(ids, 2000):
        out |= database.run(
            lambda c, part=part: judgements_of(c, part, database.keyring)  # type: ignore[misc]
        )
    return out


def of_people(database: Database, ids: Sequence[str]) -> bool:
    """Return whether any of these episodes is under a person's key."""
    query = sa.select(E_.id).where(E_.body_key.is_not(None)).limit(1)
    return any(
        database.ask(lambda c, p=part: c.execute(query.where(E_.id.in_(p))).first())  # type: ignore[misc]
        for part in wire.batches(ids, 2000)
    )


def known(database: Database, run: str) -> dict[tuple[str, str, int], str]:
    """Return the episodes of a run that did not fail, by (task, actor, sample)."""
    query = sa.select(E_.task, E_.actor, E_.sample, E_.id)
    query = query.where(E_.run == run, E_.status != "failed")
    rows = database.run(lambda c: c.execute(query).all())
    return {(r.task, r.actor, r.sample): r.id for r in rows}


def at(database: Database, key: RunKey) -> str | None:
    """Return the id of the episode under a key that did not fail, None if there is none."""
    query = sa.select(E_.id).where(E_.key == wire.id_text(wire.key_id(key)), E_.status != "failed")
    found = database.run(lambda c: c.execute(query).scalar_one_or_none())
    return None if found is None else str(found)
