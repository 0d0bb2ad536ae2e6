"""What is different between two worlds: the evidence that an episode keeps, and back again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

import msgspec

from banbury.episode import canonical
from banbury.gyms.desk import times
from banbury.gyms.desk.world import Contact, File, Mail, Meeting, World

Fields = dict[str, Any]
T = TypeVar("T", Mail, Meeting, File, Contact)

_TABLES: tuple[tuple[str, Any], ...] = (
    ("mails", Mail),
    ("meetings", Meeting),
    ("files", File),
    ("contacts", Contact),
)
_NAMES = {kind: kind.__struct_fields__ for _, kind in _TABLES}
NEW = "new"
GONE = "gone"


class Changes(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """The difference of a world to the one that it began as.

    Attributes:
        mails: by id, the fields that changed; all of them where it is new.
        meetings: likewise.
        files: likewise, by path; None where it is gone.
        contacts: likewise.
        read: ids of mails that were read.
        answer: what was answered at the end.
        finished: whether the end was declared.
        moves: actions that were taken.
    """

    mails: dict[str, Fields | None] = {}
    meetings: dict[str, Fields | None] = {}
    files: dict[str, Fields | None] = {}
    contacts: dict[str, Fields | None] = {}
    read: tuple[str, ...] = ()
    answer: str = ""
    finished: bool = False
    moves: int = 0


Change = tuple[str, str, str]
"""(table, id, field); the field is `new` or `gone` where the whole thing is."""

_decode = msgspec.json.Decoder(Changes).decode


def between(start: World, end: World) -> Changes:
    """Return what is different in `end`."""
    return Changes(
        mails=_different(start.mails, end.mails),
        meetings=_different(start.meetings, end.meetings),
        files=_different(start.files, end.files),
        contacts=_different(start.contacts, end.contacts),
        read=tuple(sorted(start.unread - end.unread)),
        answer=end.answer,
        finished=end.finished,
        moves=end.moves,
    )


def encode(changes: Changes) -> str:
    """Return changes as canonical JSON."""
    return canonical(changes).decode()


def decode(data: bytes) -> Changes:
    """Return the changes that a JSON text holds.

    Raises:
        msgspec.MsgspecError: it holds none.
    """
    return _decode(data)


def applied(start: World, changes: Changes) -> World:
    """Return the world that `changes` make of `start`.

    Raises:
        msgspec.ValidationError: they do not fit it.
    """
    end = start.copy()
    for name, kind in _TABLES:
        _apply(getattr(end, name), getattr(changes, name), kind)
    end.unread.difference_update(changes.read)
    end.answer, end.finished, end.moves = changes.answer, changes.finished, changes.moves
    return end


def single(start: World, end: World, changes: Changes) -> Iterator[Change]:
    """Yield each change by itself; reading a mail is none."""
    for name, kind in _TABLES:
        before, after = getattr(start, name), getattr(end, name)
        for id in getattr(changes, name):
            old, new = before.get(id), after.get(id)
            if old is None or new is None:
                if old is not new:
                    yield name, id, NEW if old is None else GONE
                continue
            for field in _NAMES[kind]:
                if getattr(old, field) != getattr(new, field):
                    yield name, id, field


def _different(before: Mapping[str, T], after: Mapping[str, T]) -> dict[str, Fields | None]:
    found: dict[str, Fields | None] = {}
    for id, new in after.items():
        old = before.get(id)
        if old is new:
            continue
        if old is None:
            found[id] = msgspec.to_builtins(new)
            continue
        fields = {f: getattr(new, f) for f in new.__struct_fields__}
        if differ := {f: v for f, v in fields.items() if v != getattr(old, f)}:
            found[id] = differ
    found |= {id: None for id in before if id not in after}
    return found


def _apply(table: dict[str, T], fields: Mapping[str, Fields | None], kind: type[T]) -> None:
    for id, given in fields.items():
        old = table.get(id)
        if given is None:
            if not isinstance(old, File):
                raise msgspec.ValidationError(f"{id!r} cannot be gone")
            del table[id]
            continue
        whole = given if old is None else {**msgspec.structs.asdict(old), **given}
        made = msgspec.convert(whole, kind)
        if not _sound(made, id) or not given.keys() <= set(_NAMES[kind]):
            raise msgspec.ValidationError(f"{id!r} has fields that do not fit")
        table[id] = made


def _sound(made: Mail | Meeting | File | Contact, id: str) -> bool:
    if isinstance(made, File):
        return made.path == id
    return made.id == id and (not isinstance(made, Meeting) or times.is_moment(made.start))
