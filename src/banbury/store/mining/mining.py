"""Mining: repositories, the candidates found in their histories, and what runs of suites said.

A candidate is one row that says how it stands and why. A worker takes it by a lease that it renews;
when it dies the lease runs out and the next one takes it, whose runs are kept under the hash of
what was run, so that none is made twice. Leases are counted by the database's clock.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Literal

import msgspec

from banbury import clock
from banbury.errors import InputError, UnknownName
from banbury.store.database import Database, raw
from banbury.store.mining.rows import (
    FOREVER,
    LEASE_S,
    TRIES,
    Candidate,
    Count,
    Found,
    Repository,
    Sort,
    State,
)
from banbury.store.mining.statements import (
    BEAT,
    CANDIDATE,
    CHOSEN,
    CLAIM,
    COUNTS,
    FIND,
    FINISH,
    FROM,
    GIVE_BACK,
    GIVE_UP,
    LEAVE,
    NOTE,
    REOPEN,
    REPOSITORY,
    TAKE,
    WALKED,
)
from banbury.store.server import Connection

_BATCH = 500


class Mining:
    """What is known of mined repositories; got from `Lab.mining`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def repository(self, url: str, name: str) -> Repository:
        """Return the repository at this address, made if it is not there."""
        add = (
            "INSERT INTO mined_repository (url, name, created_ns, changed_ns) "
            "VALUES (%(url)s, %(name)s, %(now)s, %(now)s) ON CONFLICT (url) DO NOTHING"
        )
        read = f"SELECT {REPOSITORY} FROM mined_repository WHERE url = %(url)s"
        given = {"url": url, "name": name, "now": clock.wall_ns()}

        def work(link: Connection) -> Repository:
            row = link.execute(read, given).fetchone()
            if row is None:
                link.execute(add, given)
                row = link.execute(read, given).fetchone()
            assert row is not None, url
            return Repository(*row)

        return self._database.run(lambda c: work(raw(c)))

    def repositories(self, ids: Sequence[int] | None = None) -> list[Repository]:
        """Return these, or all, in the order in which they came."""
        query = (
            f"SELECT {REPOSITORY} FROM mined_repository "
            "WHERE %(ids)s::int[] IS NULL OR id = ANY(%(ids)s) ORDER BY id"
        )
        given = {"ids": None if ids is None else list(ids)}
        return [Repository(*row) for row in self._rows(query, given)]

    def take(self, id: int, worker: str, *, lease_s: float = LEASE_S) -> Repository | None:
        """Take a repository to walk through its history; None if somebody else does."""
        given = {"id": id, "worker": worker, "lease": lease_s, "now": clock.wall_ns()}
        rows = self._rows(TAKE, given)
        return Repository(*rows[0]) if rows else None

    def find(self, repository: int, found: Iterable[Found]) -> None:
        """Keep changes that a walk found.

        One that is there already stays if it was ever run; else it stands as it was found now.
        """
        now = clock.wall_ns()
        rows = [
            msgspec.structs.asdict(one)
            | {"repository": repository, "now": now, "state": "dropped" if one.kind else "waiting"}
            for one in found
        ]
        for start in range(0, len(rows), _BATCH):
            page = [_plain(row) for row in rows[start : start + _BATCH]]
            self._put(page)

    def walked(
        self,
        id: int,
        worker: str,
        *,
        asked: str = "",
        head: str = "",
        licence: str = "",
        units: int = 0,
        cpu_s: float = 0.0,
        kind: str = "",
        reason: str = "",
        remedy: str = "",
    ) -> bool:
        """Say that a walk ended, with a `kind` that it failed; False if it was another's."""
        given: dict[str, Any] = {
            "id": id,
            "worker": worker,
            "state": "failed" if kind else "walked",
            "asked": asked,
            "head": head,
            "licence": licence,
            "units": units,
            "cpu_s": cpu_s,
            "kind": kind,
            "reason": reason,
            "remedy": remedy,
            "now": clock.wall_ns(),
        }
        return self._change(WALKED, _plain(given)) == 1

    def chosen(
        self,
        repository: int,
        *,
        sort: Sort = "fix",
        since: int = FOREVER[0],
        until: int = FOREVER[1],
        limit: int | None = None,
    ) -> list[int]:
        """Return the numbers of the newest candidates that were not dropped."""
        given = {
            "repository": repository,
            "sort": sort,
            "since": since,
            "until": until,
            "limit": limit,
        }
        return [row[0] for row in self._rows(CHOSEN, given)]

    def claim(
        self, ids: Sequence[int], worker: str, *, lease_s: float = LEASE_S
    ) -> Candidate | None:
        """Take the next of these that waits, or whose worker died; None if there is none.

        Args:
            ids: candidates that may be taken.
            worker: unique name of whoever takes it.
            lease_s: until when the worker must be heard of again.
        """
        given: dict[str, Any] = {
            "ids": list(ids),
            "worker": worker,
            "lease": lease_s,
            "tries": TRIES,
            "now": clock.wall_ns(),
            "reason": f"the process that worked on it died {TRIES} times",
            "remedy": "see whether the machine runs out of memory or disk, then add --retry",
        }

        def work(link: Connection) -> Candidate | None:
            link.execute(GIVE_UP, given)
            row = link.execute(CLAIM, given).fetchone()
            return None if row is None else Candidate(*row)

        return self._database.run(lambda c: work(raw(c)))

    def beat(self, worker: str, *, lease_s: float = LEASE_S) -> None:
        """Renew the leases of all that a worker holds."""
        given = {"worker": worker, "lease": lease_s}
        self._database.run(lambda c: [raw(c).execute(one, given) for one in BEAT])

    def finish(
        self,
        id: int,
        worker: str,
        state: Literal["task", "rejected", "failed"],
        *,
        kind: str = "",
        reason: str = "",
        remedy: str = "",
        tasks: Sequence[str] = (),
        cpu_s: float = 0.0,
        wall_s: float = 0.0,
        body: bytes = b"{}",
    ) -> bool:
        """Say what became of a candidate; False if it is not this worker's any more."""
        given: dict[str, Any] = {
            "id": id,
            "worker": worker,
            "state": state,
            "kind": kind,
            "reason": reason,
            "remedy": remedy,
            "tasks": list(tasks),
            "cpu_s": cpu_s,
            "wall_s": wall_s,
            "body": body,
            "now": clock.wall_ns(),
        }
        return self._change(FINISH, _plain(given)) == 1

    def give_back(self, id: int, worker: str) -> bool:
        """Leave a candidate to the next worker; False if it is not this worker's any more."""
        given = {"id": id, "worker": worker, "now": clock.wall_ns()}
        return self._change(GIVE_BACK, given) == 1

    def note(self, id: int, body: bytes) -> bool:
        """Change the account of a candidate that nobody works on, and let it be run again."""
        given = {"id": id, "body": body, "now": clock.wall_ns()}
        return self._change(NOTE, given) == 1

    def leave(self, process: str) -> None:
        """End the leases of a process's workers, which are called `PROCESS:NUMBER`."""
        given = {"process": f"{process}:"}
        self._database.run(lambda c: [raw(c).execute(one, given) for one in LEAVE])

    def reopen(self, ids: Sequence[int], states: Sequence[State] = ("rejected", "failed")) -> int:
        """Let candidates that stand so be run again; return how many."""
        given = {"ids": list(ids), "states": list(states), "now": clock.wall_ns()}
        return self._change(REOPEN, given)

    def candidate(self, name: str) -> Candidate:
        """Return a candidate by number, by `NAME@COMMIT` or by the beginning of its commit.

        Raises:
            UnknownName: there is none.
            InputError: several begin so.
        """
        given, where = _named(name)
        query = f"SELECT {CANDIDATE} {FROM} WHERE {where} ORDER BY c.id LIMIT 6"
        rows = [Candidate(*row) for row in self._rows(query, given)]
        if not rows:
            near = f"SELECT {CANDIDATE} {FROM} WHERE c.state <> 'dropped' ORDER BY c.id LIMIT 500"
            known = [Candidate(*row).label for row in self._rows(near, {})]
            raise UnknownName("candidate", name[:80], known)
        if len(rows) > 1:
            raise InputError(
                f"several candidates are called {name!r}",
                where=", ".join(f"{c.id}: {c.label} {c.sort}" for c in rows),
                do="give its number, or more of its commit",
            )
        return rows[0]

    def candidates(
        self,
        *,
        repositories: Sequence[int] | None = None,
        ids: Sequence[int] | None = None,
        tasks: Sequence[str] | None = None,
        state: State | None = None,
        kind: str | None = None,
        after: int = 0,
        limit: int = 1000,
    ) -> list[Candidate]:
        """Return candidates in the order of their numbers, from behind the number `after`."""
        query = f"""SELECT {CANDIDATE} {FROM} WHERE c.id > %(after)s
            AND (%(repositories)s::int[] IS NULL OR c.repository = ANY(%(repositories)s))
            AND (%(ids)s::bigint[] IS NULL OR c.id = ANY(%(ids)s))
            AND (%(tasks)s::text[] IS NULL OR c.tasks && %(tasks)s)
            AND (%(state)s::text IS NULL OR c.state = %(state)s)
            AND (%(kind)s::text IS NULL OR c.kind = %(kind)s)
            ORDER BY c.id LIMIT %(limit)s"""
        given = {
            "repositories": None if repositories is None else list(repositories),
            "ids": None if ids is None else list(ids),
            "tasks": None if tasks is None else list(tasks),
            "state": state,
            "kind": kind,
            "after": after,
            "limit": limit,
        }
        return [Candidate(*row) for row in self._rows(query, given)]

    def counts(
        self,
        repositories: Sequence[int] | None = None,
        *,
        since: int = FOREVER[0],
        until: int = FOREVER[1],
    ) -> list[Count]:
        """Return how many candidates of these repositories stand how, and why."""
        given = {
            "repositories": None if repositories is None else list(repositories),
            "since": since,
            "until": until,
        }
        return [Count(*row) for row in self._rows(COUNTS, given)]

    def standing(self, ids: Sequence[int]) -> dict[State, int]:
        """Return how many of these candidates stand how."""
        query = "SELECT state, count(*) FROM candidate WHERE id = ANY(%(ids)s) GROUP BY state"
        return dict(self._rows(query, {"ids": list(ids)}))

    def kept(self, key: str) -> tuple[bytes, float] | None:
        """Return what a run said and its CPU seconds, by the hash of what was run."""
        rows = self._rows("SELECT body, cpu_s FROM suite_run WHERE key = %(key)s", {"key": key})
        return (bytes(rows[0][0]), rows[0][1]) if rows else None

    def keep(self, key: str, body: bytes, cpu_s: float) -> None:
        """Keep what a run said, once."""
        query = (
            "INSERT INTO suite_run (key, body, cpu_s, created_ns) "
            "VALUES (%(key)s, %(body)s, %(cpu_s)s, %(now)s) ON CONFLICT DO NOTHING"
        )
        given = {"key": key, "body": body, "cpu_s": cpu_s, "now": clock.wall_ns()}
        self._change(query, given)

    def _rows(self, query: str, given: dict[str, Any]) -> list[tuple[Any, ...]]:
        return self._database.run(lambda c: raw(c).execute(query, given).fetchall())

    def _put(self, page: Sequence[dict[str, Any]]) -> None:
        self._database.run(lambda c: raw(c).cursor().executemany(FIND, page))

    def _change(self, query: str, given: dict[str, Any]) -> int:
        return self._database.run(lambda c: raw(c).execute(query, given).rowcount)


def _named(name: str) -> tuple[dict[str, Any], str]:
    """Return the parameters and the condition that a candidate's name stands for."""
    if name.isdecimal() and len(name) < 7:
        return {"id": int(name)}, "c.id = %(id)s"
    repository, mark, revision = name.rpartition("@")
    given = {"name": repository, "from": revision, "to": revision + "\x7f"}
    where = "c.revision >= %(from)s AND c.revision < %(to)s"
    return given, f"{where} AND r.name = %(name)s" if mark else where


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    """Return a row without what PostgreSQL's text cannot hold."""
    return {
        name: value.replace("\x00", "").encode("utf-8", "replace").decode()
        if isinstance(value, str)
        else value
        for name, value in row.items()
    }
