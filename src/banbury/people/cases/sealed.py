"""Bodies of rows that only their person's key opens."""

from __future__ import annotations

from banbury.store import House


def key_of(account: str) -> str:
    """Return the name of a person's key in the house."""
    return f"person:{account}"


def sealed(house: House, account: str, of: str, data: bytes) -> bytes:
    """Return data under a person's key, bound to what it is of.

    Raises:
        Erased: the person was erased.
    """
    house.keyring.make(key_of(account))
    return house.keyring.seal(key_of(account), data, of.encode())


def opened(house: House, account: str, of: str, box: bytes) -> bytes:
    """Return what was sealed.

    Raises:
        Erased: the person was erased.
        CorruptBlob: these are other bytes.
    """
    return house.keyring.open(key_of(account), bytes(box), of.encode())
