"""Trees of commits on this machine's disk, shared by the candidates that stand on them."""

from __future__ import annotations

import os
import secrets
import shutil
import time
from contextlib import suppress
from pathlib import Path

import msgspec

from banbury.cycle.source.mine import lean
from banbury.cycle.source.mine.history import Repository
from banbury.episode import canonical, digest
from banbury.gyms.code_repair.files import Changes, File, file

KEPT = 24
"""Trees that stay however old they are."""
AGED_S = 3600.0


class Change(msgspec.Struct, frozen=True):
    """The files of one change, whole; None where one is deleted or was not there.

    Attributes:
        tests: its test files as it leaves them.
        fix: its other files as it leaves them.
        old: these as the base has them.
    """

    tests: Changes
    fix: Changes
    old: Changes

    @property
    def both(self) -> Changes:
        """Return all of its files as it leaves them."""
        return {**self.fix, **self.tests}


def exported(repository: Repository, commit: str, cache: Path) -> tuple[str, Path]:
    """Return the hash of a commit's files and a folder that holds them, without history.

    Large pictures and the like are left out, see `lean`.

    Raises:
        InputError: the repository lacks the commit, or the tree is too large.
    """
    listing = {path: [f.mode, f.id] for path, f in sorted(repository.files(commit).items())}
    key = digest(canonical([lean.VERSION, listing]))
    place = cache / "mined" / key
    # What a submodule brings hangs on what can be had of it, so such a tree is written anew.
    modules = any(mode == "160000" for mode, _ in listing.values())
    if modules or not place.is_dir():
        aside = cache / "mined" / f"aside-{secrets.token_hex(8)}"
        aside.parent.mkdir(parents=True, exist_ok=True)
        try:
            told = repository.tree(commit, aside)
            if modules:
                key = digest(canonical([lean.VERSION, listing, told.notes, told.size]))
                place = cache / "mined" / key
            lean.thinned(aside)
            with suppress(OSError):  # it is there already
                aside.rename(place)
        finally:
            shutil.rmtree(aside, ignore_errors=True)
        _sweep(cache / "mined")
    with suppress(OSError):
        os.utime(place)
    return key, place


def _sweep(folder: Path) -> None:
    """Remove trees that nobody has used for an hour, but for the newest ones."""
    with suppress(OSError):
        aged = sorted(folder.iterdir(), key=lambda p: p.stat().st_mtime)
        last = time.time() - AGED_S
        for old in aged[:-KEPT]:
            if old.stat().st_mtime < last:
                shutil.rmtree(old, ignore_errors=True)


def files_at(
    repository: Repository, commit: str, paths: tuple[str, ...], cache: Path
) -> dict[str, File | None]:
    """Return files as a commit leaves them; None for those that it does not have.

    Raises:
        InputError: one is too large to be part of a task.
    """
    listing = repository.files(commit)
    found: dict[str, File | None] = {}
    for path in paths:
        held = listing.get(path)
        if held is None:
            found[path] = None
        elif held.mode == "160000":
            found |= _submodule(repository, commit, path, cache)
        elif held.mode == "120000":
            found[path] = File(link=repository.read(commit, path, 4096).decode())
        else:
            data = repository.read(commit, path, 8 << 20)
            found[path] = file(data, executable=held.mode == "100755")
    return found


def _submodule(
    repository: Repository, commit: str, path: str, cache: Path
) -> dict[str, File | None]:
    _, folder = exported(repository, commit, cache)
    inside = (folder / path).rglob("*")
    return {
        str(one.relative_to(folder)): file(one.read_bytes(), executable=os.access(one, os.X_OK))
        for one in inside
        if one.is_file() and not one.is_symlink()
    }
