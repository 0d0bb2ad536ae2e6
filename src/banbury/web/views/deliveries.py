"""Copies that left a lab, as its owners see them: what, how, to whom, and who was erased since."""

from __future__ import annotations

import msgspec

from banbury.store import Lab
from banbury.store.deliveries import Delivered, Kind

PAGE = 50
HOW: dict[Kind, str] = {
    "built": "made as a release",
    "exported": "written to files",
    "downloaded": "downloaded",
    "read": "read by a program",
    "trained": "trained on",
}
"""How a copy left, in words."""


class CopyLine(msgspec.Struct, frozen=True):
    """One copy of the list.

    Attributes:
        copy: as it was written down.
        how: it left, in words.
        erased: pseudonyms of those in it who were erased since and did not let all of it stay.
    """

    copy: Delivered
    how: str
    erased: tuple[str, ...]


class CopyList(msgspec.Struct, frozen=True):
    """A page of the list, the newest first.

    Attributes:
        rows: the copies.
        next: what `after` is for the next page, None on the last.
        awaiting: whether any copy that ever left holds work of somebody who was erased since.
    """

    rows: tuple[CopyLine, ...]
    next: str | None
    awaiting: bool


def listing(lab: Lab, after: str = "", person: str = "", only_erased: bool = False) -> CopyList:
    """Return a page of the copies that left; with a person, those that hold work of theirs."""
    held = lab.deliveries
    if person:
        found = held.of(person, after, PAGE + 1)
    elif only_erased:
        found = held.awaiting(after, PAGE + 1)
    else:
        found = held.listed(after, PAGE + 1)
    shown = found[:PAGE]
    gone = held.erased_since([copy.id for copy in shown])
    rows = tuple(CopyLine(d, HOW[d.kind], tuple(gone.get(d.id, ()))) for d in shown)
    more = shown[-1].id if len(found) > PAGE else None
    return CopyList(rows, more, bool(gone) or bool(held.awaiting(limit=1)))
