"""The crew: threads that walk repositories and work on candidates until none is left.

All that is known stands in the lab, so that any number of such processes may share one list, and
one that is stopped or killed is carried on by the next.
"""

from __future__ import annotations

import threading
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

import msgspec

from banbury.cycle.source.mine.account import Account, account, encode
from banbury.cycle.source.mine.asked import Asked, Source, address, name_of
from banbury.cycle.source.mine.history import Repository
from banbury.cycle.source.mine.presence import Presence
from banbury.cycle.source.mine.reasons import REMEDIES
from banbury.cycle.source.mine.verdict import Stopped, Verdict, Work
from banbury.cycle.source.mine.walking import opened, walk
from banbury.errors import BanburyError, InputError
from banbury.store import Lab
from banbury.store.mining import Candidate, Found
from banbury.store.mining import Repository as Row

BEAT_S = 10.0
GRACE_S = 20.0
"""How long a stop waits for the runs under way."""


class Line(msgspec.Struct, frozen=True):
    """What one thread does: with whom, what, and since when (monotonic seconds)."""

    label: str
    what: str
    since: float


class Progress(msgspec.Struct, frozen=True):
    """How far a run is.

    Attributes:
        repositories: walked or found unreadable, of `of_repositories`.
        done: candidates that came to a verdict in this start, of those known so far, `known`.
        there: candidates that had their verdict before this start.
        tasks: made in this start.
        cpu_s: spent in this start.
        lines: one for each thread that works.
    """

    repositories: int = 0
    of_repositories: int = 0
    done: int = 0
    known: int = 0
    there: int = 0
    tasks: int = 0
    cpu_s: float = 0.0
    lines: tuple[Line, ...] = ()


class _Open(msgspec.Struct):
    """A repository that has candidates to work on."""

    row: Row
    repository: Repository
    ids: list[int]
    users: int = 0


class Crew:
    """The threads of one run.

    Args:
        lab: where everything is kept.
        sources: the repositories.
        asked: how they are mined.
        cache: folder for clones, trees and environments.
        work: what is done with a candidate.
        progress: called whenever something changed, by any thread, one at a time.
    """

    def __init__(
        self,
        lab: Lab,
        sources: Sequence[Source],
        asked: Asked,
        cache: Path,
        work: Work,
        progress: Callable[[Progress], None] | None = None,
    ) -> None:
        self._lab, self._asked, self._cache, self._work = lab, asked, cache, work
        self._show = progress
        self._sources: Iterator[Source] = iter(sources)
        self._state = Progress(of_repositories=len(sources))
        self._lock = threading.RLock()
        self._open: list[_Open] = []
        self._lines: dict[str, Line] = {}
        self._walking = 0
        self._quiet = threading.Condition(self._lock)
        self._stop = threading.Event()
        self._over = threading.Event()
        self._trouble: BaseException | None = None
        self.rows: dict[int, Source] = {}

    def run(self) -> None:
        """Work until nothing is left.

        Raises:
            KeyboardInterrupt: it was stopped; what was held is given back.
            BanburyError: the store failed.
        """
        with Presence(self._cache / "workers", self._lab.mining) as name:
            names = [f"{name}:{number}" for number in range(self._asked.jobs)]
            threads = [threading.Thread(target=self._thread, args=(n,), daemon=True) for n in names]
            beat = threading.Thread(target=self._beating, args=(names,), daemon=True)
            for thread in (*threads, beat):
                thread.start()
            try:
                for thread in threads:
                    while thread.is_alive():
                        thread.join(0.5)
            except KeyboardInterrupt:
                self._leave(threads)
                raise
            finally:
                self._stop.set()
                self._over.set()
                for held in self._open:
                    held.repository.close()
        if self._trouble is not None:
            raise self._trouble

    def _leave(self, threads: Sequence[threading.Thread]) -> None:
        """Let the runs under way come to their end for a while; `Presence` frees the rest."""
        self._stop.set()
        until = time.monotonic() + GRACE_S
        for thread in threads:
            thread.join(max(0.0, until - time.monotonic()))

    def _beating(self, names: Sequence[str]) -> None:
        while not self._over.wait(BEAT_S):
            for name in names:
                with suppress(BanburyError):
                    self._lab.mining.beat(name)

    def _thread(self, name: str) -> None:
        try:
            while not self._stop.is_set() and self._one(name):
                pass
        except Stopped:
            pass
        except BaseException as error:
            self._trouble = self._trouble or error
            self._stop.set()
        finally:
            self._lines.pop(name, None)
            with self._quiet:
                self._quiet.notify_all()

    def _one(self, name: str) -> bool:
        """Do one thing: a candidate, or a walk; False if nothing is left."""
        while True:
            claimed = self._claim(name)
            if claimed is not None:
                self._candidate(name, *claimed)
                return True
            with self._quiet:
                source = next(self._sources, None)
                if source is not None:
                    self._walking += 1
                    break
                if not self._walking or self._stop.is_set():
                    return False
                self._quiet.wait(0.5)
        try:
            self._walk(name, source)
        finally:
            with self._quiet:
                self._walking -= 1
                self._quiet.notify_all()
        return True

    def _claim(self, name: str) -> tuple[Candidate, _Open] | None:
        with self._lock:
            for held in list(self._open):
                if (candidate := self._lab.mining.claim(held.ids, name)) is not None:
                    held.users += 1
                    return candidate, held
                if not held.users:
                    held.repository.close()
                    self._open.remove(held)
        return None

    def _walk(self, name: str, source: Source) -> None:
        source = msgspec.structs.replace(source, url=address(source.url))
        row = self._lab.mining.repository(source.url, name_of(source.url))
        taken = self._lab.mining.take(row.id, name)
        self.rows[row.id] = source
        self._say(name, row.name, "reading its history")
        try:
            repository = opened(source, self._asked, self._cache)
        except InputError as error:
            kind = "empty" if "no commits" in error.what else "not a repository"
            remedy = error.do or REMEDIES[kind]
            if taken is not None:
                self._lab.mining.walked(row.id, name, kind=kind, reason=error.what, remedy=remedy)
            self._count(repositories=1)
            return
        try:
            if taken is not None:
                self._walk_taken(name, taken, repository, source)
            self._choose(row, repository, source)
        except BaseException:
            repository.close()
            raise
        self._count(repositories=1)

    def _walk_taken(self, name: str, row: Row, repository: Repository, source: Source) -> None:
        def tell(count: int) -> None:
            self._say(name, row.name, f"reading its history, {count} changes")

        walk(self._lab, row, repository, source, self._asked, name, tell)
        if self._asked.plant:
            head = repository.head
            self._lab.mining.find(
                row.id, [Found(head, head, 0, f"bugs planted at {head[:10]}", sort="planted")]
            )

    def _choose(self, row: Row, repository: Repository, source: Source) -> None:
        mining = self._lab.mining
        low, high = source.span
        ids = mining.chosen(row.id, since=low, until=high, limit=source.limit)
        if self._asked.plant:
            ids += mining.chosen(row.id, sort="planted", limit=1)
        mining.reopen(ids, ("rejected", "failed") if self._asked.retry else ("failed",))
        held = mining.standing(ids)
        there = held.get("task", 0) + held.get("rejected", 0)
        with self._lock:
            self._open.append(_Open(row, repository, ids))
            self._count(known=len(ids) - there, there=there)

    def _candidate(self, name: str, candidate: Candidate, held: _Open) -> None:
        begun = time.monotonic()
        spent = time.thread_time()
        try:
            self._say(name, candidate.label, "begins")
            verdict = self._work(
                candidate, held.repository, lambda what: self._say(name, candidate.label, what)
            )
        except Stopped:
            self._lab.mining.give_back(candidate.id, name)
            raise
        except Exception as error:
            verdict = _failure(error, candidate, time.thread_time() - spent)
        finally:
            with self._lock:
                held.users -= 1
                self._lines.pop(name, None)
        self._keep(name, candidate, verdict, time.monotonic() - begun)

    def _keep(self, name: str, candidate: Candidate, verdict: Verdict, wall_s: float) -> None:
        if verdict.problems:
            self._lab.put_tasks(verdict.problems)
        self._lab.mining.finish(
            candidate.id,
            name,
            verdict.state,
            kind=verdict.kind,
            reason=verdict.reason,
            remedy=verdict.remedy,
            tasks=[p.task.id for p in verdict.problems],
            cpu_s=verdict.cpu_s,
            wall_s=wall_s,
            body=encode(verdict.account),
        )
        self._count(done=1, tasks=len(verdict.problems), cpu_s=verdict.cpu_s)

    def _say(self, name: str, label: str, what: str) -> None:
        if self._stop.is_set():
            raise Stopped
        with self._lock:
            self._lines[name] = Line(label, what, time.monotonic())
            self._count()

    def _count(self, **more: float) -> None:
        with self._lock:
            said = {name: getattr(self._state, name) + more[name] for name in more}
            lines = tuple(self._lines[name] for name in sorted(self._lines))
            self._state = msgspec.structs.replace(self._state, lines=lines, **said)
            if self._show:
                self._show(self._state)


def _failure(error: Exception, candidate: Candidate, cpu_s: float) -> Verdict:
    """Return the verdict of a candidate that this machine, or this program, failed."""
    log = "".join(traceback.format_exception(error))[-4000:]
    told = Account(words=account(candidate.body).words, log=log)
    if isinstance(error, BanburyError):
        return Verdict(
            "failed",
            type(error).__name__.removesuffix("Error").lower() or "machine",
            f"{error.what}{f' ({error.where})' if error.where else ''}",
            error.do or REMEDIES["machine"],
            account=told,
            cpu_s=cpu_s,
        )
    reason = f"{type(error).__name__}: {error}".splitlines()[0][:300]
    return Verdict("failed", "machine", reason, REMEDIES["machine"], (), told, cpu_s)
