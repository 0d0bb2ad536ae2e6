"""Link: a code that works once, and its row."""

from __future__ import annotations

from typing import Any, Literal

import msgspec
import sqlalchemy as sa

from banbury import clock
from banbury.accounts import people
from banbury.accounts.codes import hashed, new_code
from banbury.episode.ids import new_id
from banbury.store.keyring import Keyring
from banbury.store.personal import link_key, opened_who

Kind = Literal["first", "invite", "reset"]
_HOUR_NS = 3600 * 10**9
COLUMNS = (
    "l.hash, l.id, l.kind, l.lab, l.role, l.email_box, l.account, l.made_by, l.created_ns, "
    "l.expires_ns, a.who"
)
FROM = "link l LEFT JOIN account a ON a.id = l.account AND l.kind = 'invite'"
_ADD = sa.text(
    "INSERT INTO link (hash, id, kind, lab, role, email_hash, email_box, account, made_by, "
    "created_ns, expires_ns) VALUES (:hash, :id, :kind, :lab, :role, :email_hash, :email_box, "
    ":account, :made_by, :created_ns, :expires_ns)"
)
_END = sa.text("UPDATE link SET ended_ns = :now, used_by = :by WHERE hash = :hash")


class Link(msgspec.Struct, frozen=True):
    """A link that still works.

    Attributes:
        id: UUIDv7; not the code.
        kind: what it is good for.
        lab: the lab of an invitation, else "".
        role: what one becomes there.
        email: the only address that may use it, "" for any.
        account: whose password it sets anew, or who invites; "" for the machine itself.
        made_by: name of who made it.
        created_ns: when.
        expires_ns: until when it works.
    """

    id: str
    kind: Kind
    lab: str
    role: str
    email: str
    account: str
    made_by: str
    created_ns: int
    expires_ns: int


class Made(msgspec.Struct, frozen=True):
    """A new link, with its path; the code in it is stored nowhere and shown this once."""

    link: Link
    path: str


def make(
    connection: sa.Connection, keys: Keyring, kind: Kind, path: str, hours: int, **named: str | None
) -> Made:
    """Keep a new link, and return it with its path; `named` are parts of its row."""
    code, now = new_code(), clock.wall_ns()
    row = {
        "id": new_id(),
        "kind": kind,
        "lab": None,
        "role": "",
        "email": "",
        "account": None,
        "made_by": "",
        "created_ns": now,
        "expires_ns": now + hours * _HOUR_NS,
        **named,
    }
    boxes: dict[str, object] = {"email_hash": None, "email_box": None}
    if row["email"]:
        # Whoever is invited has no account yet, and so the invitation a key of its own.
        id, address = str(row["id"]), str(row["email"])
        keys.make(link_key(id))
        boxes["email_hash"] = keys.blind(people.email_word(address))
        boxes["email_box"] = keys.seal(link_key(id), address.encode(), b"link.email")
    # The name of who invites stands in their account; the machine itself has none.
    kept = {**row, "made_by": "" if row["account"] and kind == "invite" else row["made_by"]}
    connection.execute(_ADD, {"hash": hashed(code), **kept, **boxes})
    filled = {**row, "lab": row["lab"] or "", "account": row["account"] or ""}
    return Made(msgspec.convert(filled, Link), path + code)


def opened(connection: sa.Connection, keys: Keyring, kind: Kind, code: str) -> Link | None:
    """Return a link that works, held for this transaction; end one whose time is over for good."""
    query = sa.text(
        f"SELECT {COLUMNS} FROM {FROM} WHERE l.hash = :hash AND l.kind = :kind "
        "AND l.ended_ns IS NULL FOR UPDATE OF l"
    )
    row = connection.execute(query, {"hash": hashed(code), "kind": kind}).one_or_none()
    if row is None:
        return None
    if row.expires_ns <= clock.wall_ns():
        end(connection, row.hash, None)
        return None
    return of_row(row, keys)


def of_row(row: sa.Row[Any], keys: Keyring) -> Link:
    """Return a row of `COLUMNS` as a link."""
    id, account = str(row.id), str(row.account or "")
    box = row.email_box
    email = keys.open(link_key(id), bytes(box), b"link.email").decode() if box else ""
    made_by = opened_who(keys, account, row.who).name if row.who else row.made_by
    return Link(
        id,
        row.kind,
        row.lab or "",
        row.role,
        email,
        account,
        made_by,
        row.created_ns,
        row.expires_ns,
    )


def end(connection: sa.Connection, hash: bytes, by: str | None) -> None:
    """Let a link work no more, used by this account, or by nobody."""
    connection.execute(_END, {"hash": hash, "now": clock.wall_ns(), "by": by})
