"""Pages of a lab's lists, for people: the newest first, quick however many rows there are."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Unpack

from banbury.episode import Split, Step, Task
from banbury.store import artifacts, browsing, reading, task_pages, tasks
from banbury.store.artifacts import Kin, ReleaseRow
from banbury.store.browsing import Child, Page
from banbury.store.database import Database
from banbury.store.reading import Filter, Where
from banbury.store.task_pages import TaskPage


class Pages:
    """Lists of one lab, each call a page.

    Args:
        database: of the lab.
        lab: its name.
        filter: makes a filter of what a caller names, with the taxonomy's names resolved.
    """

    def __init__(self, database: Database, lab: str, filter: Callable[[Where], Filter]) -> None:
        self._database = database
        self._lab = lab
        self._filter = filter

    def episodes(
        self,
        *,
        limit: int = 50,
        after: str | None = None,
        newest: bool = True,
        **where: Unpack[Where],
    ) -> Page:
        """Return a page of episodes, as quick among a million as among few.

        `where` as for `Lab.episodes`, but that an `actor` without `@` is the actor of that name
        with any settings. See `Page` for going on.

        Raises:
            InputError: `after` is no id.
        """
        return browsing.page(self._database, self._lab, self._filter(where), limit, after, newest)

    def children(self, id: str, limit: int = 200) -> list[Child]:
        """Return the episodes that name this one as a parent, the oldest first."""
        return browsing.children(self._database, self._lab, id, limit)

    def steps(self, id: str, first: int, count: int) -> tuple[Step, ...]:
        """Return the steps `[first, first + count)` of an episode; reads only what holds them.

        Raises:
            UnknownName: the lab has none of this id.
            CorruptBlob: a segment does not have its hash.
        """
        return reading.steps(self._database, self._lab, id, first, count)

    def tasks(
        self,
        *,
        limit: int = 50,
        after: int | None = None,
        gym: str | None = None,
        skill: str | None = None,
        split: Split | None = None,
        origin: str | None = None,
    ) -> TaskPage:
        """Return a page of tasks, the newest first; `origin` is a kind or a part of a source."""
        return task_pages.page(
            self._database,
            limit,
            after,
            gym=gym,
            skill=self._filter({"skill": skill}).skill,
            split=split,
            origin=origin,
        )

    def tasks_of(self, ids: Iterable[str]) -> dict[str, Task]:
        """Return the tasks of these ids that there are, without their secrets."""
        return tasks.some(self._database, ids)

    def kin(self, ids: Sequence[str], *, children: bool = False) -> list[Kin]:
        """Return the artifacts of these ids, or those made from them, without what they hold."""
        return artifacts.kin(self._database, ids, children=children)

    def release_rows(self, release_id: str, limit: int, after: str | None) -> list[ReleaseRow]:
        """Return some of what a release holds, from behind an episode's id."""
        return artifacts.release_page(self._database, release_id, limit, after)
