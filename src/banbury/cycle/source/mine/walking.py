"""Walk a repository's history: every change becomes a row, kept or dropped, with its reason."""

from __future__ import annotations

import functools
import inspect
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from banbury.cycle.source.mine.asked import Asked, Source
from banbury.cycle.source.mine.history import Dropped, Repository, Size, classify, open_repository
from banbury.cycle.source.mine.licence import licence, licence_files
from banbury.cycle.source.mine.reasons import REMEDIES
from banbury.episode import canonical, digest
from banbury.errors import InputError
from banbury.store import Lab
from banbury.store.mining import FOREVER, Found
from banbury.store.mining import Repository as Row

_PAGE = 100
_KEPT = 16
"""Questions of earlier walks that are remembered."""


def opened(source: Source, asked: Asked, cache: Path) -> Repository:
    """Open a repository for reading.

    Raises:
        InputError: it is none, is empty, or cannot be fetched.
    """
    return open_repository(source.url, cache / "repositories", clones=asked.local)


def walk(
    lab: Lab,
    row: Row,
    repository: Repository,
    source: Source,
    asked: Asked,
    worker: str,
    tell: Callable[[int], None],
) -> None:
    """Find the candidates of a repository's dates, unless just that was done before.

    Args:
        lab: where the rows are kept.
        row: the repository's row, taken by `worker`.
        repository: opened for reading.
        source: the dates.
        asked: the sizes.
        worker: who holds the row.
        tell: called with how many changes were looked at.
    """
    wanted = question(repository, source, asked)
    before = row.asked.split()
    if wanted in before:
        lab.mining.walked(
            row.id, worker, asked=row.asked, head=row.head, licence=row.licence, units=row.units
        )
        return
    begun = time.thread_time()
    count = 0
    page: list[Found] = []
    for found in _found(repository, source, asked):
        page.append(found)
        count += 1
        if len(page) == _PAGE:
            lab.mining.find(row.id, page)
            tell(count)
            page = []
    lab.mining.find(row.id, page)
    lab.mining.walked(
        row.id,
        worker,
        asked=" ".join([*before[1 - _KEPT :], wanted]),
        head=repository.head,
        licence=licence_at(repository, repository.head),
        units=count,
        cpu_s=time.thread_time() - begun,
    )


def question(repository: Repository, source: Source, asked: Asked) -> str:
    """Return what a walk would be asked: the same question need not be asked twice."""
    said = [rules(), repository.head, source.since, source.until, asked.files, asked.lines]
    return digest(canonical(said))[:32]


@functools.cache
def rules() -> str:
    """Return a hash of how changes are told apart; when it differs, histories are read again."""
    return sources(Path(inspect.getfile(classify)).parent)


def sources(folder: Path) -> str:
    """Return a hash of the source files in a folder."""
    files = sorted(folder.rglob("*.py"))
    return digest(*(part for f in files for part in (f.name.encode(), f.read_bytes())))[:32]


def _found(repository: Repository, source: Source, asked: Asked) -> Iterator[Found]:
    low, high = source.span
    size = Size(files=asked.files, lines=asked.lines)
    since = None if low == FOREVER[0] else float(low)
    until = None if high == FOREVER[1] else float(high + 1)
    for unit in repository.units(since, until):
        said = classify(unit, repository, size=size)
        kind, reason = (said.kind, said.reason) if isinstance(said, Dropped) else ("", "")
        yield Found(
            unit.commit,
            unit.base,
            int(unit.when),
            unit.subject[:300],
            kind,
            reason[:500],
            REMEDIES.get(kind, "") if kind else "",
        )


def licence_at(repository: Repository, commit: str) -> str:
    """Return the SPDX id of the licence in a commit's tree."""
    files = repository.files(commit)
    texts = {p: _text(repository, commit, p) for p in licence_files(list(files))}
    return licence(texts, _text(repository, commit, "pyproject.toml"))


def _text(repository: Repository, commit: str, path: str) -> str:
    try:
        return repository.read(commit, path, 64 << 10).decode("utf-8", "replace")
    except InputError:
        return ""
