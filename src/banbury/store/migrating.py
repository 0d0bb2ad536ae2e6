"""Migrating all labs of a house, each in a transaction of its own, in one command."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from functools import partial
from multiprocessing import get_context

import msgspec

from banbury import clock
from banbury.errors import BanburyError, InputError, StoreError
from banbury.store import house as houses
from banbury.store import lab_tables

FEW = 8
"""Labs below which starting processes costs more than it saves."""


class Migrated(msgspec.Struct, frozen=True):
    """What became of one lab.

    Attributes:
        name: the lab's name.
        before: its revision before.
        after: its revision now; the same where it was current, or where it failed.
        seconds: wall time.
        error: why it failed, "" if it did not.
    """

    name: str
    before: str
    after: str
    seconds: float
    error: str = ""


def migrate_labs(
    url: str | None = None,
    *,
    workers: int = 2,
    progress: Callable[[Migrated, int], None] | None = None,
) -> list[Migrated]:
    """Bring every lab of a house to this version, each in a transaction of its own.

    Stopped at any moment (Ctrl-C, kill -9), it leaves each lab migrated or untouched; started
    again, it does the rest. A lab that fails is left as it was, and the others go on.

    Args:
        url: see `banbury.open`.
        workers: processes; with 1, this one does it. Alembic cannot serve two threads.
        progress: called after each lab with what became of it and the number of labs.

    Returns:
        What became of each lab, by name.

    Raises:
        InputError: `workers` is below 1.
        StoreError: the house cannot be opened, or a worker process was killed.
    """
    if workers < 1:
        raise InputError(f"{workers} workers migrate nothing", do="give at least 1")
    with houses.open(url) as house:
        names = house.labs()
        out = []
        for lab in _all(house, url, names, workers):
            out.append(lab)
            if progress:
                progress(lab, len(names))
    return sorted(out, key=lambda m: m.name)


def _all(
    house: houses.House, url: str | None, names: Sequence[str], workers: int
) -> Iterator[Migrated]:
    """Yield the labs that are current at once, then the others as they are migrated."""
    old = []
    for name in names:
        begun = clock.mono_ns()
        found = house.revision(name)
        if found == lab_tables.HEAD:
            yield Migrated(name, found, found, (clock.mono_ns() - begun) / 1e9)
        else:
            old.append(name)
    if workers > 1 and len(old) >= FEW:
        yield from _spread(url, old, workers)
    else:
        for name in old:
            yield _one(house, name)


def _one(house: houses.House, name: str) -> Migrated:
    begun = clock.mono_ns()
    try:
        before, after, error = house.upgrade(name), lab_tables.HEAD, ""
    except BanburyError as failure:
        before = after = house.revision(name)
        error = str(failure)
    return Migrated(name, before, after, (clock.mono_ns() - begun) / 1e9, error)


def _spread(url: str | None, names: Sequence[str], workers: int) -> Iterator[Migrated]:
    pool = ProcessPoolExecutor(workers, get_context("spawn"), initializer=_deaf)
    try:
        futures = [pool.submit(partial(_elsewhere, url), name) for name in names]
        for future in as_completed(futures):
            yield future.result()
    except BrokenProcessPool as error:
        raise StoreError(
            "a process that migrated labs was killed",
            do="run the same command again: each lab is migrated or untouched",
        ) from error
    finally:
        # Those that have begun come to their end; Ctrl-C waits for them.
        pool.shutdown(wait=True, cancel_futures=True)


def _deaf() -> None:
    """Leave Ctrl-C to the process that gives out the labs."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


_mine: dict[str | None, houses.House] = {}


def _elsewhere(url: str | None, name: str) -> Migrated:
    """Migrate one lab in a worker, which opens its house once."""
    if url not in _mine:
        _mine[url] = houses.open(url)
    return _one(_mine[url], name)
