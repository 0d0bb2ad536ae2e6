"""What a reviewer changed of an answer, in plain words for its author."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from banbury.errors import BanburyError
from banbury.store import Lab
from banbury.store.queue import Lease
from banbury.web.views.reviews import side_by_side

_CHANGES = 6
_WORDS = 240
_PIECE = 160


class Change(msgspec.Struct, frozen=True):
    """One part of an answer: which, what its author said, what the reviewer made of it."""

    part: str
    before: str
    after: str


def words(lab: Lab, task: str) -> str:
    """Return a task's own words, shortened: those of its item, or else its instruction."""
    public = lab.task(task).public
    try:
        inputs = msgspec.json.decode(public.inputs)
    except msgspec.MsgspecError:
        inputs = None
    item = inputs.get("item") if isinstance(inputs, dict) else None
    return _short(" ".join(_texts(item)) or public.instruction, _WORDS)


def changes(lab: Lab, lease: Lease, accepted: str) -> tuple[Change, ...]:
    """Return what differs between an answer and what was accepted; of many steps nothing."""
    if not accepted or accepted == lease.episode:
        return ()
    try:
        found = [lab.read(id).actions() for id in (lease.episode, accepted)]
    except BanburyError:
        return ()
    if any(len(actions) != 1 for actions in found):
        return ()
    rows = side_by_side([msgspec.json.decode(actions[0].payload) for actions in found])
    return tuple(
        Change(_named(row.path), *(_short(value, _PIECE) for value in row.values))
        for row in rows[:_CHANGES]
        if row.differs
    )


def _texts(item: Any) -> Iterator[str]:
    if isinstance(item, dict):
        yield from (value for value in item.values() if isinstance(value, str))


def _named(path: str) -> str:
    """Return `mood` for `results.mood.choices`, and `answer` for a text that is all there is."""
    part = path.removeprefix("results.").removesuffix(".choices").removesuffix(".text")
    return "answer" if part in ("", "text") else part


def _short(text: str, most: int) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= most else flat[: most - 1].rstrip() + "\u2026"
