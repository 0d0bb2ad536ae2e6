"""What this process gave out lately: a lease and its task, so that an answer need not ask again.

Only what never changes is taken from here: whose lease it is, since when, of which task. How it
stands is asked where the answer is stored.
"""

from __future__ import annotations

import threading
from collections import OrderedDict

from banbury.episode import Problem
from banbury.store.queue import Lease

_MOST = 8_192
_LARGEST = 32_768
"""Bytes of a task and its secret that are worth keeping."""


class Known:
    """The leases that were given out last, with their tasks; safe from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._held: OrderedDict[tuple[str, str], tuple[Lease, Problem]] = OrderedDict()

    def keep(self, lab: str, lease: Lease, problem: Problem) -> None:
        """Remember a lease, if its task is small."""
        public, secret = problem.task.public, problem.secret
        if len(public.instruction) + len(public.inputs) + len(secret.answer) > _LARGEST:
            return
        with self._lock:
            self._held[lab, lease.id] = lease, problem
            self._held.move_to_end((lab, lease.id))
            if len(self._held) > _MOST:
                self._held.popitem(last=False)

    def find(self, lab: str, lease: str, person: str) -> tuple[Lease, Problem] | None:
        """Return a person's lease and its task, None if that is not known here."""
        with self._lock:
            found = self._held.get((lab, lease))
        return found if found and found[0].person == person else None
