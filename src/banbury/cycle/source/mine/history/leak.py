"""Whether the fix can be reached inside a box: as history, as a later version, as its text."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from banbury.cycle.source.mine.history.candidate import Candidate
from banbury.cycle.source.mine.history.kinds import kind
from banbury.cycle.source.mine.history.patches import added, diff
from banbury.errors import InputError

LARGEST = 4 << 20
"""Bytes of a file that is searched; larger ones hold no source."""
_HISTORY = {".git", ".hg", ".svn", ".bzr"}
_OTHER = re.compile(r"\.(rej|orig|patch|diff)\Z")


def leaks(roots: Sequence[Path], candidate: Candidate) -> list[str]:
    """Return where the fix can be reached under some folders; nothing where it cannot.

    Args:
        roots: all that a box shows: the tree, the environment.
        candidate: the repair that must not be found.
    """
    lines = substance(candidate)
    found: list[str] = []
    for root in roots:
        told = ((path, _holds(path, lines)) for path in _files(root, found))
        found += [f"{path.relative_to(root)} holds {what}" for path, what in told if what]
    return found


def substance(candidate: Candidate) -> frozenset[str]:
    """Return the lines, without blanks, that the fix adds and the base has nowhere.

    Only lines of source code long enough not to be there by chance.
    """
    fix, _ = diff(candidate)
    lines = {
        re.sub(r"\s+", "", row)
        for path, rows in added(fix).items()
        if kind(path) in ("source", "data")
        for row in rows
    }
    lines = {
        line for line in lines if len(line) >= 24 and not line.startswith(("#", "import", "from"))
    }
    return frozenset(lines - _known(candidate))


def _known(candidate: Candidate) -> set[str]:
    known: set[str] = set()
    repository, base = candidate.repository, candidate.unit.base
    for path in repository.files(base):
        if not path.endswith((".py", ".pyx", ".pyi", ".rst", ".md", ".txt")):
            continue
        try:
            text = repository.read(base, path, LARGEST).decode(errors="replace")
        except InputError:
            continue
        known.update(re.sub(r"\s+", "", row) for row in text.splitlines())
    return known


def _files(root: Path, found: list[str]) -> Iterator[Path]:
    for folder, folders, files in os.walk(root):
        past = [Path(folder) / name for name in (*folders, *files) if name in _HISTORY]
        found += [f"{path.relative_to(root)} is a history" for path in past]
        folders[:] = [name for name in folders if name not in _HISTORY]
        for name in files:
            path = Path(folder) / name
            if not path.is_symlink() and path.is_file() and path.stat().st_size <= LARGEST:
                yield path


def _holds(path: Path, lines: frozenset[str]) -> str:
    content = path.read_bytes()
    if not lines or b"\0" in content[:1024]:
        return ""
    rows = {re.sub(r"\s+", "", row) for row in content.decode(errors="replace").splitlines()}
    rows |= {row[1:] for row in rows if row.startswith("+")} if _OTHER.search(path.name) else set()
    there = lines & rows
    if len(there) >= max(1, min(3, len(lines) // 2)) and 3 * len(there) >= len(lines):
        return f"{len(there)} of the {len(lines)} lines of the fix, such as {min(there)!r}"
    return ""
