"""Lineage: where an episode or a row comes from."""

from __future__ import annotations

from typing import Literal

import msgspec

Relation = Literal["forked", "corrected", "reviewed", "synthesised", "replayed"]


class Parent(msgspec.Struct, frozen=True, omit_defaults=True):
    """One parent of an episode: its id, the relation, and the step from which it differs."""

    episode: str
    relation: Relation
    at_step: int | None = None


class Origin(msgspec.Struct, frozen=True, omit_defaults=True):
    """Where a task comes from.

    Attributes:
        kind: `generated`, `imported`, `mined`, `written` or `synthesised`.
        source: generator and version, or address of the data.
        revision: commit, file hash or row id within the source.
        parents: ids of the tasks or episodes that it was made from.
    """

    kind: Literal["generated", "imported", "mined", "written", "synthesised"]
    source: str = ""
    revision: str = ""
    parents: tuple[str, ...] = ()
