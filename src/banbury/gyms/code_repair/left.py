"""What an actor left behind: the files that differ from the task's tree, bounded in size."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from banbury.episode import GYM, Record
from banbury.errors import InputError
from banbury.gyms.code_repair.files import File, file
from banbury.sandbox import Box

FILE = 1 << 20
"""Bytes of one file at most."""
ALL = 4 << 20
"""Bytes of all files together at most."""
LISTED = 200
"""Names listed at most of what was left out."""
_MOST = 256 << 20
_JUNK = {"__pycache__", ".git", ".pytest_cache", ".mypy_cache", ".ruff_cache", ".hypothesis"}


class Left(msgspec.Struct, frozen=True, omit_defaults=True):
    """The evidence of an episode.

    Attributes:
        changes: files as they stand in the end, by path; None where one is gone.
        links: symbolic links that are new; the judge takes none of them.
        left_out: what is too large to be kept, and does not count.
    """

    changes: dict[str, File | None] = {}
    links: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()


_encode = msgspec.json.Encoder(order="sorted").encode
_decode = msgspec.json.Decoder(Left).decode


def left(box: Box, links: Iterable[str]) -> Left:
    """Return what differs from the layers that a box stands on.

    Args:
        box: where the actor worked.
        links: symbolic links that were there before.
    """
    entries = {entry.path: entry for entry in box.files()}
    known = set(links)
    new = [e.path for e in entries.values() if e.kind == "link" and e.path not in known]
    try:
        found = box.changes(_MOST)
    except InputError as error:
        return Left(links=tuple(sorted(new)[:LISTED]), left_out=(str(error),))
    kept: dict[str, File | None] = {}
    out: list[str] = []
    size = 0
    for path, data in sorted(found.items()):
        if is_junk(path):
            continue
        if data is None:
            kept[path] = None
        elif len(data) > FILE or size + len(data) > ALL:
            out.append(path)
        else:
            size += len(data)
            mode = entries[path].mode if path in entries else 0
            kept[path] = file(data, executable=bool(mode & 0o100))
    return Left(kept, tuple(sorted(new)[:LISTED]), tuple(out[:LISTED]))


def is_junk(path: str) -> bool:
    """Return whether a path is left behind by tools, and is no part of the work."""
    return bool(_JUNK & set(path.split("/"))) or path.endswith((".pyc", ".pyo"))


def encode(one: Left) -> str:
    """Return it as JSON."""
    return _encode(one).decode()


def of_record(record: Record) -> Left:
    """Return what the actor of a record left; nothing where the record has no evidence.

    Raises:
        msgspec.MsgspecError: the evidence is broken.
    """
    for step in reversed(record.steps):
        if step.kind == "note" and step.actor == GYM and step.track == "state":
            return _decode(step.payload)
    return Left()
