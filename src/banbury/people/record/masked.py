"""What an export leaves out so that test tasks stay unknown: which task it was, no result."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from banbury.people.evidence import Entry, Objection
from banbury.people.standing.finding import Result
from banbury.store.grants import DAY_NS

WHY = (
    "Some tasks have an answer that is known beforehand, and nobody who works can tell which they "
    "are. Of these you find every result with its day, its lab and what it was measured by, and "
    "not which task it was: who knew could tell others, and results would say nothing any more. "
    "For the same reason a case about you does not say which of its tasks were of this kind. In "
    "it, other people are named by letters that mean nothing elsewhere. Nothing else is left out. "
    "If you think that a result is wrong, object to it: somebody who sees the task decides."
)
_OF_GOLD = ("skill", "source", "lab", "at_ns", "score", "line", "good", "left_out")
_TOLD = "a test task"


def evidence(held: Sequence[Entry]) -> list[dict[str, Any]]:
    """Return evidence as its person takes it along.

    Of gold tasks the day stands instead of the moment, and they stand in no order that would tell.
    """
    plain = [_plain(e) for e in held if e.source != "gold"]
    gold = [_gold(e) for e in held if e.source == "gold"]
    return plain + sorted(gold, key=lambda g: (g["at_ns"], g["skill"], g["lab"], g["score"]))


def results(held: Sequence[Result]) -> list[Result]:
    """Return results as their person takes them along, those of gold tasks last and unnamed."""
    gold = [msgspec.structs.replace(r, id=_TOLD) for r in held if r.kind == "gold"]
    return [r for r in held if r.kind != "gold"] + sorted(gold, key=lambda r: (r.score, r.line))


def objections(held: Sequence[Objection]) -> list[dict[str, Any]]:
    """Return objections without the place in the evidence up to which they reach."""
    return [_without(msgspec.to_builtins(o), "until_seq") for o in held]


def _plain(entry: Entry) -> dict[str, Any]:
    return _without(msgspec.to_builtins(entry), "seq")


def _gold(entry: Entry) -> dict[str, Any]:
    held = msgspec.structs.asdict(entry)
    return {**{name: held[name] for name in _OF_GOLD}, "at_ns": entry.at_ns - entry.at_ns % DAY_NS}


def _without(plain: dict[str, Any], name: str) -> dict[str, Any]:
    return {k: v for k, v in plain.items() if k != name}
