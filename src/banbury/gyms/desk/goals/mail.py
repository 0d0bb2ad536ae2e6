"""Parts about mail: sent, told, filed."""

from __future__ import annotations

from collections.abc import Iterator

from banbury.gyms.desk.changes import NEW, Change
from banbury.gyms.desk.goals.part import Part, holds, plain
from banbury.gyms.desk.world import Mail, World


class Sent(Part, frozen=True):
    """One new mail to exactly these people.

    Attributes:
        to: addresses.
        says: texts that its subject or text must hold, as whole words.
        never: texts that it must not hold: secrets, and wrong answers told beside the right one.
        files: paths of exactly what is attached.
    """

    to: tuple[str, ...]
    says: tuple[str, ...] = ()
    never: tuple[str, ...] = ()
    files: tuple[str, ...] = ()

    def missing(self, start: World, end: World) -> str:
        """Look for the mail."""
        if self._found(start, end):
            return ""
        to = sorted(self.to)
        near = [m for m in sent(start, end) if sorted(m.to) == to]
        what = f"the mail to {', '.join(to)}"
        if not near:
            return f"{what} was not sent"
        if not any(self._says(m) for m in near):
            return f"{what} does not say what it must, or more than it may"
        return f"{what} has not exactly the attachments {list(self.files)}"

    def explains(self, start: World, end: World) -> Iterator[Change]:
        """Explain one mail; each further one is a mail too many."""
        if found := self._found(start, end):
            yield "mails", found.id, NEW

    def _found(self, start: World, end: World) -> Mail | None:
        to, files = sorted(self.to), sorted(self.files)
        for mail in sent(start, end):
            if sorted(mail.to) == to and sorted(mail.files) == files and self._says(mail):
                return mail
        return None

    def _says(self, mail: Mail) -> bool:
        text = plain(f"{mail.subject}\n{mail.text}")
        return all(holds(text, w) for w in self.says) and not any(
            holds(text, w) for w in self.never
        )


class Told(Part, frozen=True):
    """Each of these people got a new mail that says it, in one mail to all or in several.

    Attributes:
        people: addresses; nobody else may get such a mail.
        says: texts that the mail must hold, as whole words.
    """

    people: tuple[str, ...]
    says: tuple[str, ...]

    def missing(self, start: World, end: World) -> str:
        """Name those who got no such mail."""
        told = {one for mail in self._mails(start, end) for one in mail.to}
        left = [one for one in self.people if one not in told]
        return f"{', '.join(left)} got no mail that says {', '.join(self.says)}" if left else ""

    def explains(self, start: World, end: World) -> Iterator[Change]:
        """Explain one mail for each person."""
        told: set[str] = set()
        for mail in self._mails(start, end):
            if not told.issuperset(mail.to):
                told.update(mail.to)
                yield "mails", mail.id, NEW

    def _mails(self, start: World, end: World) -> Iterator[Mail]:
        for mail in sent(start, end):
            if mail.files or not set(mail.to) <= set(self.people):
                continue
            text = plain(f"{mail.subject}\n{mail.text}")
            if all(holds(text, words) for words in self.says):
                yield mail


class Filed(Part, frozen=True):
    """These mails are in this folder."""

    mails: tuple[str, ...]
    folder: str

    def missing(self, start: World, end: World) -> str:
        """Name the mails that are not."""
        left = [id for id in self.mails if id not in self._there(end)]
        return f"{', '.join(left)} not in {self.folder}" if left else ""

    def explains(self, start: World, end: World) -> Iterator[Change]:
        """Explain the moves of those that are."""
        return (("mails", id, "folder") for id in self._there(end))

    def _there(self, end: World) -> list[str]:
        return [i for i in self.mails if i in end.mails and end.mails[i].folder == self.folder]


def sent(start: World, end: World) -> list[Mail]:
    """Return the mails that were sent since the start, in their order."""
    return [m for id, m in end.mails.items() if id not in start.mails and m.sender == end.me]
