"""Bodies of rows that only their person's key opens."""

from __future__ import annotations

from banbury.store import House
from banbury.store.personal import person_key


def sealed(house: House, account: str, of: str, data: bytes) -> bytes:
    """Return data under a person's key, bound to what it is of.

    Raises:
        Erased: the person was erased.
    """
    house.keyring.make(person_key(account))
    return house.keyring.seal(person_key(account), data, of.encode())


def opened(house: House, account: str, of: str, box: bytes) -> bytes:
    """Return what was sealed.

    Raises:
        Erased: the person was erased.
        CorruptBlob: these are other bytes.
    """
    return house.keyring.open(person_key(account), bytes(box), of.encode())
