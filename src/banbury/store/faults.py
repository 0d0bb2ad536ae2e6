"""What PostgreSQL says, in Banbury's own errors."""

from __future__ import annotations

import psycopg

from banbury.errors import (
    BanburyError,
    InputError,
    Reserved,
    Sealed,
    StoreError,
    StoreFull,
    StoreUnavailable,
    Unkept,
)

_AGAIN = {"40001", "40P01"}
_ENDED = ("08", "57P", "25P03", "25P04")
"""The connection is gone: lost, shut down, or ended for having been idle in a transaction."""
_TIMEOUTS = {"57014": "statement_timeout", "55P03": "lock_timeout"}


def lost(error: psycopg.Error) -> bool:
    """Say whether the connection is gone, so that the work may be done again on another."""
    state = error.sqlstate or ""
    if state.startswith(_ENDED):
        return True
    said = isinstance(error, psycopg.OperationalError | psycopg.InterfaceError)
    return said and not state


def again(error: psycopg.Error) -> bool:
    """Say whether the database asks to run the transaction again (deadlock, serialisation)."""
    return error.sqlstate in _AGAIN


def translated(error: psycopg.Error, where: str) -> BanburyError:
    """Return the error of ours that says what this one means."""
    state = error.sqlstate or ""
    said = error.diag.message_primary or " ".join(str(error).split())
    detail = error.diag.message_detail or ""
    if state == "BB001":
        return Reserved(
            said, where=f"task {detail}", do="draw other tasks: a reserved one only measures"
        )
    if state == "BB002":
        return Sealed(said, where=f"episode {detail}", do="fork it: lab.fork(id, at_step)")
    if state == "BB003":
        return InputError(said, where=f"task {detail}", do="a split is given once")
    if state == "53100" or "No space left" in said or "File too large" in said:
        return StoreFull(
            "no space is left for the store",
            where=where,
            do="free some space and run again; nothing was half-written",
        )
    if state in ("25006", "58030") and "ead-only" in said:
        return StoreFull(f"the database cannot be written: {said}", where=where)
    if state in _TIMEOUTS:
        return StoreUnavailable(
            f"the database gave up: {said}",
            where=where,
            do=f"raise {_TIMEOUTS[state]} of this role, or ask for less at once",
        )
    if lost(error) or state in ("53300", "28000", "28P01", "3D000", "42501"):
        return StoreUnavailable(
            f"the database does not answer, or refuses this role: {said}",
            where=where,
            do="see that it runs and that BANBURY_URL is right",
        )
    if state == "54000":  # a row is too long for an index
        return InputError("the store refuses this: it is too long", where=where)
    if isinstance(error, psycopg.IntegrityError | psycopg.DataError):
        return Unkept(f"the store refuses this: {said}", where=detail or where)
    return StoreError(f"the database failed: {said}", where=where)
