"""Submodules: where the commit that a tree names is found.

First among objects that are here (the repository's own, the folders that git keeps for its
submodules, clones that the user has), then, where the address is allowed, fetched.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urljoin

from banbury.cycle.source.mine.history import opening
from banbury.errors import InputError

if TYPE_CHECKING:
    from banbury.cycle.source.mine.history.repository import Repository

_SECTION = re.compile(r'^\s*\[submodule "((?:[^"\\\n]|\\.)*)"\]', re.M)
_KEY = re.compile(r"^\s*(path|url)\s*=\s*(.*?)\s*$", re.M)


def declared(text: str) -> dict[str, tuple[str, str]]:
    """Return name and address of each submodule in a `.gitmodules`, by path."""
    found: dict[str, tuple[str, str]] = {}
    pieces = _SECTION.split(text)
    for name, body in zip(pieces[1::2], pieces[2::2], strict=True):
        keys = {key: value.strip('"') for key, value in _KEY.findall(body)}
        if "path" in keys:
            found[keys["path"].rstrip("/")] = (name, keys.get("url", ""))
    return found


def filled(repository: Repository, commit: str, path: str, wanted: str) -> Repository | str:
    """Return an open repository that has a submodule's commit, or why there is none.

    Args:
        repository: the one whose tree names the submodule.
        commit: whose `.gitmodules` counts.
        path: where the submodule lies.
        wanted: the submodule's commit.
    """
    try:
        text = repository.read(commit, ".gitmodules", 1 << 20).decode(errors="replace")
    except InputError:
        text = ""
    name, address = declared(text).get(path, ("", ""))
    address = _absolute(repository, address)
    clone = opening.local(address, repository.clones)
    near = (Path(clone),) if clone != address else ()
    for folder in (repository.place.common, *_kept(repository, name), *near):
        try:
            found = repository.beside(folder)
        except InputError:
            continue
        if found.has(wanted):
            return found
        found.close()
    if not address:
        return "its address is not declared"
    return _fetched(repository, address, wanted)


def _kept(repository: Repository, name: str) -> tuple[Path, ...]:
    ordinary = name and not name.startswith("/") and ".." not in name.split("/")
    return (repository.place.common / "modules" / name,) if ordinary else ()


def _absolute(repository: Repository, address: str) -> str:
    """Return an address that is none relative to its repository's, where that is known."""
    if address.startswith(("./", "../")) and repository.place.origin:
        return urljoin(repository.place.origin.rstrip("/") + "/", address)
    return address


def _fetched(repository: Repository, address: str, wanted: str) -> Repository | str:
    if address.startswith(("./", "../")):
        return f"its address {address!r} is relative to one that is not known"
    if not re.fullmatch(r"[\w:/.@~+%-]+", address):
        return "its address is no address"
    wrong = ""
    for commit in (wanted, ""):  # not every server gives a commit that no branch names
        try:
            folder = opening.fetched(address, repository.cache, repository.protocols, commit)
            found = repository.beside(folder)
        except InputError as error:
            wrong = str(error)
            continue
        if found.has(wanted):
            return found
        found.close()
    return wrong or f"{address} does not have the commit {wanted[:12]}"
