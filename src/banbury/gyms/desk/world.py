"""The world of the desk: plain frozen things in tables, so that a copy costs next to nothing.

They hold only texts and numbers, so no cycle can run through them and the garbage collector is
told to leave them alone (`gc=False`).
"""

from __future__ import annotations

import msgspec


class Mail(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """A mail; `files` are paths of what is attached."""

    id: str
    folder: str
    sender: str
    to: tuple[str, ...]
    subject: str
    text: str
    time: str
    files: tuple[str, ...] = ()


class Meeting(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """A meeting on one day; `people` holds the organiser too, all as addresses."""

    id: str
    title: str
    start: str
    minutes: int
    people: tuple[str, ...]
    organiser: str
    cancelled: bool = False


class File(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """A text file; `shared` are the addresses that may read it beside the owner."""

    path: str
    text: str
    owner: str
    shared: tuple[str, ...] = ()


class Contact(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """A person in the address book."""

    id: str
    name: str
    email: str
    phone: str = ""
    firm: str = ""
    role: str = ""


class World(msgspec.Struct):
    """All that there is at a desk.

    Attributes:
        name: of the person whose desk it is.
        me: their address.
        now: the time, which stands still, as YYYY-MM-DD HH:MM.
        folders: names of the mail folders.
        mails: by id.
        unread: ids of mails that were not read yet.
        meetings: by id, also those of others.
        files: by path.
        contacts: by id.
        answer: what was answered at the end.
        finished: whether the end was declared.
        moves: actions so far.
    """

    name: str
    me: str
    now: str
    folders: tuple[str, ...]
    mails: dict[str, Mail]
    unread: set[str]
    meetings: dict[str, Meeting]
    files: dict[str, File]
    contacts: dict[str, Contact]
    answer: str = ""
    finished: bool = False
    moves: int = 0

    def copy(self) -> World:
        """Return a world of its own; the things in it are shared, since they never change."""
        return World(
            self.name,
            self.me,
            self.now,
            self.folders,
            self.mails.copy(),
            self.unread.copy(),
            self.meetings.copy(),
            self.files.copy(),
            self.contacts.copy(),
            self.answer,
            self.finished,
            self.moves,
        )

    @property
    def domain(self) -> str:
        """Return the domain of the house's own addresses."""
        return self.me.partition("@")[2]

    def inside(self, address: str) -> bool:
        """Return whether an address is one of the house."""
        return address.partition("@")[2] == self.domain


BUILT_IN = ("inbox", "sent", "archive", "trash")
"""Folders that every mailbox has."""
