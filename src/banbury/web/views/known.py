"""What this process gave out lately: a lease and its task, so that an answer need not ask again.

Only what never changes is taken from here: whose lease it is, since when, of which task. How it
stands is asked where the answer is stored. It is kept packed: tens of thousands of tasks as objects
would make each full garbage collection stop the server for a third of a second.
"""

from __future__ import annotations

import threading
from collections import OrderedDict

import msgspec

from banbury.episode import Problem, Secret, Task
from banbury.store import Lab
from banbury.store.queue import Lease

_MOST = 32_768
_LARGEST, _ALL = 65_536, 128 << 20
"""Bytes of a packed task that are worth keeping, and of all that are kept."""

_pack = msgspec.msgpack.Encoder().encode
_unpack = msgspec.msgpack.Decoder(tuple[Lease, Task, Secret]).decode


class Known:
    """The leases that were given out last, with their tasks; safe from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._held: OrderedDict[tuple[str, str], bytes] = OrderedDict()
        self._bytes = 0

    def keep(self, lab: str, lease: Lease, problem: Problem) -> None:
        """Remember a lease, if its task is small."""
        packed = _pack((lease, problem.task, problem.secret))
        if len(packed) > _LARGEST:
            return
        with self._lock:
            self._bytes += len(packed) - len(self._held.pop((lab, lease.id), b""))
            self._held[lab, lease.id] = packed
            while len(self._held) > _MOST or self._bytes > _ALL:
                self._bytes -= len(self._held.popitem(last=False)[1])

    def find(self, lab: Lab, lease: str, person: str) -> tuple[Lease, Problem] | None:
        """Return a person's lease and its task, None if that is not known here."""
        with self._lock:
            packed = self._held.get((lab.name, lease))
        if packed is None:
            return None
        held, task, secret = _unpack(packed)
        if held.person != person:
            return None
        return held, Problem(task, secret, lab.blobs.read, lab.blobs.source)
