"""Tasks and, apart from them, their secrets."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import Any

import msgspec
import sqlalchemy as sa

from banbury import clock
from banbury.episode import Problem, Secret, Source, Split, Task
from banbury.errors import CorruptBlob, InputError, UnknownName
from banbury.store import lab_tables, wire
from banbury.store.database import Database, raw
from banbury.store.reading import Covered, concerning
from banbury.store.rows import copy

_PAGE = 1000
_encode = msgspec.msgpack.Encoder().encode
_task = msgspec.msgpack.Decoder(Task).decode
_secret = msgspec.msgpack.Decoder(Secret).decode
_COLUMNS = {
    "id": "text",
    "gym": "text",
    "family": "text",
    "skill": "text",
    "split": "text",
    "body": "bytea",
    "created_ns": "int8",
    "text": "bytea",
    "secret": "bytea",
    "place": "int8",
}
_PROBLEMS = (
    "SELECT t.id, s.body, t.split, t.body FROM task t JOIN secret s ON s.task = t.id "
    "WHERE t.id = ANY(%s)"
)
T_ = lab_tables.task.c


def put(database: Database, problems: Iterable[Problem]) -> int:
    """Keep tasks with their secrets, each id once; return how many were new.

    What is stored under an id stays, its split included.

    Raises:
        InputError: a secret belongs to another task, or a task names no skill.
    """
    now = clock.wall_ns()
    rows = [_row(problem, now) for problem in problems]
    if not rows:
        return 0

    def work(connection: sa.Connection) -> int:
        link = raw(connection)
        link.execute(
            "CREATE TEMPORARY TABLE IF NOT EXISTS incoming_task ON COMMIT DELETE ROWS AS "
            "SELECT id, gym, family, skill, split, t.body, created_ns, text, s.body AS secret, "
            "0::bigint AS place FROM task t, secret s WITH NO DATA"
        )
        numbered = ((*row, place) for place, row in enumerate(rows))
        copy(link, "incoming_task", _COLUMNS, numbered)
        # Where two processes put the same tasks, both go through them in the order of their ids;
        # `pos` follows the order in which they were given.
        names = ", ".join(list(_COLUMNS)[:-2])
        link.execute("SELECT pg_advisory_xact_lock(hashtext('put_tasks'))")
        added = link.execute(
            f"INSERT INTO task ({names}) SELECT {names} FROM incoming_task ORDER BY place "
            "ON CONFLICT DO NOTHING"
        ).rowcount
        link.execute(
            "INSERT INTO secret (task, body) SELECT DISTINCT ON (id) id, secret FROM incoming_task "
            "ORDER BY id, place ON CONFLICT DO NOTHING"
        )
        return added

    return database.run(work)


def _row(problem: Problem, now: int) -> tuple[object, ...]:
    task = problem.task
    if problem.secret.task != task.id:
        raise InputError("this secret belongs to another task", where=f"task {task.id}")
    if not task.skills:
        raise InputError("this task names no skill", where=f"task {task.id}")
    body = _encode(msgspec.structs.replace(task, split="open"))
    return (
        task.id,
        task.gym,
        task.family,
        task.skill,
        task.split,
        body,
        now,
        task.public.text_hash,
        _encode(problem.secret),
    )


def decoded(row: sa.Row[*tuple[Any, ...]]) -> Task:
    """Return the task of a row that has `id`, `split` and `body`.

    Raises:
        CorruptBlob: the bytes hold none.
    """
    return _decoded(row.id, row.split, row.body)


def _decoded(id: str, split: Split, body: bytes) -> Task:
    try:
        return msgspec.structs.replace(_task(body), split=split)
    except msgspec.MsgspecError as error:
        raise CorruptBlob(
            f"a task cannot be read: {error}",
            where=f"task {id}",
            do="read it with the version of Banbury that wrote it",
        ) from error


def task(database: Database, id: str) -> Task:
    """Return a task without its secret.

    Raises:
        UnknownName: the lab has none of this id; the nearest ids are listed.
    """
    query = sa.select(T_.id, T_.split, T_.body).where(T_.id == id)
    row = database.ask(lambda c: c.execute(query).one_or_none())
    if row is None:
        raise _unknown(database, id)
    return decoded(row)


def some(database: Database, ids: Iterable[str]) -> dict[str, Task]:
    """Return the tasks of these ids that there are, without their secrets."""
    wanted = list(ids)
    if not wanted:
        return {}
    query = sa.select(T_.id, T_.split, T_.body).where(T_.id.in_(wanted))
    return {row.id: decoded(row) for row in database.ask(lambda c: c.execute(query).all())}


def problems(
    database: Database,
    ids: Iterable[str],
    read: Callable[[str], bytes] | None = None,
    place: Callable[[str], Source] | None = None,
) -> dict[str, Problem]:
    """Return tasks with their secrets, by id; `read` and `place` find the lab's blobs.

    Raises:
        UnknownName: the lab has none of one id.
    """
    wanted = list(dict.fromkeys(ids))
    out: dict[str, Problem] = {}
    for part in wire.batches(wanted, _PAGE):
        rows = database.ask(partial(_rows, part))
        found = {
            id: Problem(_decoded(id, *row), _secret(secret), read, place)
            for id, secret, *row in rows
        }
        for id in part:
            if id not in found:
                raise _unknown(database, id)
            out[id] = found[id]
    return out


def _rows(part: Sequence[str], connection: sa.Connection) -> list[tuple[Any, ...]]:
    return raw(connection).execute(_PROBLEMS, [list(part)], binary=True).fetchall()


def elsewhere(
    database: Database, candidates: Iterable[Task], skill: str | Covered, split: Split
) -> tuple[set[str], set[bytes]]:
    """Return ids and hashes of texts of candidates that tasks of a skill have in another split.

    Open tasks have no use yet and do not count.
    """
    wanted = list(candidates)
    same = T_.id.in_([t.id for t in wanted]) | T_.text.in_([t.public.text_hash for t in wanted])
    query = sa.select(T_.id, T_.text).where(same, T_.split.not_in((split, "open")))
    query = query.where(concerning(skill, T_.skill, T_.id))
    rows = database.run(lambda c: c.execute(query).all())
    return {r.id for r in rows}, {bytes(r.text) for r in rows}


def _unknown(database: Database, id: str) -> UnknownName:
    near = sa.select(T_.id).where(T_.id.startswith(id[:4], autoescape=True)).limit(50)
    return UnknownName("task", id, database.run(lambda c: c.execute(near).scalars().all()))


def listed(
    database: Database,
    gym: str | None,
    skill: str | Covered | None,
    split: Split | None,
    limit: int | None,
) -> Iterator[Task]:
    """Yield tasks in the order in which they were put, a page at a time."""
    query = sa.select(T_.id, T_.pos, T_.split, T_.body).order_by(T_.pos)
    if gym is not None:
        query = query.where(T_.gym == gym)
    if skill is not None:
        query = query.where(concerning(skill, T_.skill, T_.id))
    if split is not None:
        query = query.where(T_.split == split)
    after, left = -1, limit
    while left is None or left > 0:
        size = _PAGE if left is None else min(_PAGE, left)
        page = query.where(T_.pos > after).limit(size)
        rows = database.run(lambda c, q=page: c.execute(q).all())  # type: ignore[misc]
        yield from map(decoded, rows)
        if len(rows) < size:
            return
        after, left = rows[-1].pos, None if left is None else left - len(rows)


def assign(database: Database, ids: Iterable[str], split: Split) -> None:
    """Give tasks their split, all or none; the same split again changes nothing.

    Raises:
        Reserved: a reserved task was to become something else.
        InputError: a task has another split already.
        UnknownName: the lab has none of one id.
    """
    wanted = sorted(set(ids))
    if not wanted:
        return

    def work(connection: sa.Connection) -> str:
        lock = sa.select(T_.id).where(T_.id.in_(wanted)).order_by(T_.id).with_for_update()
        there = set(connection.execute(lock).scalars())
        missing = next((id for id in wanted if id not in there), "")
        if not missing:
            connection.execute(
                lab_tables.task.update()
                .where(T_.id.in_(wanted), T_.split != split)
                .values(split=split)
            )
        return missing

    if missing := database.run(work):
        raise _unknown(database, missing)
