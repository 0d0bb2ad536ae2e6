"""Jobs: stages of the loop that a worker runs; each is one row that says how it stands.

A worker holds a job by a lease that it renews. When it dies the lease runs out, and the next worker
starts the same command again: every stage carries on where it was. Leases are counted by the
database's clock, so that workers on several machines agree.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import msgspec

from banbury import clock
from banbury.episode import canonical, new_id
from banbury.errors import InputError, UnknownName
from banbury.store import wire
from banbury.store.database import Database, raw
from banbury.store.server import Connection

State = Literal["queued", "running", "done", "failed", "cancelled"]
LEASE_S = 15.0
"""How long a worker may be silent before another one takes its job."""
KEPT = 65_536
"""Characters of a job's log that are kept: the last ones."""
TRIES = 5
"""How often a job is started again whose worker died."""


class Job(msgspec.Struct, frozen=True):
    """One run of a stage.

    Attributes:
        id: UUIDv7.
        verb: the stage, such as `probe` or `skills propose`.
        arguments: what it was started with, by the verb's names.
        state: how it stands.
        cancelling: somebody asked to stop it.
        by: pseudonym of who started it.
        attempt: how often a worker has started it.
        exit: status of the process, None before its end; 128 + signal where one ended it.
        done: units of the present part that are done.
        total: of these, 0 where nobody knows.
        note: the present part, in a few words.
        result: the plain values of what the stage printed, such as the artifact's id.
        log_end: characters that the log ever had.
        created_ns: when it was asked for.
        started_ns: when a worker took it first, 0 before.
        ended_ns: when it was over, 0 before.
        changed: a number that grows with every change of any job.
    """

    id: str
    verb: str
    arguments: dict[str, Any]
    state: State
    cancelling: bool
    by: str
    attempt: int
    exit: int | None
    done: int
    total: int
    note: str
    result: dict[str, Any]
    log_end: int
    created_ns: int
    started_ns: int
    ended_ns: int
    changed: int

    @property
    def over(self) -> bool:
        """Say whether nothing more will come of it."""
        return self.state in ("done", "failed", "cancelled")


class Log(msgspec.Struct, frozen=True):
    """The end of a job's log: its text, and how many characters there ever were."""

    text: str
    end: int


_COLUMNS = (
    "id, verb, arguments, state, cancelling, by_whom, attempt, exit, done, total, note, result, "
    "log_end, created_ns, started_ns, ended_ns, changed"
)
_NEXT = "changed = nextval('job_change')"
_LATE = "state = 'running' AND until < clock_timestamp()"
_LOCK = "SELECT pg_advisory_xact_lock(hashtext('banbury job'))"

_ADD = f"""
INSERT INTO job (id, verb, arguments, alone, by_whom, created_ns)
VALUES (%(id)s, %(verb)s, %(arguments)s, %(alone)s, %(by)s, %(now)s)
ON CONFLICT (verb, arguments) WHERE state IN ('queued', 'running') DO NOTHING
RETURNING {_COLUMNS}
"""

_CLAIM = f"""
WITH picked AS (
    SELECT id FROM job
    WHERE (state = 'queued' OR {_LATE} AND attempt < %(tries)s) AND NOT cancelling
        AND (NOT alone OR %(alone)s AND NOT EXISTS
            (SELECT FROM job o WHERE o.alone AND o.state = 'running' AND o.id <> job.id))
    ORDER BY state = 'queued', id LIMIT 1 FOR UPDATE SKIP LOCKED
)
UPDATE job SET state = 'running', worker = %(worker)s, attempt = attempt + 1,
    until = clock_timestamp() + make_interval(secs => %(lease)s),
    started_ns = CASE WHEN started_ns = 0 THEN %(now)s ELSE started_ns END,
    done = 0, total = 0, note = '', {_NEXT}
FROM picked WHERE job.id = picked.id RETURNING {", ".join(f"job.{c}" for c in _COLUMNS.split(", "))}
"""

_GIVE_UP = f"""
UPDATE job SET ended_ns = %(now)s, {_NEXT},
    state = CASE WHEN cancelling THEN 'cancelled' ELSE 'failed' END,
    log = right(log || CASE WHEN cancelling THEN '' ELSE %(why)s END, {KEPT}),
    log_end = log_end + CASE WHEN cancelling THEN 0 ELSE length(%(why)s) END
WHERE {_LATE} AND (cancelling OR attempt >= %(tries)s)
"""

_BEAT = f"""
UPDATE job SET until = clock_timestamp() + make_interval(secs => %(lease)s),
    done = %(done)s, total = %(total)s, note = %(note)s,
    log = right(log || %(more)s, {KEPT}), log_end = log_end + length(%(more)s), {_NEXT}
WHERE id = %(id)s AND worker = %(worker)s AND state = 'running' RETURNING cancelling
"""

_FINISH = f"""
UPDATE job SET state = %(state)s, exit = %(exit)s, result = %(result)s, ended_ns = %(now)s,
    log = right(log || %(more)s, {KEPT}), log_end = log_end + length(%(more)s), {_NEXT}
WHERE id = %(id)s AND worker = %(worker)s AND state = 'running'
"""

_GIVE_BACK = f"""
UPDATE job SET state = 'queued', worker = '', attempt = attempt - 1,
    log = right(log || %(more)s, {KEPT}), log_end = log_end + length(%(more)s), {_NEXT}
WHERE id = %(id)s AND worker = %(worker)s AND state = 'running'
"""

_CANCEL = f"""
UPDATE job SET cancelling = true, {_NEXT},
    state = CASE WHEN state = 'queued' THEN 'cancelled' ELSE state END,
    ended_ns = CASE WHEN state = 'queued' THEN %(now)s ELSE ended_ns END
WHERE id = %(id)s AND state IN ('queued', 'running')
"""


class Jobs:
    """The jobs of a lab; got from `Lab.jobs`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(
        self, verb: str, arguments: Mapping[str, Any], *, by: str = "", alone: bool = False
    ) -> Job:
        """Ask for a run of a stage; the same one that waits or runs already is returned instead.

        Args:
            verb: the stage.
            arguments: by the verb's names.
            by: pseudonym of who asks.
            alone: no other such job may run at the same time, as trainings share the machine.
        """
        given = {
            "id": new_id(),
            "verb": verb,
            "arguments": canonical(dict(arguments)),
            "alone": alone,
            "by": by,
            "now": clock.wall_ns(),
        }
        same = (
            f"SELECT {_COLUMNS} FROM job WHERE verb = %(verb)s AND arguments = %(arguments)s "
            "AND state IN ('queued', 'running')"
        )

        def work(link: Connection) -> Job | None:
            row = link.execute(_ADD, given).fetchone() or link.execute(same, given).fetchone()
            return None if row is None else _made(row)

        # The job that was in the way may end between the two statements: then this one goes in.
        while (found := self._database.run(lambda c: work(raw(c)))) is None:
            pass
        return found

    def known(self, verb: str, arguments: Mapping[str, Any]) -> bool:
        """Say whether a run with these arguments was ever asked for, however it ended."""
        query = "SELECT 1 FROM job WHERE verb = %s AND arguments = %s LIMIT 1"
        given = [verb, canonical(dict(arguments))]
        return self._database.ask(lambda c: raw(c).execute(query, given).fetchone()) is not None

    def job(self, id: str) -> Job:
        """Return a job.

        Raises:
            UnknownName: there is none of this id.
        """
        query = f"SELECT {_COLUMNS} FROM job WHERE id = %s"
        row = self._database.run(lambda c: raw(c).execute(query, [_id(id)]).fetchone())
        if row is None:
            raise UnknownName("job", id[:60], ())
        return _made(row)

    def listed(
        self,
        *,
        verb: str | None = None,
        state: State | None = None,
        before: str | None = None,
        limit: int = 50,
    ) -> list[Job]:
        """Return jobs, the newest first, from behind the id `before`."""
        query = (
            f"SELECT {_COLUMNS} FROM job WHERE (%(verb)s::text IS NULL OR verb = %(verb)s) "
            "AND (%(state)s::text IS NULL OR state = %(state)s) "
            "AND (%(before)s::uuid IS NULL OR id < %(before)s) ORDER BY id DESC LIMIT %(limit)s"
        )
        given = {
            "verb": verb,
            "state": state,
            "before": _id(before) if before else None,
            "limit": limit,
        }
        rows = self._database.run(lambda c: raw(c).execute(query, given).fetchall())
        return [_made(row) for row in rows]

    def active(self) -> list[Job]:
        """Return the jobs that wait or run, the oldest first."""
        query = f"SELECT {_COLUMNS} FROM job WHERE state IN ('queued', 'running') ORDER BY id"
        return [_made(r) for r in self._database.run(lambda c: raw(c).execute(query).fetchall())]

    def since(self, changed: int) -> list[Job]:
        """Return the jobs that changed after the change of this number, in the order of changes."""
        query = f"SELECT {_COLUMNS} FROM job WHERE changed > %s ORDER BY changed LIMIT 500"
        rows = self._database.run(lambda c: raw(c).execute(query, [changed]).fetchall())
        return [_made(row) for row in rows]

    def latest(self) -> int:
        """Return the number of the last change, 0 if there was none."""
        query = "SELECT coalesce(max(changed), 0) FROM job"
        row = self._database.run(lambda c: raw(c).execute(query).fetchone())
        return int(row[0]) if row else 0

    def log(self, id: str) -> Log:
        """Return the end of a job's log.

        Raises:
            UnknownName: there is no such job.
        """
        query = "SELECT log, log_end FROM job WHERE id = %s"
        row = self._database.run(lambda c: raw(c).execute(query, [_id(id)]).fetchone())
        if row is None:
            raise UnknownName("job", id[:60], ())
        return Log(*row)

    def cancel(self, id: str) -> Job:
        """Ask to stop a job; one that waits is over at once, one that is over stays so.

        Raises:
            UnknownName: there is no such job.
        """
        self.job(id)
        given = {"id": id, "now": clock.wall_ns()}
        self._database.run(lambda c: raw(c).execute(_CANCEL, given))
        return self.job(id)

    def retry(self, id: str, *, by: str = "", alone: bool = False) -> Job:
        """Ask for the same once more, as a new job; stages carry on where they were.

        Raises:
            UnknownName: there is no such job.
            InputError: it is not over yet.
        """
        old = self.job(id)
        if not old.over:
            raise InputError("this job is not over yet", do="cancel it first, or wait for it")
        return self.add(old.verb, old.arguments, by=by, alone=alone)

    def claim(self, worker: str, *, alone: bool = True, lease_s: float = LEASE_S) -> Job | None:
        """Take the next job for a worker, None if there is none.

        A job whose worker was silent for too long goes first.

        Args:
            worker: unique name of the worker.
            alone: whether one that runs alone would do.
            lease_s: until when the worker must be heard of again.
        """
        given: dict[str, Any] = {
            "worker": worker,
            "alone": alone,
            "lease": lease_s,
            "tries": TRIES,
            "now": clock.wall_ns(),
            "why": f"\nGiven up: its worker died {TRIES} times.\n",
        }
        waits = f"SELECT 1 FROM job WHERE state = 'queued' OR {_LATE} LIMIT 1"

        def work(link: Connection) -> Job | None:
            if link.execute(waits).fetchone() is None:
                return None
            link.execute(_LOCK)
            link.execute(_GIVE_UP, given)
            row = link.execute(_CLAIM, given).fetchone()
            return None if row is None else _made(row)

        return self._database.run(lambda c: work(raw(c)))

    def beat(
        self,
        id: str,
        worker: str,
        *,
        done: int = 0,
        total: int = 0,
        note: str = "",
        more: str = "",
        lease_s: float = LEASE_S,
    ) -> Literal["on", "stop", "lost"]:
        """Renew a worker's hold of a job and say how far it is.

        Args:
            id: of the job.
            worker: who holds it.
            done: units done.
            total: of these.
            note: what is being done.
            more: what the log has more.
            lease_s: until when the worker must be heard of again.

        Returns:
            `on`; `stop` if somebody asked to; `lost` if it is not this worker's job any more.
        """
        given = {
            "id": id,
            "worker": worker,
            "done": done,
            "total": total,
            "note": note[:200],
            "more": more.replace("\x00", ""),
            "lease": lease_s,
        }
        row = self._database.run(lambda c: raw(c).execute(_BEAT, given).fetchone())
        if row is None:
            return "lost"
        return "stop" if row[0] else "on"

    def finish(
        self,
        id: str,
        worker: str,
        state: Literal["done", "failed", "cancelled"],
        *,
        exit: int | None = None,
        result: Mapping[str, Any] | None = None,
        more: str = "",
    ) -> bool:
        """Say how a job ended; False if it is not this worker's any more."""
        given = {
            "id": id,
            "worker": worker,
            "state": state,
            "exit": exit,
            "result": canonical(dict(result or {})),
            "more": more.replace("\x00", ""),
            "now": clock.wall_ns(),
        }
        return self._database.run(lambda c: raw(c).execute(_FINISH, given).rowcount) == 1

    def give_back(self, id: str, worker: str, more: str = "") -> bool:
        """Leave a job to the next worker; False if it is not this worker's any more."""
        given = {"id": id, "worker": worker, "more": more}
        return self._database.run(lambda c: raw(c).execute(_GIVE_BACK, given).rowcount) == 1


def _id(text: str) -> str:
    return str(wire.as_uuid(text, "job"))


def _made(row: tuple[Any, ...]) -> Job:
    id, verb, arguments, *rest = row
    middle, result, tail = rest[:8], rest[8], rest[9:]
    said = msgspec.json.decode(bytes(arguments), type=dict[str, Any])
    found = msgspec.json.decode(bytes(result), type=dict[str, Any])
    values: list[Any] = [str(id), verb, said, *middle, found, *tail]
    return Job(*values)
