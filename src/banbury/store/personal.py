"""Personal: what the house keeps of a person, in boxes under that person's own key.

What names nobody stays plain beside them: ids, times, roles, numbers. With the key gone nothing of
a person can be read, here or in a copy of the database.
"""

from __future__ import annotations

import msgspec

from banbury.errors import Erased
from banbury.store.keyring import Keyring


class Who(msgspec.Struct, frozen=True, array_like=True):
    """Who a person is.

    Attributes:
        email: in lower case, "" for somebody who was erased.
        name: as the person writes it.
    """

    email: str
    name: str


ERASED = Who("", "erased")
"""Who somebody is whose account was erased."""
_who = msgspec.json.Decoder(Who).decode


def person_key(account: str) -> str:
    """Return the id of the key of what the house knows of a person."""
    return f"person:{account}"


def link_key(id: str) -> str:
    """Return the id of the key of an invitation's address, whose person has no account yet."""
    return f"link:{id}"


def sealed_who(keys: Keyring, account: str, who: Who) -> bytes:
    """Return the box of an account's address and name.

    Raises:
        Erased: the person was erased.
    """
    return keys.seal(person_key(account), msgspec.json.encode(who), b"account.who")


def opened_who(keys: Keyring, account: str, box: bytes | None) -> Who:
    """Return what the box of an account holds, `ERASED` where box or key is no more.

    Raises:
        CorruptBlob: the key is not in the keyring, and was not destroyed.
    """
    if box is None:
        return ERASED
    try:
        return _who(keys.open(person_key(account), bytes(box), b"account.who"))
    except Erased:
        return ERASED


def sealed_text(keys: Keyring, account: str, text: str, place: str) -> bytes:
    """Return the box of a person's words; `place` is table and column, `session.agent`."""
    return keys.seal(person_key(account), text.encode("utf-8", "surrogatepass"), place.encode())


def opened_text(keys: Keyring, account: str, box: bytes | None, place: str) -> str:
    """Return the words in a box, "" where box or key is no more.

    Raises:
        CorruptBlob: the key is not in the keyring, or the box stood elsewhere.
    """
    if box is None:
        return ""
    try:
        found = keys.open(person_key(account), bytes(box), place.encode())
    except Erased:
        return ""
    return found.decode("utf-8", "surrogatepass")
