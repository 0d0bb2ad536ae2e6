"""Worker: runs the jobs of all labs, and does what comes due in their queues."""

from __future__ import annotations

import itertools
import logging
import mimetypes
import os
import secrets
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial

from banbury import clock
from banbury.accounts.links import Links
from banbury.accounts.members import operates
from banbury.accounts.sessions import Sessions
from banbury.errors import BanburyError
from banbury.people.erasing import Erasures
from banbury.people.evidence import Ledger
from banbury.people.interviews import grading
from banbury.store import House, Lab
from banbury.store.jobs import LEASE_S, Job
from banbury.web.jobs import due
from banbury.web.jobs.form import ALONE
from banbury.web.jobs.process import Process, Progress, plain

_log = logging.getLogger("banbury.worker")
MOST = 2
"""Jobs that one worker runs at a time."""
TICK_S = 0.3
LABS_A_TICK = 4
CARE_S = 20.0
"""How often a lab's queue is cared for."""
FADES_S = 86_400.0
"""How often all beliefs are reckoned anew, since they fade with age."""
ENDS_S = 4.0


class Running:
    """One job that this worker holds."""

    def __init__(self, lab: str, job: Job, process: Process) -> None:
        self.lab = lab
        self.job = job
        self.process = process
        self.progress = Progress()
        self.beaten = 0.0
        self.stopping = False


class Worker:
    """Runs jobs until it is told to end; what it then leaves, the next worker carries on.

    Args:
        house: the store.
        at: the words that name the store on a command line.
        most: jobs at a time.
        lease_s: how long a job waits for a worker that is silent.
    """

    def __init__(
        self, house: House, at: Sequence[str] = (), most: int = MOST, lease_s: float = LEASE_S
    ) -> None:
        self.name = f"{os.getpid()}-{secrets.token_hex(4)}"
        self._house = house
        self._at = list(at)
        self._most = most
        self._lease_s = lease_s
        self._life, self._hold = os.pipe()
        self._ledger = Ledger(house)
        self._running: list[Running] = []
        self._labs: Iterator[str] = iter(())
        self._cared: dict[str, float] = {}
        self._trouble: dict[str, str] = {}
        self._sweeping: threading.Thread | None = None

    def run(self, ending: Callable[[], bool]) -> None:
        """Work until `ending` says so."""
        # A back-up of keys or house may have brought somebody back who was erased.
        self._careful(Erasures(self._house).replay, "people who are erased")
        try:
            while not ending():
                self._careful(self.tick)
                time.sleep(TICK_S)
        finally:
            self.close()

    def tick(self) -> None:
        """Look once at what runs, what waits, what is due."""
        for one in list(self._running):
            self._look(one)
        for lab in self._some_labs():
            self._careful(partial(self._care, lab), lab)
        if self._due(""):
            self._house.apply_outboxes()
            grading.take_in(self._house)
            self._careful(self._forget, "people who are erased")
            self._ledger.take_in()
            if self._due(" beliefs", FADES_S):
                self._ledger.refresh()

    def _forget(self) -> None:
        """Go on with erasing whoever is due; wipe the addresses of invitations that are over."""
        Erasures(self._house).carry_on()
        Links(self._house, Sessions(self._house)).tidy()

    def _care(self, lab: str) -> None:
        if len(self._running) < self._most:
            self._claim(lab)
        if self._due(lab):
            held = self._house.lab(lab, create=False)
            held.queue.expire()
            due.ask(held)
            self._sweep(held)

    def _sweep(self, lab: Lab) -> None:
        """Sweep a lab's uploads beside all else: to hash what a crash left whole takes a while."""
        if self._sweeping is None or not self._sweeping.is_alive():
            words = (lab.uploads.sweep, f"uploads of {lab.name}")
            self._sweeping = threading.Thread(target=self._careful, args=words, daemon=True)
            self._sweeping.start()

    def _due(self, lab: str, every_s: float = CARE_S) -> bool:
        """Say whether it is time to look after a lab again, or after the house; then it is not."""
        now = clock.mono_ns() / 1e9
        if now - self._cared.get(lab, -every_s) < every_s:
            return False
        self._cared[lab] = now
        return True

    def close(self) -> None:
        """Stop what runs and leave it to the next worker."""
        last = clock.mono_ns() / 1e9 + ENDS_S
        for one in self._running:
            one.process.stop()
        while any(o.process.status() is None for o in self._running):
            if clock.mono_ns() / 1e9 > last:
                for one in self._running:
                    one.process.kill()
            time.sleep(0.02)
        for one in self._running:
            self._careful(partial(self._leave, one))
        self._running.clear()
        os.close(self._hold)
        os.close(self._life)

    def _careful(self, work: Callable[[], object], about: str = "") -> None:
        """Do something; what goes wrong is said once, and tried again at the next look."""
        try:
            work()
            self._trouble.pop(about, None)
        except BanburyError as error:
            if str(error) != self._trouble.get(about):
                _log.error("%s", error)
            self._trouble[about] = str(error)

    def _some_labs(self) -> list[str]:
        """Return the next labs in turn, so that many labs cost no more than a few."""
        some = list(itertools.islice(self._labs, LABS_A_TICK))
        if len(some) < LABS_A_TICK:
            self._labs = iter(self._house.labs())
            new = itertools.islice(self._labs, LABS_A_TICK - len(some))
            some += [lab for lab in new if lab not in some]
        return some

    def _claim(self, lab: str) -> None:
        jobs = self._house.lab(lab, create=False).jobs
        alone = not any(o.job.verb in ALONE for o in self._running)
        job = jobs.claim(self.name, alone=alone, lease_s=self._lease_s)
        if job is None:
            return
        note = "" if job.attempt == 1 else f"\nStarted again; attempt {job.attempt}.\n"
        jobs.beat(job.id, self.name, more=note, lease_s=self._lease_s)
        words = ["--json", f"--lab={lab}", *self._at]
        free = operates(self._house, lab, job.by)
        try:
            process = Process(job.verb, job.arguments, words, self._life, free=free)
        except (OSError, ValueError) as error:  # such as more arguments than a process takes
            why = f"It cannot be started: {error.strerror if isinstance(error, OSError) else error}"
            jobs.finish(job.id, self.name, "failed", exit=1, result={}, more=f"{why}\n")
            return
        self._running.append(Running(lab, job, process))

    def _look(self, one: Running) -> None:
        jobs = self._house.lab(one.lab, create=False).jobs
        status, more, progress = one.process.status(), one.process.more(), one.process.progress()
        now = clock.mono_ns() / 1e9
        due = status is None and now - one.beaten > min(2.0, self._lease_s / 4)
        if more or progress != one.progress or due:
            one.progress, one.beaten = progress, now
            said = {"done": progress.done, "total": progress.total, "note": progress.note}
            answer = jobs.beat(one.job.id, self.name, more=more, lease_s=self._lease_s, **said)  # type: ignore[arg-type]
            one.stopping = one.stopping or answer == "stop"
            if answer == "lost":
                one.process.kill()
        if status is not None:
            self._finish(one, status, "")
        elif one.stopping:
            one.process.stop()

    def _finish(self, one: Running, status: int, more: str) -> None:
        jobs = self._house.lab(one.lab, create=False).jobs
        printed = one.process.printed()
        result = plain(printed)
        if status == 0:
            result |= self._keep(one)
        more += one.process.more() + ("" if result or status == 0 else printed)
        if status > 128:
            more += f"\nEnded by signal {status - 128}.\n"
        state = "done" if status == 0 else "cancelled" if one.stopping else "failed"
        jobs.finish(one.job.id, self.name, state, exit=status, result=result, more=more)  # type: ignore[arg-type]
        self._running.remove(one)
        one.process.close()

    def _keep(self, one: Running) -> dict[str, str]:
        """Keep the files that a stage wrote as an artifact of its name; return its id."""
        files = sorted(f for f in one.process.written.iterdir() if f.is_file())
        if not files:
            return {}
        lab = self._house.lab(one.lab, create=False)
        blobs = {f.name: lab.blobs.put(f.read_bytes(), _media(f.name)) for f in files}
        name = str(next(iter(one.job.arguments.values()), one.job.verb))
        made = lab.put_artifact(one.job.verb, name, {"job": one.job.id}, blobs)
        return {"id": made.id}

    def _leave(self, one: Running) -> None:
        jobs = self._house.lab(one.lab, create=False).jobs
        if one.process.status() == 0 or one.stopping:
            self._finish(one, one.process.status() or 0, one.process.more())
            return
        jobs.give_back(one.job.id, self.name, "\nThe workbench ended; this goes on at its start.\n")
        one.process.close()


def _media(name: str) -> str:
    return mimetypes.guess_type(name)[0] or "application/octet-stream"
