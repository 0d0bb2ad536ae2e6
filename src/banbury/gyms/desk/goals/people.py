"""Parts about contacts and answers: recorded, answered."""

from __future__ import annotations

from collections.abc import Iterator

from banbury.gyms.desk.changes import NEW, Change
from banbury.gyms.desk.goals.part import Part, plain
from banbury.gyms.desk.world import Contact, World


class Recorded(Part, frozen=True):
    """A contact has these values.

    Attributes:
        fields: names and values; telephone numbers are compared by their digits.
        contact: the contact that is to change, "" for a new one.
    """

    fields: dict[str, str]
    contact: str = ""

    def missing(self, start: World, end: World) -> str:
        """Name the fields that differ."""
        found = self._found(start, end)
        if found is None:
            return f"there is no contact {self.contact or self.fields['email']}"
        wrong = [f for f in self.fields if not self._same(found, f)]
        return f"contact {found.id} has another {', '.join(wrong)}" if wrong else ""

    def explains(self, start: World, end: World) -> Iterator[Change]:
        """Explain the right fields, or a new contact in which all are right."""
        found = self._found(start, end)
        if found is None:
            return
        right = [f for f in self.fields if self._same(found, f)]
        if self.contact:
            yield from (("contacts", found.id, field) for field in right)
        elif len(right) == len(self.fields):
            yield "contacts", found.id, NEW

    def _found(self, start: World, end: World) -> Contact | None:
        if self.contact:
            return end.contacts.get(self.contact)
        new = (c for id, c in end.contacts.items() if id not in start.contacts)
        return next((c for c in new if c.email == self.fields["email"]), None)

    def _same(self, contact: Contact, field: str) -> bool:
        said, want = getattr(contact, field), self.fields[field]
        if field == "phone":
            return [c for c in said if c.isdigit()] == [c for c in want if c.isdigit()]
        return plain(said).strip() == plain(want)


class Answered(Part, frozen=True):
    """The end was declared with this answer; case and a full stop do not matter."""

    answer: str

    def missing(self, start: World, end: World) -> str:
        """Say that it was not."""
        said = plain(end.answer).strip().removesuffix(".").strip()
        return "" if said == plain(self.answer) else "the answer is not the right one"

    def explains(self, start: World, end: World) -> Iterator[Change]:
        """Explain nothing: an answer changes nothing."""
        return iter(())
