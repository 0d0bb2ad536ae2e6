"""Outcomes: what statistics needs of many episodes, in one query."""

from __future__ import annotations

from typing import Any

import msgspec
import sqlalchemy as sa

from banbury.episode import Status
from banbury.store import lab_tables, wire
from banbury.store.database import Database
from banbury.store.reading import E_, Filter, newest


class Outcome(msgspec.Struct, frozen=True):
    """One episode with its newest judgement.

    Attributes:
        episode: id.
        task: id of the task.
        skill: the task's heaviest skill when the episode ran.
        family: the task's family, "" if the task is not in this lab.
        actor: actor of the key.
        sample: sample number of the key.
        status: see `Status`.
        score: in [0, 1]; None if there is no judgement, or the episode is not `done`.
        passed: likewise.
        components: named parts of the score.
        route: which adapter or base a router chose, "" where nothing was routed.
        tags: free words.
        run: run of the key.
        split: the task's split, "" if the task is not in this lab.
        judge: name of the judge, "" if there is no judgement.
    """

    episode: str
    task: str
    skill: str
    family: str
    actor: str
    sample: int
    status: Status
    score: float | None
    passed: bool | None
    components: dict[str, float]
    route: str
    tags: tuple[str, ...]
    run: str
    split: str
    judge: str


def outcomes(database: Database, where: Filter) -> list[Outcome]:
    """Return the outcomes of all episodes that fit, in the order of their ids."""
    last = newest()
    task = lab_tables.task.c
    query = (
        sa.select(E_.id, E_.task, E_.skill, task.family, E_.actor, E_.sample, E_.status, E_.route)
        .add_columns(E_.tags, E_.run, task.split)
        .add_columns(last.c.score, last.c.passed, last.c.components, last.c.judge)
        .select_from(
            lab_tables.episode.join(last, sa.true(), isouter=True).join(
                lab_tables.task, task.id == E_.task, isouter=True
            )
        )
        .where(*where.conditions())
        .order_by(E_.id)
    )
    return [_outcome(row) for row in database.run(lambda c: c.execute(query).all())]


def _outcome(row: sa.Row[*tuple[Any, ...]]) -> Outcome:
    judged = row.status == "done" and row.score is not None
    return Outcome(
        row.id,
        row.task,
        row.skill,
        row.family or "",
        row.actor,
        row.sample,
        row.status,
        row.score if judged else None,
        row.passed if judged else None,
        wire.decode_components(row.components) if judged else {},
        row.route,
        tuple(row.tags),
        row.run,
        row.split or "",
        row.judge if judged else "",
    )
