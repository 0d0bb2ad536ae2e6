"""The address book tools."""

from __future__ import annotations

from msgspec.structs import replace

from banbury.gyms.desk import actions as do
from banbury.gyms.desk.refusal import Refused, addresses, line, plural
from banbury.gyms.desk.world import Contact, World


def find_contacts(world: World, action: do.FindContacts) -> str:
    """Return the contacts in which all words occur, as lines."""
    words = line(action.words, "search").casefold().split()
    found = [c for c in world.contacts.values() if all(w in _searched(c) for w in words)]
    head = f"{plural(len(found), 'contact')} found{':' if found else '.'}"
    return "\n".join([head, *map(_row, sorted(found, key=lambda c: (c.name, c.id)))])


def add_contact(world: World, action: do.AddContact) -> str:
    """Put a new person into the address book."""
    (email,) = addresses([action.email])
    for known in world.contacts.values():
        if known.email == email:
            raise Refused(f"{email} is in the address book already, as {known.id}")
    # Ids that a world starts with have three digits, so these never meet them.
    id = f"p{sum(len(i) < 4 for i in world.contacts) + 1}"
    fields = (action.phone, action.firm, action.role)
    kept = [line(text, "field") if text else "" for text in fields]
    world.contacts[id] = Contact(id, line(action.name, "name"), email, *kept)
    return f"{_row(world.contacts[id])}\nThis is in the address book now."


def update_contact(world: World, action: do.UpdateContact) -> str:
    """Change a contact."""
    contact = world.contacts.get(action.contact)
    if contact is None:
        raise Refused(f"there is no contact {action.contact[:80]!r}; see find_contacts")
    given = {f: getattr(action, f) for f in ("name", "phone", "firm", "role")}
    fields = {name: line(text, name) for name, text in given.items() if text}
    if action.email:
        (fields["email"],) = addresses([action.email])
    if not fields:
        raise Refused("nothing was given that is to change")
    world.contacts[contact.id] = replace(contact, **fields)
    return f"{_row(world.contacts[contact.id])}\nThis is how it stands in the address book now."


def _searched(contact: Contact) -> str:
    return " ".join(
        (contact.name, contact.email, contact.phone, contact.firm, contact.role)
    ).casefold()


def _row(contact: Contact) -> str:
    told = (contact.name, contact.email, contact.phone, contact.firm, contact.role)
    return " | ".join((contact.id, *(t or "-" for t in told)))
