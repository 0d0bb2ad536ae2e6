"""Directory: a lab's people by name, opened and sorted in the process.

The database holds names in boxes only, so it can neither sort nor search by them. A process opens
the boxes of a lab when its list is first asked for, keeps the order, and reads again when the
lab's count of changes has grown; a box that it opened before is not opened again.
"""

from __future__ import annotations

import threading
from bisect import bisect_left, bisect_right
from collections import OrderedDict
from collections.abc import Iterator
from typing import Any

import msgspec
import sqlalchemy as sa

from banbury.accounts import fields
from banbury.accounts.caller import Role
from banbury.store import House
from banbury.store.personal import Who, opened_who

_LABS, _BOXES = 16, 200_000
"""Labs and boxes that one process keeps opened."""
_READ = sa.text(
    "SELECT m.account, m.role, m.joined_ns, p.name AS pseudonym, a.who FROM member m "
    "JOIN account a ON a.id = m.account "
    "JOIN pseudonym p ON p.lab = m.lab AND p.account = m.account WHERE m.lab = :lab"
)
_COUNT = sa.text("SELECT people FROM lab WHERE name = :lab")
_LAST = "\U0010ffff"


NAMED: frozenset[Role] = frozenset({"owner", "researcher"})
"""Roles whose holders a lab knows by name; of all others it sees the pseudonym alone."""


class Member(msgspec.Struct, frozen=True):
    """An account in one lab.

    Attributes:
        account: its id; "", as name and e-mail, where a lab looks at somebody who works for it.
        name: as the person writes it.
        email: in lower case.
        role: in this lab.
        pseudonym: what the person is called in the lab's episodes.
        joined_ns: since when.
    """

    account: str
    name: str
    email: str
    role: Role
    pseudonym: str
    joined_ns: int

    @property
    def id(self) -> str:
        """By what whoever looks may call this member: the account's id, else the pseudonym."""
        return self.account or self.pseudonym


Place = tuple[str, str]
"""A word, and the id of the member that it stands for: where a list is."""


class Listing:
    """A lab's people in order, as of one count of changes."""

    def __init__(self, count: int, people: dict[str, Member]) -> None:
        self.count = count
        self.people = people
        self._order: list[Place] = sorted(
            (fields.folded(m.name or m.pseudonym), m.id) for m in people.values()
        )
        self._words: list[Place] | None = None

    def after(self, place: Place | None) -> Iterator[Place]:
        """Yield the places behind one, by name."""
        begin = bisect_right(self._order, place) if place else 0
        yield from self._order[begin:]

    def beginning(self, word: str, place: Place | None) -> Iterator[Place]:
        """Yield the places of those with a word that begins so, each person at their first."""
        if self._words is None:
            self._words = sorted(
                (word, m.id)
                for m in self.people.values()
                for word in {*fields.words(m.name, m.email), fields.folded(m.pseudonym)} - {""}
            )
        first, last = bisect_left(self._words, (word,)), bisect_left(self._words, (word + _LAST,))
        seen = set()
        for found in self._words[first:last]:
            if found[1] not in seen:
                seen.add(found[1])
                if place is None or found > place:
                    yield found


class Directory:
    """The people of a house's labs, for those who may see them."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._lock = threading.Lock()
        self._labs: OrderedDict[tuple[str, bool], Listing] = OrderedDict()
        self._opened: OrderedDict[bytes, Who] = OrderedDict()

    def listing(self, lab: str, whole: bool) -> Listing:
        """Return a lab's people as they are now: by name, or as the lab may see them."""
        place = (lab, whole)
        count = self._house.ask(lambda c: c.execute(_COUNT, {"lab": lab}).scalar())
        with self._lock:
            kept = self._labs.get(place)
            if kept is not None and kept.count == count:
                self._labs.move_to_end(place)
                return kept
        # Read on one state, so that the count is that of the rows.
        count, rows = self._house.look(
            lambda c: (c.execute(_COUNT, {"lab": lab}).scalar() or 0,
                       c.execute(_READ, {"lab": lab}).all())
        )  # fmt: skip
        people = [m if whole else seen(m) for m in map(self._member, rows)]
        made = Listing(count, {m.id: m for m in people})
        with self._lock:
            self._labs[place] = made
            while len(self._labs) > _LABS:
                self._labs.popitem(last=False)
            while len(self._opened) > _BOXES:
                self._opened.popitem(last=False)
        return made

    def _member(self, row: sa.Row[Any]) -> Member:
        account, box = str(row.account), None if row.who is None else bytes(row.who)
        who = self._opened.get(box) if box else None
        if who is None:
            who = opened_who(self._house.keyring, account, box)
            if box:
                self._opened[box] = who
        return Member(account, who.name, who.email, row.role, row.pseudonym, row.joined_ns)


def seen(member: Member) -> Member:
    """Return a member as their lab sees them: who works for it is a pseudonym."""
    if member.role in NAMED:
        return member
    return msgspec.structs.replace(member, account="", name="", email="")
