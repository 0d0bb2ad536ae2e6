"""Hub: tells open pages what became of a lab's jobs.

One task asks the store for each lab that somebody watches, however many watch: a page costs its
connection and a coroutine, no thread and no question of its own.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Callable

import msgspec
from litestar.response import ServerSentEventMessage

from banbury.errors import BanburyError
from banbury.store import Lab
from banbury.store.jobs import Job, Log

EVERY_S = 0.7
QUIET_S = 15.0
"""Something is said at least so often, so that proxies keep the line open."""
LONGEST_S = 600.0
"""A stream ends then; the browser opens the next one, and is asked again who it is."""
_BACK = 64
"""Changes that are read again: one with a lower number may be committed after a higher one."""


class Told(msgspec.Struct, frozen=True):
    """What a page is told: a job, and what its log has more from a place on."""

    job: Job
    log: Log | None = None


async def _always() -> bool:
    return True


class Hub:
    """All that open pages of this process watch.

    Args:
        ending: says whether the server ends; all streams end then.
    """

    def __init__(self, ending: Callable[[], bool] = lambda: False) -> None:
        self._ending = ending
        self._watches: dict[str, _Watch] = {}

    def ends_with(self, ending: Callable[[], bool]) -> None:
        """Say how to know that the server ends."""
        self._ending = ending

    async def stream(
        self,
        lab: Lab,
        job: str = "",
        start: int = 0,
        still: Callable[[], Awaitable[bool]] = _always,
    ) -> AsyncGenerator[ServerSentEventMessage, None]:
        """Yield events: `job` for each job that changes; of one job with its log, if it is named.

        Args:
            lab: whose jobs.
            job: id of the only one that matters, "" for all.
            start: how much of its log the page has already.
            still: says whether whoever listens may go on; asked before anything is told.
        """
        watch = self._watches.setdefault(lab.name, _Watch(lab, self._ended))
        until = time.monotonic() + LONGEST_S
        with watch.watched(job):
            seen = {i: j.changed for i, j in watch.jobs.items()} if not job else {}
            yield ServerSentEventMessage(event="hello", data="", retry=2000)
            while time.monotonic() < until and not self._ending() and await still():
                bell = watch.bell
                for found in watch.news(seen, job):
                    log = watch.logs.get(found.id) if job else None
                    told = Told(found, _after(log, start) if log else None)
                    start = log.end if log else start
                    data = msgspec.json.encode(told).decode()
                    yield ServerSentEventMessage(event="job", data=data)
                try:
                    await asyncio.wait_for(bell.wait(), QUIET_S)
                except TimeoutError:
                    yield ServerSentEventMessage(comment="still here")

    def _ended(self, lab: str) -> bool:
        """Forget a lab that nobody watches, or all when the server ends; say whether it is so."""
        watch = self._watches.get(lab)
        if watch is not None and watch.listeners and not self._ending():
            return False
        self._watches.pop(lab, None)
        return True


class _Watch:
    """What is known of one lab's jobs while somebody watches."""

    def __init__(self, lab: Lab, ended: Callable[[str], bool]) -> None:
        self.jobs: dict[str, Job] = {}
        self.logs: dict[str, Log] = {}
        self.bell = asyncio.Event()
        self.listeners = 0
        self._wanted: Counter[str] = Counter()
        self._lab = lab
        self._ended = ended
        self._last = -1
        self._task: asyncio.Task[None] | None = None

    def watched(self, job: str) -> _Listening:
        """Return a context in which somebody watches."""
        return _Listening(self, job)

    def begin(self, job: str) -> None:
        """Count one more who watches."""
        self.listeners += 1
        self._wanted[job] += bool(job)
        if job:
            self.jobs.pop(job, None)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run())

    def end(self, job: str) -> None:
        """Count one less."""
        self.listeners -= 1
        self._wanted[job] -= bool(job)

    def news(self, seen: dict[str, int], only: str) -> list[Job]:
        """Return the jobs of which somebody has not seen this state, and note that they have."""
        new = [j for j in self.jobs.values() if seen.get(j.id) != j.changed]
        new = [j for j in new if not only or j.id == only]
        seen.update({j.id: j.changed for j in new})
        return sorted(new, key=lambda j: j.changed)

    async def _run(self) -> None:
        while not self._ended(self._lab.name):
            try:
                found = await asyncio.to_thread(self._look)
            except BanburyError:
                found = False
            if found:
                self._ring()
            await asyncio.sleep(EVERY_S)
        self._ring()

    def _ring(self) -> None:
        bell, self.bell = self.bell, asyncio.Event()
        bell.set()

    def _look(self) -> bool:
        """Ask the store what changed; say whether something did."""
        wanted = [id for id, n in self._wanted.items() if n and id not in self.jobs]
        if self._last < 0:
            self._last = self._lab.jobs.latest()
            found = self._lab.jobs.active()
        else:
            found = self._lab.jobs.since(max(self._last - _BACK, 0))
        found += [self._lab.jobs.job(id) for id in wanted]
        new = {j.id: j for j in found if j.id not in self.jobs or self.jobs[j.id] != j}
        for id in new:
            if self._wanted[id]:
                self.logs[id] = self._lab.jobs.log(id)
        self.jobs.update(new)
        self._last = max([self._last, *(j.changed for j in found)])
        self._forget()
        return bool(new)

    def _forget(self) -> None:
        """Keep what is watched, what is not over, and a little of the rest."""
        over = [id for id, j in self.jobs.items() if j.over and not self._wanted[id]]
        for id in over[: -_BACK * 2]:
            self.jobs.pop(id)
        for id in [i for i in self.logs if not self._wanted[i]]:
            self.logs.pop(id)


class _Listening:
    def __init__(self, watch: _Watch, job: str) -> None:
        self._watch, self._job = watch, job

    def __enter__(self) -> None:
        self._watch.begin(self._job)

    def __exit__(self, *_: object) -> None:
        self._watch.end(self._job)


def _after(log: Log, start: int) -> Log:
    """Return what a log has more after its first `start` characters."""
    more = max(log.end - start, 0)
    return Log(log.text[-more:] if more else "", log.end)
