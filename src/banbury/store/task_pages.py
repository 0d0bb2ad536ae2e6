"""Pages of tasks for people, the newest first, each in a bounded number of rows looked at."""

from __future__ import annotations

import msgspec
import sqlalchemy as sa

from banbury.episode import Split, Task
from banbury.store.database import Database
from banbury.store.reading import Covered, concerning
from banbury.store.tasks import T_, decoded

WINDOW = 5_000
"""Rows that one page looks at, at most."""


class TaskPage(msgspec.Struct, frozen=True):
    """A page of a list of tasks.

    Attributes:
        tasks: the newest first.
        next: what `after` is for the next page, None at the end.
        looked: whether the page ends since enough rows were looked at, not since it is full.
    """

    tasks: tuple[Task, ...]
    next: int | None
    looked: bool


def page(
    database: Database,
    limit: int,
    after: int | None,
    *,
    gym: str | None = None,
    skill: str | Covered | None = None,
    split: Split | None = None,
    origin: str | None = None,
) -> TaskPage:
    """Return a page of the tasks that fit.

    Args:
        database: of the lab.
        limit: tasks, at most.
        after: `next` of the page before.
        gym: name of the gym.
        skill: a name, `office.*`, or what a name of the taxonomy covers.
        split: see `Split`.
        origin: kind of the origin, or a part of its source.
    """
    scan = sa.select(T_.id, T_.pos, T_.gym, T_.skill, T_.split, T_.body).order_by(T_.pos.desc())
    if after is not None:
        scan = scan.where(T_.pos < after)
    if split is not None:
        scan = scan.where(T_.split == split)
    if isinstance(skill, str) and not skill.endswith(".*"):
        scan, skill = scan.where(T_.skill == skill), None
    window = scan.limit(WINDOW).subquery("w")
    query = sa.select(window).order_by(window.c.pos.desc())
    if gym is not None:
        query = query.where(window.c.gym == gym)
    if skill is not None:
        query = query.where(concerning(skill, window.c.skill, window.c.id))
    if origin is None:
        query = query.limit(limit + 1)
    edge = scan.with_only_columns(T_.pos).offset(WINDOW - 1).limit(1)

    def work(connection: sa.Connection) -> TaskPage:
        found: list[tuple[int, Task]] = []
        for row in connection.execute(query):
            task = decoded(row)
            if origin is None or _from(task, origin):
                found.append((row.pos, task))
            if len(found) > limit:
                kept = tuple(t for _, t in found[:limit])
                return TaskPage(kept, found[limit - 1][0], False)
        last = connection.execute(edge).scalar_one_or_none()
        return TaskPage(tuple(t for _, t in found), last, last is not None)

    return database.look(work)


def _from(task: Task, origin: str) -> bool:
    return task.origin.kind == origin or origin.lower() in task.origin.source.lower()
