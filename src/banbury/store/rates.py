"""Rates: how many episodes there are and how many passed, counted where they lie.

A million episodes come back as one row for each group. What is asked by actor and skill is
answered from the index `episode_outcome` alone; other questions read the episodes' rows.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import sqlalchemy as sa

from banbury.errors import UnknownName
from banbury.store import lab_tables
from banbury.store.database import Database
from banbury.store.reading import E_, Filter

BY = ("run", "gym", "skill", "task", "actor", "status", "route")


class Rate(msgspec.Struct, frozen=True):
    """One group of episodes, by their newest judgements.

    Attributes:
        of: the group's values, in the order in which they were asked for.
        episodes: all, failed and open ones included.
        judged: those that are done and have a judgement: what a pass rate counts.
        passed: of these, those that passed.
    """

    of: tuple[str, ...]
    episodes: int
    judged: int
    passed: int


def count(database: Database, where: Filter) -> int:
    """Return how many episodes fit."""
    query = sa.select(sa.func.count()).select_from(lab_tables.episode).where(*where.conditions())
    return database.run(lambda c: c.execute(query).scalar_one())


def rates(database: Database, by: Sequence[str], where: Filter) -> list[Rate]:
    """Return one rate for each group of the episodes that fit, sorted.

    Raises:
        UnknownName: `by` names something that episodes are not grouped by.
    """
    for name in by:
        if name not in BY:
            raise UnknownName("group of episodes", name, BY)
    groups = [E_[name] for name in by]
    query = (
        sa.select(
            *groups,
            sa.func.count().label("episodes"),
            sa.func.count(E_.passed).label("judged"),
            sa.func.count().filter(E_.passed).label("passed"),
        )
        .select_from(lab_tables.episode)
        .where(*where.conditions())
        .group_by(*groups)
        .order_by(*groups)
    )
    rows = database.run(lambda c: c.execute(query).all())
    width = len(groups)
    return [Rate(tuple(map(str, row[:width])), *row[width:]) for row in rows]
