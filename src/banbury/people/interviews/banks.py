"""Banks of items: those that come with Banbury, and those that an operator or a lab added."""

from __future__ import annotations

import mimetypes
from pathlib import Path

import msgspec
import sqlalchemy as sa

from banbury import clock
from banbury.episode import new_id
from banbury.errors import InputError, UnknownName
from banbury.gyms.interview import bank as shipped
from banbury.gyms.interview.bank import Bank, Item
from banbury.gyms.interview.putting import BLOB
from banbury.people.interviews.room import house_lab
from banbury.people.prediction.items import Items
from banbury.store import House, Lab

MEDIA = 20 << 20
"""Bytes of one image, sound or video of an item."""
LEAST = 12
"""Items below which three tries could share none."""
_KINDS = ("image/", "audio/", "video/")
_ROWS = "SELECT id, skill, lab, body, made_ns FROM item_bank WHERE ended_ns IS NULL ORDER BY skill"


class Held(msgspec.Struct, frozen=True):
    """A bank, and who may be asked from it.

    Attributes:
        bank: with its keys.
        lab: whose it is: only its members are asked from it; "" where everybody is.
        lives: the lab in which its interviews are kept.
        private: whether it was added to this machine.
    """

    bank: Bank
    lab: str
    lives: str
    private: bool


class Banks:
    """The banks of a house."""

    def __init__(self, house: House) -> None:
        self._house = house

    def all(self) -> dict[str, Held]:
        """Return every bank by its skill as it is asked now; see `Items.current`."""
        items = Items(self._house)
        return {
            skill: msgspec.structs.replace(held, bank=items.current(held.bank))
            for skill, held in self.authored().items()
        }

    def authored(self) -> dict[str, Held]:
        """Return every bank by its skill as its authors wrote it."""
        home = house_lab()
        found = {s: Held(bank, "", home, False) for s, bank in shipped.banks().items()}
        for row in self._house.run(lambda c: c.execute(sa.text(_ROWS)).all()):
            bank = msgspec.json.decode(row.body, type=Bank)
            found[row.skill] = Held(bank, row.lab, row.lab or home, True)
        return found

    def get(self, skill: str) -> Held:
        """Return the bank of a skill.

        Raises:
            UnknownName: there is none.
        """
        known = self.all()
        if skill not in known:
            raise UnknownName("skill", skill, known, where="interviews")
        return known[skill]

    def add(self, path: Path, lab: str = "", by: str = "") -> Held:
        """Keep the bank of a file, for a lab or, by the operator, for everybody.

        A bank of the same owner and skill takes the place of the one before; interviews that began
        with that one stay as they were.

        Raises:
            InputError: the file cannot be used, or the skill has a bank of somebody else's.
        """
        bank = checked(path)
        lives = self._house.lab(lab, create=False) if lab else self._house.lab(house_lab())
        kept = with_media(bank, path.parent, lives)

        def work(c: sa.Connection) -> None:
            lock = "SELECT lab FROM item_bank WHERE skill = :s AND ended_ns IS NULL FOR UPDATE"
            there = c.execute(sa.text(lock), {"s": kept.skill}).one_or_none()
            if kept.skill in shipped.banks() or (there is not None and there.lab != lab):
                raise InputError(
                    f"the skill {kept.skill!r} has a bank of another owner",
                    where=path.name,
                    do="give yours a skill of its own",
                )
            ends = "UPDATE item_bank SET ended_ns = :t WHERE skill = :s AND ended_ns IS NULL"
            c.execute(sa.text(ends), {"s": kept.skill, "t": clock.wall_ns()})
            row = {
                "id": new_id(), "s": kept.skill, "lab": lab, "hash": kept.hash, "by": by,
                "body": msgspec.json.encode(kept), "t": clock.wall_ns(),
            }  # fmt: skip
            new = (
                "INSERT INTO item_bank (id, skill, lab, hash, body, made_by, made_ns) "
                "VALUES (:id, :s, :lab, :hash, :body, :by, :t)"
            )
            c.execute(sa.text(new), row)

        self._house.run(work)
        return Held(kept, lab, lives.name, True)

    def remove(self, skill: str, lab: str = "") -> None:
        """Ask nobody from a bank any more; what was asked from it stays.

        Raises:
            UnknownName: this owner has no such bank.
        """
        query = sa.text(
            "UPDATE item_bank SET ended_ns = :t WHERE skill = :s AND lab = :lab "
            "AND ended_ns IS NULL"
        )
        given = {"t": clock.wall_ns(), "s": skill, "lab": lab}
        if not self._house.run(lambda c: c.execute(query, given).rowcount):
            mine = [s for s, held in self.all().items() if held.private and held.lab == lab]
            raise UnknownName("bank", skill, mine)


def checked(path: Path) -> Bank:
    """Return the bank of a file, if interviews can be made of it.

    Raises:
        InputError: it cannot be read, is too small, or names a file that is no picture, sound or
            video.
    """
    bank = shipped.read(path)
    opened = sum(item.kind == "open" for item in bank.items)
    if len(bank.items) - opened < LEAST or opened < 3:
        raise InputError(
            f"{len(bank.items) - opened} items that can be checked and {opened} open ones",
            where=path.name,
            do=f"write at least {LEAST} and 3: the tries share none",
        )
    wrong = [f"{i.id}: {said}" for i in bank.items if (said := _wrong(i, path.parent))]
    if wrong:
        raise InputError(f"an item bank cannot be used: {'; '.join(wrong)}", where=path.name)
    return bank


def with_media(bank: Bank, folder: Path, lab: Lab) -> Bank:
    """Return a bank whose files are blobs of a lab."""

    def kept(item: Item) -> Item:
        if not item.media:
            return item
        blob = lab.blobs.put((folder / item.media).read_bytes(), _type(item.media))
        named = f"{BLOB}:{blob.sha256}:{blob.size}:{blob.media}"
        return msgspec.structs.replace(item, media=named)

    return msgspec.structs.replace(bank, items=tuple(kept(i) for i in bank.items))


def _wrong(item: Item, folder: Path) -> str:
    if not -6 <= item.difficulty <= 6 or not 0.1 <= item.discrimination <= 4:
        return "difficulty lies in [-6, 6] and discrimination in [0.1, 4]"
    if not item.media:
        return ""
    place = (folder / item.media).resolve()
    if folder.resolve() not in place.parents or not place.is_file():
        return f"there is no file {item.media[:80]!r} beside the bank"
    if not _type(item.media).startswith(_KINDS) or place.stat().st_size > MEDIA:
        return f"{item.media[:80]!r} is no image, sound or video of at most {MEDIA >> 20} MB"
    return ""


def _type(name: str) -> str:
    return mimetypes.guess_type(name)[0] or ""
