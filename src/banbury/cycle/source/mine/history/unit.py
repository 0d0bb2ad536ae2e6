"""A unit: one step of a repository's main line, and the files that it changed."""

from __future__ import annotations

from typing import Literal

import msgspec

Status = Literal["A", "M", "D", "R", "T"]


class Change(msgspec.Struct, frozen=True):
    """One file that a unit changed.

    Attributes:
        path: where it lies now (where it lay, if it was deleted).
        status: added, modified, deleted, renamed, or changed in type.
        added, removed: lines; 0 for a binary file.
        before: the path before a rename, else "".
        mode: git's mode afterwards, such as "100644"; "160000" is a submodule.
        binary: it has no lines.
    """

    path: str
    status: Status
    added: int
    removed: int
    before: str = ""
    mode: str = "100644"
    binary: bool = False


class Unit(msgspec.Struct, frozen=True):
    """One step of the main line: a commit or a merge, against its first parent.

    Attributes:
        commit, base: full hashes; the base is the first parent.
        when: the committer's date, seconds since 1970.
        subject: first line of the message.
        message: the whole message.
        files: what changed, by path.
        merged: the other parents of a merge.
    """

    commit: str
    base: str
    when: float
    subject: str
    message: str
    files: tuple[Change, ...]
    merged: tuple[str, ...] = ()
